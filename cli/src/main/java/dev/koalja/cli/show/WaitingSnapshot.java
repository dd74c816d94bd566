package dev.koalja.cli.show;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A snapshot that was not fired yet, in words.
 *
 * @param json as {@code /router/snapshots} gives it
 */
public record WaitingSnapshot(JsonNode json) {

  /** Whether it misses an input; else only its time has to come. */
  public boolean incomplete() {
    return !json.path("missing").isEmpty();
  }

  /** Whether it is one of this task. */
  public boolean isOf(String pipeline, String task) {
    return json.path("pipeline").asText().equals(pipeline)
        && json.path("task").asText().equals(task);
  }

  /** The key and, with windows of time, when the window begins. */
  public String key() {
    String key = json.path("key").asText("");
    String window =
        json.hasNonNull("windowStart")
            ? "from " + Words.time(Instant.parse(json.path("windowStart").asText()))
            : "";
    String both = (key + " " + window).strip();
    return both.isEmpty() ? "–" : both;
  }

  /** What is there: {@code priced 01J8…A, last 7 of 100}. */
  public String has(ShortIds ids) {
    List<String> has = new ArrayList<>();
    for (JsonNode input : json.path("inputs")) {
      long have = input.path("have").asLong();
      String name = input.path("input").asText();
      if (have == 0) {
        continue;
      }
      String id = input.path("oldest").path(0).path("id").asText("");
      has.add(
          input.path("of").asLong() > 1
              ? "%s %d of %d".formatted(name, have, input.path("of").asLong())
              : "%s %s%s"
                  .formatted(
                      name, ids.show(id), have > 1 ? " and %d more".formatted(have - 1) : ""));
    }
    return has.isEmpty() ? "–" : String.join(", ", has);
  }

  /** The inputs that have too few; when none, when it fires. */
  public String missing() {
    List<String> missing = new ArrayList<>();
    json.path("missing").forEach(each -> missing.add(each.asText()));
    return missing.isEmpty() ? "only time" : String.join(", ", missing);
  }

  /** For how long it has waited. */
  public String since(Instant now) {
    return time("since").map(since -> Words.duration(between(since, now))).orElse("–");
  }

  /** When it waits no longer: {@code in 55 m 0 s}. */
  public String givesUp(Instant now) {
    return time("givesUp").map(end -> "in " + Words.duration(between(now, end))).orElse("never");
  }

  /** All of it in one line. */
  public String sentence(ShortIds ids, Instant now) {
    StringBuilder text = new StringBuilder("has ").append(has(ids));
    if (incomplete()) {
      text.append(", misses ").append(missing());
    }
    if (!json.path("key").asText("").isEmpty()) {
      text.append(" for key ").append(json.path("key").asText());
    }
    text.append(", ").append(since(now));
    time("notBefore")
        .ifPresent(next -> text.append(", fires in ").append(Words.duration(between(now, next))));
    time("givesUp")
        .ifPresent(end -> text.append(", gives up in ").append(Words.duration(between(now, end))));
    return text.toString();
  }

  private Optional<Instant> time(String field) {
    return json.hasNonNull(field)
        ? Optional.of(Instant.parse(json.path(field).asText()))
        : Optional.empty();
  }

  private static Duration between(Instant from, Instant to) {
    Duration between = Duration.between(from, to);
    return between.isNegative() ? Duration.ZERO : between;
  }

  /** The ids of all events that are shown. */
  public List<String> ids() {
    List<String> ids = new ArrayList<>();
    json.path("inputs")
        .forEach(input -> input.path("oldest").forEach(each -> ids.add(each.path("id").asText())));
    return ids;
  }
}
