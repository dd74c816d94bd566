package dev.koalja.router.deadletter;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.event.InvocationId;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.router.dispatch.Delivery;
import dev.koalja.router.dispatch.Invocation;
import dev.koalja.router.dispatch.Invocation.Next;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * What a dead letter looks like: the event as it was, and why it is here, in the attributes Knative
 * uses and a few of ours (PROTOCOL.md section 4).
 */
public final class DeadLetters {
  private static final int MAX_DATA = 1024;
  private static final int MAX_CAUSE = 200;

  private DeadLetters() {}

  /** The dead letter of an invocation. */
  public static CloudEvent letter(Invocation invocation, Next.DeadLetter reason) {
    Delivery delivery = invocation.delivery();
    CloudEventBuilder letter =
        letter(delivery.event(), delivery.reader(), delivery.invocation(), reason)
            .withExtension(KoaljaExtensions.ATTEMPTS, invocation.attempts().size());
    invocation
        .codeRevision()
        .ifPresent(revision -> letter.withExtension(KoaljaExtensions.CODE_REVISION, revision));
    // an event that came in structured mode may have its key in the record only
    if (delivery.event().getExtension(KoaljaExtensions.PARTITION_KEY) == null) {
      delivery
          .key()
          .filter(key -> !key.isEmpty())
          .ifPresent(key -> letter.withExtension(KoaljaExtensions.PARTITION_KEY, key));
    }
    return letter.build();
  }

  /** The dead letter of an event that never got as far as an attempt. */
  public static CloudEvent letter(
      CloudEvent event, Reader reader, InvocationId id, ErrorCode code, String cause) {
    return letter(event, reader, id, new Next.DeadLetter(code, cause, Optional.empty()))
        .withExtension(KoaljaExtensions.ATTEMPTS, 0)
        .build();
  }

  private static CloudEventBuilder letter(
      CloudEvent event, Reader reader, InvocationId id, Next.DeadLetter reason) {
    return CloudEventBuilder.v1(event)
        .withExtension(
            KoaljaExtensions.ERROR_DESTINATION,
            "/pipelines/%s/tasks/%s".formatted(reader.pipeline(), reader.task().name()))
        .withExtension(
            KoaljaExtensions.ERROR_CODE, reason.status().orElse(reason.code().httpStatus()))
        .withExtension(KoaljaExtensions.ERROR_DATA, cut(reason.cause(), MAX_DATA))
        .withExtension(KoaljaExtensions.INVOCATION, id.value())
        .withExtension(
            KoaljaExtensions.CAUSE,
            cut(reason.code().word() + ": " + firstLine(reason.cause()), MAX_CAUSE));
  }

  /** A record that no event could be read from, with where it stood and what is wrong with it. */
  public static ProducerRecord<byte[], byte[]> quarantined(
      Reader reader, ConsumerRecord<byte[], byte[]> record, String reason) {
    ProducerRecord<byte[], byte[]> copy =
        new ProducerRecord<>(TopicName.quarantine(reader), null, record.key(), record.value());
    record.headers().forEach(header -> copy.headers().add(header));
    copy.headers()
        .add("koalja-reason", bytes(cut(reason, MAX_DATA)))
        .add("koalja-topic", bytes(record.topic()))
        .add("koalja-partition", bytes(Integer.toString(record.partition())))
        .add("koalja-offset", bytes(Long.toString(record.offset())));
    return copy;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length - 1) + "…";
  }
}
