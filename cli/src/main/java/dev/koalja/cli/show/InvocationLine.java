package dev.koalja.cli.show;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One invocation in one line: what went in, what came out, how long, and what went wrong. */
public final class InvocationLine {
  private final Screen screen;
  private final ShortIds ids;

  /** Lines for {@code screen}. */
  public InvocationLine(Screen screen) {
    this.screen = screen;
    this.ids = ShortIds.of(screen);
  }

  /** The line of an {@code InvocationRecord} as JSON. */
  public String of(JsonNode record) {
    StringBuilder line = new StringBuilder();
    line.append(screen.dim(Words.time(Instant.parse(record.path("endedAt").asText()))));
    line.append("  ").append(given(record.path("inputs")));
    line.append(" ─▶ ").append(screen.bold(record.path("task").asText()));
    line.append(ending(record));
    line.append("  ")
        .append(screen.dim(Words.duration(Duration.parse(record.path("executed").asText("PT0S")))));
    if (record.hasNonNull("coldStart")) {
      line.append("  ")
          .append(
              screen.yellow(
                  "(cold %s)"
                      .formatted(
                          Words.duration(Duration.parse(record.path("coldStart").asText())))));
    }
    return line.toString();
  }

  /** {@code priced 01J8…M, stock 01J8…Q}; of many only how many: {@code 100 shipment}. */
  private String given(JsonNode inputs) {
    Map<String, List<String>> perLink = new LinkedHashMap<>();
    for (JsonNode input : inputs) {
      String link = input.path("link").asText("");
      perLink
          .computeIfAbsent(
              link.isEmpty() ? input.path("input").asText("?") : link, _ -> new ArrayList<>())
          .add(input.path("id").asText(""));
    }
    if (perLink.isEmpty()) {
      return "?";
    }
    return perLink.entrySet().stream()
        .map(
            each ->
                each.getValue().size() > 1
                    ? each.getValue().size() + " " + each.getKey()
                    : (each.getKey() + " " + screen.dim(ids.show(each.getValue().getFirst())))
                        .strip())
        .collect(Collectors.joining(", "));
  }

  private String ending(JsonNode record) {
    String cause = record.path("error").path("cause").asText("");
    int attempts = record.path("attempts").size();
    String after = attempts > 1 ? " after " + attempts + " attempts" : "";
    return switch (record.path("outcome").asText()) {
      case "SUCCEEDED" -> made(record.path("outputs")) + after;
      case "DEAD_LETTERED" ->
          " " + screen.red("✗ dead letter" + after + ": " + Words.clip(cause, 200));
      case "QUARANTINED" -> " " + screen.red("✗ quarantined: " + Words.clip(cause, 200));
      case "FILTERED" -> " " + screen.dim("filtered: " + Words.clip(cause, 200));
      case "EXPIRED" -> " " + screen.yellow("expired: " + Words.clip(cause, 200));
      default -> " " + record.path("outcome").asText();
    };
  }

  private static String made(JsonNode outputs) {
    Map<String, Integer> perLink = new LinkedHashMap<>();
    outputs.forEach(output -> perLink.merge(output.path("link").asText(), 1, Integer::sum));
    if (perLink.isEmpty()) {
      return "";
    }
    return " ─▶ "
        + perLink.entrySet().stream()
            .map(each -> (each.getValue() == 1 ? "" : each.getValue() + " ") + each.getKey())
            .collect(Collectors.joining(", "));
  }
}
