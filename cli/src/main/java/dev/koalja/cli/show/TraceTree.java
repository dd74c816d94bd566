package dev.koalja.cli.show;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What made a value, as a tree that grows from the value back to where it came from. */
public final class TraceTree {
  private final Screen screen;
  private final ShortIds ids;

  private TraceTree(Screen screen, ShortIds ids) {
    this.screen = screen;
    this.ids = ids;
  }

  /** The lines of an answer of {@code /api/trace}. */
  public static List<String> lines(Screen screen, JsonNode trace) {
    List<String> known = new ArrayList<>();
    trace.findValues("id").forEach(id -> known.add(id.asText()));
    TraceTree tree = new TraceTree(screen, ShortIds.of(screen, known));
    List<String> lines = new ArrayList<>(tree.event(trace, true));
    List<String> uses = new ArrayList<>();
    trace.path("consumedBy").forEach(invocation -> uses.add(tree.use(invocation)));
    if (!uses.isEmpty()) {
      lines.add("read by");
      uses.forEach(use -> lines.add("   " + use));
      if (trace.path("cut").asBoolean()) {
        lines.add(screen.dim("   and others: these are the first and the last"));
      }
    }
    return lines;
  }

  private List<String> event(JsonNode node, boolean top) {
    JsonNode event = node.path("event");
    StringBuilder head = new StringBuilder();
    head.append(event.path("link").asText("?")).append(' ');
    head.append(screen.bold(ids.show(event.path("id").asText("?"))));
    if (event.hasNonNull("key")) {
      head.append("  key ").append(event.path("key").asText());
    }
    if (top) {
      head.append("  ").append(Words.size(event.path("size").asLong()));
      if (event.hasNonNull("sha256")) {
        String digest = event.path("sha256").asText();
        head.append("  sha256 ").append(screen.terminal() ? Words.clip(digest, 9) : digest);
      }
    }
    JsonNode madeBy = node.path("madeBy");
    if (!madeBy.isObject()) {
      String origin = event.path("origin").asText("");
      head.append("  from ").append(origin.isEmpty() ? event.path("source").asText("?") : origin);
      if (event.hasNonNull("time")) {
        head.append(", ").append(Words.time(Instant.parse(event.path("time").asText())));
      }
      return List.of(head.toString());
    }
    List<String> lines = new ArrayList<>();
    lines.add(head.toString());
    lines.add("└─ " + invocation(madeBy));
    JsonNode inputs = madeBy.path("inputs");
    for (int i = 0; i < inputs.size(); i++) {
      boolean last = i == inputs.size() - 1;
      List<String> branch = input(inputs.get(i));
      for (int line = 0; line < branch.size(); line++) {
        String edge = line == 0 ? (last ? "└─ " : "├─ ") : last ? "   " : "│  ";
        lines.add("   " + edge + branch.get(line));
      }
    }
    return lines;
  }

  private List<String> input(JsonNode input) {
    JsonNode trace = input.path("trace");
    if (trace.isObject()) {
      return event(trace, false);
    }
    return List.of(
        "%s %s  from %s"
            .formatted(
                input.path("link").asText("?"),
                ids.show(input.path("id").asText("?")),
                input.path("source").asText("?")));
  }

  private String invocation(JsonNode record) {
    StringBuilder text = new StringBuilder();
    text.append(record.path("task").asText()).append('@').append(record.path("revision").asText());
    if (record.hasNonNull("codeRevision")) {
      text.append(" (").append(record.path("codeRevision").asText()).append(')');
    }
    text.append("  ").append(Words.time(Instant.parse(record.path("endedAt").asText())));
    text.append("  ")
        .append(Words.duration(Duration.parse(record.path("executed").asText("PT0S"))));
    int attempts = record.path("attempts").size();
    if (attempts > 0) {
      text.append(", attempt ").append(attempts);
    }
    if (record.hasNonNull("coldStart")) {
      text.append(", cold start ")
          .append(Words.duration(Duration.parse(record.path("coldStart").asText())));
    }
    if (record.hasNonNull("instance")) {
      text.append(", ").append(record.path("instance").asText());
    }
    return text.toString();
  }

  private String use(JsonNode record) {
    String ending =
        switch (record.path("outcome").asText()) {
          case "SUCCEEDED" -> made(record.path("outputs"));
          case "DEAD_LETTERED" ->
              screen.red("dead-lettered: " + record.path("error").path("cause").asText());
          case "QUARANTINED" ->
              screen.red("quarantined: " + record.path("error").path("cause").asText());
          case "FILTERED" -> "filtered: " + record.path("error").path("cause").asText();
          case "EXPIRED" ->
              screen.yellow("expired: " + record.path("error").path("cause").asText());
          default -> record.path("outcome").asText();
        };
    return invocation(record) + "  " + ending;
  }

  private String made(JsonNode outputs) {
    if (outputs.isEmpty()) {
      return "made nothing";
    }
    List<String> made = new ArrayList<>();
    for (JsonNode output : outputs) {
      if (made.size() == 5) {
        made.add("and " + (outputs.size() - 5) + " more");
        break;
      }
      made.add(output.path("link").asText() + " " + ids.show(output.path("id").asText()));
    }
    return "made " + String.join(", ", made);
  }
}
