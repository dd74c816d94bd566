package dev.koalja.cli.show;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What became of an event at one reader, decided from what gateway and router know.
 *
 * @param outcome one of a closed set
 * @param text why, or how far it got
 * @param made the events that came of it
 */
public record Explanation(Outcome outcome, String text, List<JsonNode> made) {
  public Explanation {
    made = List.copyOf(made);
  }

  /** What can become of an event at a reader. */
  public enum Outcome {
    /** The function ran, and its results stand on their links. */
    DELIVERED,
    /** A filter did not let it pass. */
    FILTERED,
    /** Its snapshot is not complete, or not due. */
    WAITING,
    /** It failed and is tried again. */
    RETRYING,
    /** It failed for good. */
    DEAD_LETTERED,
    /** No event could be read from the record. */
    QUARANTINED,
    /** It came too late, or waited for a snapshot in vain. */
    EXPIRED,
    /** Its turn has not come, or is not over. */
    QUEUED,
    /** Nobody knows (any more). */
    UNKNOWN;

    /** The word for people and JSON. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * What the router knows.
   *
   * @param snapshots {@code /router/snapshots}
   * @param readers {@code /router/readers}
   * @param answers whether it could be asked
   */
  public record RouterView(JsonNode snapshots, JsonNode readers, boolean answers) {
    /** A router that cannot be asked. */
    public static final RouterView NONE =
        new RouterView(MissingNode.getInstance(), MissingNode.getInstance(), false);

    private JsonNode reader(JsonNode reader, String input) {
      for (JsonNode each : readers) {
        if (each.path("pipeline").equals(reader.path("pipeline"))
            && each.path("task").equals(reader.path("task"))
            && each.path("input").asText().equals(input)) {
          return each;
        }
      }
      return MissingNode.getInstance();
    }
  }

  /**
   * Decides.
   *
   * @param event of {@code /api/explain}
   * @param reader one of its readers
   */
  public static Explanation of(
      JsonNode event, JsonNode reader, RouterView router, ShortIds ids, Instant now) {
    JsonNode invocations = reader.path("invocations");
    JsonNode last = invocations.path(invocations.size() - 1);
    if (last.isMissingNode()) {
      return pending(event, reader, router, ids, now);
    }
    String cause = last.path("error").path("cause").asText("");
    return switch (last.path("outcome").asText()) {
      case "SUCCEEDED" -> delivered(reader, last);
      case "FILTERED" -> explained(Outcome.FILTERED, cause);
      case "EXPIRED" -> explained(Outcome.EXPIRED, cause);
      case "QUARANTINED" -> explained(Outcome.QUARANTINED, cause);
      case "DEAD_LETTERED" -> dead(event, reader, last, router, ids, now);
      default -> explained(Outcome.UNKNOWN, last.path("outcome").asText());
    };
  }

  private static Explanation explained(Outcome outcome, String text) {
    return new Explanation(outcome, text, List.of());
  }

  private static Explanation delivered(JsonNode reader, JsonNode last) {
    List<JsonNode> made = new ArrayList<>();
    reader.path("invocations").forEach(each -> each.path("outputs").forEach(made::add));
    int times = reader.path("invocations").size();
    String text = attempts(reader, last);
    return new Explanation(
        Outcome.DELIVERED, times > 1 ? "%d times, last %s".formatted(times, text) : text, made);
  }

  /** {@code attempt 3 of 5 (2 × no answer within 30 s)}. */
  private static String attempts(JsonNode reader, JsonNode invocation) {
    int attempts = invocation.path("attempts").size();
    if (attempts == 0) {
      return "passed"; // by a filter, which calls nobody
    }
    Map<String, Integer> causes = new LinkedHashMap<>();
    for (JsonNode attempt : invocation.path("attempts")) {
      if (attempt.path("error").isObject()) {
        causes.merge(Words.clip(attempt.path("error").path("cause").asText(), 60), 1, Integer::sum);
      }
    }
    List<String> failures = new ArrayList<>();
    causes.forEach((cause, count) -> failures.add(count + " × " + cause));
    String most = reader.hasNonNull("attempts") ? " of " + reader.path("attempts").asInt() : "";
    return "attempt %d%s%s"
        .formatted(
            attempts, most, failures.isEmpty() ? "" : " (" + String.join(", ", failures) + ")");
  }

  private static Explanation dead(
      JsonNode event,
      JsonNode reader,
      JsonNode last,
      RouterView router,
      ShortIds ids,
      Instant now) {
    String cause = last.path("error").path("cause").asText("");
    JsonNode letters = reader.path("letters");
    String state = letters.path(letters.size() - 1).path("state").asText("open");
    if (state.equals("retried") || state.equals("edited")) {
      return waiting(event, reader, router, ids, now)
          .orElseGet(
              () ->
                  explained(
                      Outcome.RETRYING,
                      "sent back to %s, no end of it yet; before that: %s"
                          .formatted(reader.path("task").asText(), cause)));
    }
    String tried = last.path("attempts").isEmpty() ? cause : attempts(reader, last) + ": " + cause;
    return explained(
        Outcome.DEAD_LETTERED, state.equals("deleted") ? tried + "; closed by hand" : tried);
  }

