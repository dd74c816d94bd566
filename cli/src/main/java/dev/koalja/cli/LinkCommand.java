package dev.koalja.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.show.Table;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code koalja link}. */
@Command(
    name = "link",
    description = "Links: the wires of the circuit.",
    subcommands = {LinkCommand.ListCommand.class, TailCommand.class},
    footer = {"", "Example:", "  koalja link list"})
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
}
