package dev.koalja.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.show.TraceTree;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code koalja trace}. */
@Command(
    name = "trace",
    description = "Show what made an event, back to where it came from, and what came of it.",
    footer = {"", "Example:", "  koalja trace 01J8…7QK3M"})
final class TraceCommand implements Runnable {
  @Mixin Shared shared = new Shared();

  @Parameters(
      paramLabel = "ID",
      description = "The event's id: whole, its beginning or its end, or as a terminal shows it.")
  String id = "";

  @Option(names = "--source", description = "The event's source, where ids are not unique.")
  @Nullable String source;

  @Override
  public void run() {
    try (ControlClient control = shared.control()) {
      String query = source == null ? "" : "?source=" + ControlClient.encode(source);
      JsonNode trace = control.get("/api/trace/" + ControlClient.encode(id) + query);
      if (shared.json) {
        shared.print(trace);
      } else {
        TraceTree.lines(shared.screen(), trace).forEach(shared.screen()::line);
      }
    }
  }
}