  /** The journal knows nothing of it at this reader. */
  private static Explanation pending(
      JsonNode event, JsonNode reader, RouterView router, ShortIds ids, Instant now) {
    String task = reader.path("task").asText();
    boolean placed = reader.path("place").isObject() && reader.hasNonNull("position");
    long behind = reader.path("place").path("offset").asLong() - reader.path("position").asLong();
    if (placed && behind >= 0) {
      return unread(reader, router.reader(reader, reader.path("input").asText()), behind);
    }
    Optional<Explanation> waiting = waiting(event, reader, router, ids, now);
    if (waiting.isPresent()) {
      return waiting.get();
    }
    if (!reader.path("place").isObject()) {
      return explained(
          Outcome.UNKNOWN,
          "no record of it in the journal, and it is none of the last events on "
              + reader.path("link").asText());
    }
    if (!reader.hasNonNull("position")) {
      return explained(Outcome.UNKNOWN, task + " has no position there");
    }
    if (reader.path("snapshot").isObject()) {
      return takenIn(reader, router);
    }
    return explained(
        Outcome.UNKNOWN,
        "%s is beyond it, and the journal has nothing of it: too long ago, or before %s began"
            .formatted(task, task));
  }

  private static Explanation unread(JsonNode reader, JsonNode status, long behind) {
    String task = reader.path("task").asText();
    String state = status.path("state").asText("");
    long retrying = status.path("retrying").asLong();
    // the oldest that is not finished; or everything that was read is tried again
    boolean reached =
        behind == 0
            || status.path("lag").asLong() == 0 && retrying >= status.path("buffered").asLong();
    if (retrying > 0 && reached) {
      return explained(
          Outcome.RETRYING,
          status.hasNonNull("reason")
              ? status.path("reason").asText()
              : "it failed, and will be tried again");
    }
    String place =
        behind == 0 ? "the next of its partition" : "up to %d before it".formatted(behind);
    if (state.equals("held") || status.hasNonNull("reason")) {
      return explained(
          Outcome.QUEUED,
          "%s; %s is %s: %s".formatted(place, task, state, status.path("reason").asText()));
    }
    return explained(
        Outcome.QUEUED,
        behind == 0 && status.path("inFlight").asLong() > 0 ? "being processed" : place);
  }

  /** Where it is on its way through a joining task, when it does not wait for others. */
  private static Explanation takenIn(JsonNode reader, RouterView router) {
    String task = reader.path("task").asText();
    JsonNode assembly = router.reader(reader, "arrivals");
    JsonNode ready = router.reader(reader, "snapshot");
    JsonNode lags = reader.path("snapshot");
    if (todo(assembly, lags.path("arrivalsLag")) > 0) {
      return explained(
          Outcome.QUEUED,
          assembly.hasNonNull("reason")
              ? "taken in; " + assembly.path("reason").asText()
              : "taken in, not put together with others yet");
    }
    if (ready.path("retrying").asLong() > 0) {
      return explained(
          Outcome.RETRYING,
          ready.hasNonNull("reason")
              ? "its snapshot is complete: " + ready.path("reason").asText()
              : "its snapshot failed, and will be tried again");
    }
    if (todo(ready, lags.path("readyLag")) > 0) {
      return explained(
          Outcome.QUEUED, "in a snapshot that %s has not finished yet".formatted(task));
    }
    return explained(
        Outcome.UNKNOWN,
        router.answers()
            ? "%s took it in; it waits no more, and the journal has nothing of it".formatted(task)
            : "%s took it in; what it waits for only the router knows, which does not answer here"
                .formatted(task));
  }

  private static long todo(JsonNode status, JsonNode lag) {
    return status.isMissingNode()
        ? lag.asLong()
        : status.path("lag").asLong() + status.path("buffered").asLong();
  }

  private static Optional<Explanation> waiting(
      JsonNode event, JsonNode reader, RouterView router, ShortIds ids, Instant now) {
    return snapshot(event, reader, router)
        .map(found -> explained(Outcome.WAITING, found.sentence(ids, now)));
  }

  /** The snapshot the event waits in. */
  private static Optional<WaitingSnapshot> snapshot(
      JsonNode event, JsonNode reader, RouterView router) {
    if (!reader.path("snapshot").isObject()) {
      return Optional.empty();
    }
    Optional<WaitingSnapshot> sameKey = Optional.empty();
    for (JsonNode each : router.snapshots()) {
      WaitingSnapshot snapshot = new WaitingSnapshot(each);
      if (!snapshot.isOf(reader.path("pipeline").asText(), reader.path("task").asText())) {
        continue;
      }
      for (JsonNode input : each.path("inputs")) {
        if (!input.path("input").equals(reader.path("port"))) {
          continue;
        }
        for (JsonNode one : input.path("oldest")) {
          if (one.path("id").equals(event.path("id"))
              && one.path("source").equals(event.path("source"))) {
            return Optional.of(snapshot);
          }
        }
        // only the oldest are named
        boolean more = input.path("have").asLong() > input.path("oldest").size();
        if (more && reader.hasNonNull("key") && each.path("key").equals(reader.path("key"))) {
          sameKey = Optional.of(snapshot);
        }
      }
    }
    return sameKey;
  }
}
