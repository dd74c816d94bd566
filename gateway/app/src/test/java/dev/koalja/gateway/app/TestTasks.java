package dev.koalja.gateway.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.StreamSupport;

/** Finds one task in the answer about all. */
final class TestTasks {
  private TestTasks() {}

  static JsonNode of(Control control, String pipeline, String task) throws Exception {
    return StreamSupport.stream(control.get("/api/tasks").spliterator(), false)
        .filter(each -> each.path("pipeline").asText().equals(pipeline))
        .filter(each -> each.path("task").asText().equals(task))
        .findFirst()
        .orElseThrow();
  }
}
