package dev.koalja.test;

import dev.koalja.function.codec.Payload;
import dev.koalja.function.codec.PayloadCodec;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.event.KoaljaExtensions;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What stands in events that came. */
final class EventData {
  private static final PayloadCodec CODEC = new PayloadCodec(Json.MAPPER);

  private EventData() {}

  /** The data as a function of any app would read it. */
  static <T> T read(CloudEvent event, Class<T> type) {
    return read(event, type, CODEC);
  }

  /** The data as a function would read it whose app has this codec. */
  static <T> T read(CloudEvent event, Class<T> type, PayloadCodec codec) {
    return type.cast(type == CloudEvent.class ? event : codec.read(payload(event), type));
  }

  static Payload payload(CloudEvent event) {
    CloudEventData data = event.getData();
    return new Payload(
        data == null ? new byte[0] : data.toBytes(),
        Optional.ofNullable(event.getDataContentType()));
  }

  /** For people. */
  static String text(CloudEvent event) {
    Object key = event.getExtension(KoaljaExtensions.PARTITION_KEY);
    return (key == null ? "" : key + ": ")
        + (event.getData() == null
            ? "no data"
            : new String(payload(event).data(), StandardCharsets.UTF_8));
  }
}
