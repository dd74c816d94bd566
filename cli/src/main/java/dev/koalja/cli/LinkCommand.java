package dev.koalja.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.control.LinkReference;
import dev.koalja.cli.control.RunningPipelines;
import dev.koalja.cli.show.LinkDescription;
import dev.koalja.cli.show.Table;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code koalja link}. */
@Command(
    name = "link",
    description = "Links: the wires of the circuit.",
    subcommands = {
      LinkCommand.ListCommand.class,
      LinkCommand.DescribeCommand.class,
      TailCommand.class
    },
    footer = {"", "Examples:", "  koalja link list", "  koalja link describe priced"})
final class LinkCommand extends Group {
  /** {@code koalja link list}. */
  @Command(
      name = "list",
      description = "Show all links, what writes and what reads them.",
      footer = {"", "Example:", "  koalja link list --json"})
  static final class ListCommand implements Runnable {
    @Mixin Shared shared = new Shared();

    @Override
    public void run() {
      try (ControlClient control = shared.control()) {
        JsonNode links = control.get("/api/links");
        if (shared.json) {
          shared.print(links);
          return;
        }
        Table table = new Table("PIPELINE", "LINK", "EVENTS", "WRITERS", "READERS", "TOPIC");
        for (JsonNode link : links) {
          table.row(
              link.path("pipeline").asText(),
              link.path("link").asText(),
              link.path("events").asText("–"),
              words(link.path("writers")),
              words(link.path("readers")),
              link.path("topic").asText());
        }
        table.print(shared.screen());
      }
    }

    private static String words(JsonNode list) {
      List<String> words = new ArrayList<>();
      list.forEach(each -> words.add(each.asText()));
      return words.isEmpty() ? "–" : String.join(", ", words);
    }
  }

  /** {@code koalja link describe}. */
  @Command(
      name = "describe",
      description = "Show who writes and reads a link, and what its data looks like to each.",
      footer = {
        "",
        "Examples:",
        "  koalja link describe priced",
        "  koalja link describe shop/priced --json"
      })
  static final class DescribeCommand implements Runnable {
    @Mixin Shared shared = new Shared();

    @Parameters(paramLabel = "LINK", description = "The link, or pipeline/link.")
    String link = "";

    @Override
    public void run() {
      try (ControlClient control = shared.control()) {
        LinkReference found = LinkReference.find(control, link);
        LinkDescription description =
            RunningPipelines.all(control).stream()
                .filter(pipeline -> pipeline.name().value().equals(found.pipeline()))
                .flatMap(
                    pipeline ->
                        pipeline.link(found.link()).stream()
                            .map(each -> new LinkDescription(pipeline, each)))
                .findFirst()
                .orElseThrow(() -> CliException.usage("link " + found + " has just gone"));
        if (shared.json) {
          shared.print(description.json());
        } else {
          description.lines().forEach(shared.screen()::line);
        }
      }
    }
  }
}
