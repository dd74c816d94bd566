package dev.koalja.router.snapshot;

import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.PortName;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.journal.InvocationRecord.InputEvent;
import dev.koalja.router.event.EventJson;
import dev.koalja.router.event.SnapshotEvents;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/** The events of slots, alone and together. */
final class Slots {
  private Slots() {}

  /** The data of a snapshot: its events, each with its input and its index within that. */
  static byte[] batch(List<Slot> slots) {
    int size = 2;
    for (Slot slot : slots) {
      size += slot.event().length + 32;
    }
    ByteArrayOutputStream batch = new ByteArrayOutputStream(size);
    batch.write('[');
    PortName input = null;
    int index = 0;
    for (Slot slot : slots) {
      index = slot.input().equals(input) ? index + 1 : 0;
      input = slot.input();
      SnapshotEvents.append(batch, index, slot.event());
    }
    batch.write(']');
    return batch.toByteArray();
  }

  /** The event of a slot as it stood on its link. */
  static CloudEvent event(Slot slot) {
    try {
      return CloudEventBuilder.v1(EventJson.MAPPER.readValue(slot.event(), CloudEvent.class))
          .withoutExtension(KoaljaExtensions.INPUT)
          .withoutExtension(KoaljaExtensions.POSITION)
          .build();
    } catch (IOException e) {
      throw new IllegalStateException("an arrival that was not written by an intake", e);
    }
  }

  /** What the journal keeps of the event of a slot. */
  static InputEvent input(Slot slot) {
    try {
      return SnapshotEvents.input(Json.MAPPER.readTree(slot.event()));
    } catch (IOException e) {
      throw new IllegalStateException("an arrival that was not written by an intake", e);
    }
  }
}
