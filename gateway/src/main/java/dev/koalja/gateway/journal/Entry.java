package dev.koalja.gateway.journal;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.journal.InvocationRecord.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the index needs to know of an {@code InvocationRecord}; the rest is read when it is asked
 * for.
 *
 * @param invocation the invocation id
 * @param pipeline its pipeline
 * @param task its task
 * @param outcome how it ended
 * @param coldStart how long it waited for a process to start, when it did
 * @param endedAt when it ended
 * @param ids what it is found by: the ids of its events, and its own where a letter asks for it
 * @param body the record
 */
record Entry(
    String invocation,
    String pipeline,
    String task,
    Outcome outcome,
    Optional<Duration> coldStart,
    Instant endedAt,
    Set<String> ids,
    byte[] body) {

  /** Reads a record once, front to back. */
  static Entry read(byte[] body) throws IOException {
    return new Fields().read(body);
  }

  /** The fields as they come. */
  private static final class Fields {
    private @Nullable String invocation;
    private @Nullable String pipeline;
    private @Nullable String task;
    private @Nullable String outcome;
    private @Nullable String coldStart;
    private @Nullable String endedAt;
    private final Set<String> ids = new LinkedHashSet<>(4);
    private boolean inputs;
    private boolean outputs;

    Entry read(byte[] body) throws IOException {
      try (JsonParser json = Json.MAPPER.createParser(body)) {
        if (json.nextToken() != JsonToken.START_OBJECT) {
          throw new JsonParseException(json, "an invocation record is an object");
        }
        while (json.nextToken() != JsonToken.END_OBJECT) {
          String field = json.currentName();
          json.nextToken();
          switch (field) {
            case "invocation" -> invocation = json.getValueAsString();
            case "pipeline" -> pipeline = json.getValueAsString();
            case "task" -> task = json.getValueAsString();
            case "outcome" -> outcome = json.getValueAsString();
            case "coldStart" -> coldStart = json.getValueAsString();
            case "endedAt" -> endedAt = json.getValueAsString();
            case "inputs" -> inputs = events(json);
            case "outputs" -> outputs = events(json);
            default -> json.skipChildren();
          }
        }
        if (!inputs || !outputs) {
          throw new JsonParseException(json, "inputs or outputs are missing");
        }
        String own = required("invocation", invocation);
        Outcome ended = Outcome.valueOf(required("outcome", outcome));
        ids.remove("");
        if (ids.isEmpty() || ended == Outcome.DEAD_LETTERED || ended == Outcome.QUARANTINED) {
          ids.add(own);
        }
        return new Entry(
            own,
            required("pipeline", pipeline),
            required("task", task),
            ended,
            Optional.ofNullable(coldStart).map(Duration::parse),
            Instant.parse(required("endedAt", endedAt)),
            ids,
            body);
      }
    }

    private boolean events(JsonParser json) throws IOException {
      if (json.currentToken() != JsonToken.START_ARRAY) {
        json.skipChildren();
        return false;
      }
      while (json.nextToken() == JsonToken.START_OBJECT) {
        while (json.nextToken() != JsonToken.END_OBJECT) {
          boolean id = json.currentName().equals("id");
          json.nextToken();
          if (id) {
            ids.add(json.getValueAsString(""));
          } else {
            json.skipChildren();
          }
        }
      }
      return json.currentToken() == JsonToken.END_ARRAY;
    }

    private static String required(String field, @Nullable String value) {
      if (value == null) {
        throw new IllegalArgumentException(field + " is missing");
      }
      return value;
    }
  }
}
