package dev.koalja.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.control.LinkReference;
import dev.koalja.cli.show.EventLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code koalja tail}, also as {@code koalja link tail}. */
@Command(
    name = "tail",
    description = "Show the events of a link, and those that come.",
    footer = {
      "",
      "Examples:",
      "  koalja tail priced",
      "  koalja tail priced --from-start --no-follow --json"
    })
final class TailCommand implements Runnable {
  @Mixin Shared shared = new Shared();

  @Parameters(paramLabel = "LINK", description = "The link, or pipeline/link.")
  String link = "";

  @Option(
      names = {"-n", "--last"},
      paramLabel = "N",
      defaultValue = "10",
      description = "How many of the last events to begin with (${DEFAULT-VALUE}).")
  int last;

  @Option(names = "--from-start", description = "Begin with the first event that is kept.")
  boolean fromStart;

  @Option(names = "--no-follow", description = "Show what is there and end.")
  boolean noFollow;

  @Override
  public void run() {
    try (ControlClient control = shared.control()) {
      LinkReference found = LinkReference.find(control, link);
      EventLine line = new EventLine(shared.screen());
      String path =
          "/api/pipelines/%s/links/%s/events?follow=%s&%s"
              .formatted(
                  found.pipeline(),
                  found.link(),
                  !noFollow,
                  fromStart ? "from=earliest" : "last=" + last);
      control.follow(path, event -> show(line, event));
    }
  }

  private boolean show(EventLine line, JsonNode event) {
    shared.screen().line(shared.json ? event.toString() : line.of(event));
    return true;
  }
}
