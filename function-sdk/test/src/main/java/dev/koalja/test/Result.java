package dev.koalja.test;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.function.codec.Payload;
import dev.koalja.function.codec.PayloadCodec;
import dev.koalja.pipeline.event.KoaljaExtensions;
import io.cloudevents.CloudEvent;
import java.util.Optional;

/** One event that a function made, as it would stand on the link. */
public final class Result {
  private final String output;
  private final String link;
  private final CloudEvent event;
  private final PayloadCodec codec;

  Result(String output, String link, CloudEvent event, PayloadCodec codec) {
    this.output = output;
    this.link = link;
    this.event = event;
    this.codec = codec;
  }

  /** The port. */
  public String output() {
    return output;
  }

  /** The link it goes to. */
  public String link() {
    return link;
  }

  /** The event with its attributes. */
  public CloudEvent event() {
    return event;
  }

  /** Its key: its own, or the one of what the function was given. */
  public Optional<String> key() {
    return Optional.ofNullable(event.getExtension(KoaljaExtensions.PARTITION_KEY))
        .map(Object::toString);
  }

  /**
   * The data as the next function on the link would read it.
   *
   * @throws dev.koalja.function.codec.UnreadableDataException when it cannot be read so
   */
  public <T> T as(Class<T> type) {
    return EventData.read(event, type, codec);
  }

  /** The data as JSON. */
  public JsonNode json() {
    return as(JsonNode.class);
  }

  /** The data as it stands on the link. */
  public Payload payload() {
    return EventData.payload(event);
  }

  /** For messages of assertions. */
  @Override
  public String toString() {
    return link + " " + EventData.text(event);
  }
}
