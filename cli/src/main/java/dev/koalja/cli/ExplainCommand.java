package dev.koalja.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.show.ExplainText;
import dev.koalja.cli.show.Explanation;
import dev.koalja.cli.show.Explanation.RouterView;
import dev.koalja.cli.show.ShortIds;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code koalja explain}. */
@Command(
    name = "explain",
    description =
        "Say what became of an event at every task that reads it: delivered, filtered, waiting, retrying, …",
    footer = {"", "Example:", "  koalja explain 01J8…7QK3M"})
final class ExplainCommand implements Runnable {
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
      JsonNode answer = control.get("/api/explain/" + ControlClient.encode(id) + query);
      RouterView router = router(control);
      Instant now = Instant.now();
      if (shared.json) {
        decide(answer, router, now);
        answer.path("followed").forEach(each -> decide(each, router, now));
        shared.print(answer);
      } else {
        ExplainText.lines(shared.screen(), answer, router, now).forEach(shared.screen()::line);
      }
    }
  }

  /** A gateway alone has no router beside it: then it is said what only a router knows. */
  private static RouterView router(ControlClient control) {
    try {
      return new RouterView(control.get("/router/snapshots"), control.get("/router/readers"), true);
    } catch (CliException _) {
      return RouterView.NONE;
    }
  }

  private void decide(JsonNode node, RouterView router, Instant now) {
    for (JsonNode reader : node.path("readers")) {
      Explanation explanation =
          Explanation.of(
              node.path("event"), reader, router, ShortIds.of(shared.screen(), List.of()), now);
      ((ObjectNode) reader)
          .put("outcome", explanation.outcome().word())
          .put("explanation", explanation.text());
    }
  }
}
