package dev.koalja.cli.show;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.show.Explanation.Outcome;
import dev.koalja.cli.show.Explanation.RouterView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What became of an event at every reader, as lines; what was made of it follows. */
public final class ExplainText {
  private static final int MOST_MADE = 3;

  private final Screen screen;
  private final ShortIds ids;
  private final RouterView router;
  private final Instant now;

  private ExplainText(Screen screen, ShortIds ids, RouterView router, Instant now) {
    this.screen = screen;
    this.ids = ids;
    this.router = router;
    this.now = now;
  }

  /** The lines of an answer of {@code /api/explain}. */
  public static List<String> lines(Screen screen, JsonNode answer, RouterView router, Instant now) {
    List<String> known = new ArrayList<>();
    answer.findValues("id").forEach(id -> known.add(id.asText()));
    router.snapshots().findValues("id").forEach(id -> known.add(id.asText()));
    ExplainText text = new ExplainText(screen, ShortIds.of(screen, known), router, now);
    List<String> lines = new ArrayList<>(text.event(answer));
    for (JsonNode each : answer.path("followed")) {
      // a result that nobody reads is named where it was made
      if (!each.path("readers").isEmpty()) {
        lines.addAll(text.event(each));
      }
    }
    if (answer.path("cut").asBoolean()) {
      lines.add(screen.dim("and more that came of it: koalja explain ID"));
    }
    return lines;
  }

  private List<String> event(JsonNode node) {
    JsonNode event = node.path("event");
    StringBuilder head = new StringBuilder();
    head.append(screen.bold(ids.show(event.path("id").asText("?"))));
    head.append(" on ").append(event.path("link").asText("?"));
    if (node.path("madeBy").isObject()) {
      head.append(", by ")
          .append(node.path("madeBy").path("task").asText())
          .append('@')
          .append(node.path("madeBy").path("revision").asText());
    } else {
      String origin = event.path("origin").asText("");
      head.append(", from ").append(origin.isEmpty() ? event.path("source").asText("?") : origin);
    }
    if (event.hasNonNull("time")) {
      head.append(", ").append(Words.time(Instant.parse(event.path("time").asText())));
    }
    Map<JsonNode, Explanation> explained = new LinkedHashMap<>();
    for (JsonNode reader : node.path("readers")) {
      explained.put(reader, Explanation.of(event, reader, router, ids, now));
    }
    int tasks = 0;
    int words = 0;
    for (Map.Entry<JsonNode, Explanation> each : explained.entrySet()) {
      tasks = Math.max(tasks, name(each.getKey(), explained).length());
      words = Math.max(words, each.getValue().outcome().word().length());
    }
    List<String> lines = new ArrayList<>();
    lines.add(head.toString());
    if (explained.isEmpty()) {
      lines.add("  no task reads it");
    }
    for (Map.Entry<JsonNode, Explanation> each : explained.entrySet()) {
      Explanation explanation = each.getValue();
      String name = name(each.getKey(), explained);
      String word = explanation.outcome().word();
      lines.add(
          ("  "
                  + name
                  + " ".repeat(tasks - name.length() + 2)
                  + coloured(explanation.outcome())
                  + " ".repeat(words - word.length() + 2)
                  + Words.clip(explanation.text(), 300)
                  + made(explanation.made()))
              .stripTrailing());
    }
    return lines;
  }

  /** The task; with its input when it reads the link by several. */
  private static String name(JsonNode reader, Map<JsonNode, Explanation> all) {
    String task = reader.path("task").asText();
    long inputs =
        all.keySet().stream()
            .filter(each -> each.path("task").equals(reader.path("task")))
            .map(each -> each.path("input").asText())
            .distinct()
            .count();
    return inputs > 1 ? task + "/" + reader.path("input").asText() : task;
  }

  private String coloured(Outcome outcome) {
    return switch (outcome) {
      case DELIVERED -> screen.green(outcome.word());
      case DEAD_LETTERED, QUARANTINED -> screen.red(outcome.word());
      case EXPIRED, RETRYING -> screen.yellow(outcome.word());
      case FILTERED, WAITING, QUEUED, UNKNOWN -> outcome.word();
    };
  }

  private String made(List<JsonNode> made) {
    StringBuilder text = new StringBuilder();
    for (JsonNode each : made.subList(0, Math.min(made.size(), MOST_MADE))) {
      text.append(text.isEmpty() ? "  " : ", ")
          .append(ids.show(each.path("id").asText()))
          .append(" on ")
          .append(each.path("link").asText());
    }
    return made.size() > MOST_MADE
        ? text + " and %d more".formatted(made.size() - MOST_MADE)
        : text.toString();
  }
}
