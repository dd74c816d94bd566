package dev.koalja.router;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Task;
import dev.koalja.router.dispatch.FunctionProtocol.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What every function of a {@link RandomCircuit} does: results, failures of all kinds, states. It
 * depends on the texts it is given and on the number of the attempt alone.
 */
record RandomFunction(Task task) {

  Answer answer(String body, int attempt) {
    if (task.delivery().batch().isPresent()) {
      return batch(events(body), attempt);
    }
    String given = task.snapshot().isPresent() ? given(body) : body;
    int hash = hash(given);
    return switch (hash / 7 % 12) {
      case 0 -> text(422, "refused " + hash);
      case 1 -> text(500, "failed " + hash);
      case 2 -> attempt == 1 ? text(503, "not yet") : one(hash);
      case 3 -> text(204, "");
      case 4 -> many(result(hash, "nowhere"));
      case 5 -> many(result(hash, "result"), result(hash + 1, "result"));
      case 6 -> text(200, "no event");
      default -> one(hash);
    };
  }

  /**
   * Where calls may be made again in halves, the one event of a circuit whose number is 5 spoils
   * every batch it is in, and what becomes of the others is the same whoever is with them.
   */
  private Answer batch(List<String> events, int attempt) {
    boolean halves = RandomTask.halves(task);
    List<String> texts =
        halves
            ? events.stream().map(text -> text.substring(text.indexOf('=') + 1)).toList()
            : events;
    if (halves && texts.stream().anyMatch(text -> text.endsWith(".5"))) {
      return hash("poison") % 2 == 0 ? text(500, "spoilt") : text(422, "spoilt for good");
    }
    List<ObjectNode> results = new ArrayList<>();
    StringBuilder good = new StringBuilder();
    for (int i = 0; i < texts.size(); i++) {
      int hash = hash(texts.get(i));
      int mood = hash / 7 % 8;
      if (mood == 0 || mood == 1 || mood == 2 && attempt == 1) {
        results.add(failure(i, mood == 0 ? 422 : 500));
      } else if (halves) {
        // one that cannot be appended spoils a batch too
        String output = mood == 3 ? "nowhere" : "result";
        results.add(result(hash, output).put("partitionkey", "k" + hash));
      } else {
        good.append(texts.get(i)).append(' ');
      }
    }
    if (!good.isEmpty()) {
      results.add(result(hash(good.toString()), "result"));
    }
    return many(results.toArray(ObjectNode[]::new));
  }

  private int hash(String given) {
    return (task.name() + "|" + given).hashCode() & 0x7fffffff;
  }

  /** A result, and a state where the task keeps one. */
  private Answer one(int hash) {
    if (task.snapshot().isPresent() && task.snapshot().orElseThrow().keyedState()) {
      ObjectNode state = result(hash, Reader.STATE.value());
      if (hash % 5 == 0) {
        state.remove(List.of("data", "datacontenttype")); // forgets
      }
      return many(state, result(hash, "result"));
    }
    ObjectNode result = result(hash, "result");
    Map<String, String> headers = new TreeMap<>();
    headers.put("ce-id", result.path("id").asText());
    headers.put("ce-source", "/test");
    headers.put("ce-specversion", "1.0");
    headers.put("ce-type", result.path("type").asText());
    headers.put("ce-dataschema", result.path("dataschema").asText());
    headers.put("content-type", "text/plain");
    return new Answer(200, headers, bytes(result.path("data").asText()));
  }

  private ObjectNode result(int hash, String output) {
    String text = "%s#%08x".formatted(task.name(), hash);
    String type = "t" + hash % 3;
    return event(text, type)
        .put("dataschema", "urn:koalja:schema:" + type)
        .put("koaljaoutput", output)
        .put("data", text);
  }

  private ObjectNode failure(int index, int status) {
    ObjectNode event = event("failure " + index, "dev.koalja.failure").put("koaljaindex", index);
    event.putObject("data").put("status", status).put("detail", "event of a batch");
    return event;
  }

  private static ObjectNode event(String id, String type) {
    return Json.MAPPER
        .createObjectNode()
        .put("specversion", "1.0")
        .put("id", id)
        .put("source", "/test")
        .put("type", type)
        .put("datacontenttype", "application/json");
  }

  private static Answer many(ObjectNode... events) {
    ArrayNode batch = Json.MAPPER.createArrayNode().addAll(List.of(events));
    return new Answer(
        200, Map.of("content-type", "application/cloudevents-batch+json"), bytes(batch.toString()));
  }

  private static Answer text(int status, String text) {
    return new Answer(status, Map.of("content-type", "text/plain"), bytes(text));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The texts of a snapshot, by input. */
  static String given(String snapshot) {
    return String.join(" ", events(snapshot));
  }

  private static List<String> events(String batch) {
    try {
      List<String> texts = new ArrayList<>();
      for (JsonNode event : Json.MAPPER.readTree(batch)) {
        texts.add(
            "%s%s=%s"
                .formatted(
                    event.path("koaljainput").asText(), event.path("koaljaindex"), data(event)));
      }
      return texts;
    } catch (IOException e) {
      throw new IllegalStateException("no batch: " + batch, e);
    }
  }

  private static String data(JsonNode event) {
    return event.has("data_base64")
        ? new String(
            Base64.getDecoder().decode(event.path("data_base64").asText()), StandardCharsets.UTF_8)
        : event.path("data").asText();
  }
}
