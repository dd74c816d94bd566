package dev.koalja.router.control;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.PortName;
import dev.koalja.router.EventRouter.WaitingSnapshot;
import dev.koalja.router.snapshot.Slot;
import dev.koalja.router.snapshot.Waiting;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Incomplete snapshots as JSON for {@code koalja snapshot list}. */
final class WaitingSnapshots {
  private WaitingSnapshots() {}

  static List<Map<String, Object>> json(List<WaitingSnapshot> snapshots) {
    return snapshots.stream().map(WaitingSnapshots::one).toList();
  }

  private static Map<String, Object> one(WaitingSnapshot snapshot) {
    Waiting waiting = snapshot.waiting();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("pipeline", snapshot.assembly().pipeline().value());
    map.put("task", snapshot.assembly().task().name().value());
    map.put("key", waiting.key());
    waiting.windowStart().ifPresent(start -> map.put("windowStart", start.toString()));
    map.put("inputs", waiting.inputs().stream().map(WaitingSnapshots::input).toList());
    map.put("missing", waiting.missing().stream().map(PortName::value).toList());
    map.put("since", waiting.since().toString());
    waiting.notBefore().ifPresent(time -> map.put("notBefore", time.toString()));
    waiting.givesUp().ifPresent(time -> map.put("givesUp", time.toString()));
    return map;
  }

  private static Map<String, Object> input(Waiting.Have have) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("input", have.input().value());
    map.put("have", have.have());
    map.put("of", have.of());
    map.put("oldest", have.oldest().stream().map(WaitingSnapshots::event).toList());
    return map;
  }

  private static Map<String, Object> event(Slot slot) {
    Map<String, Object> map = new LinkedHashMap<>();
    try {
      JsonNode event = Json.MAPPER.readTree(slot.event());
      map.put("id", event.path("id").asText());
      map.put("source", event.path("source").asText());
    } catch (IOException e) {
      throw new IllegalStateException("an arrival that was not written by an intake", e);
    }
    map.put("arrived", slot.arrived().toString());
    return map;
  }
}
