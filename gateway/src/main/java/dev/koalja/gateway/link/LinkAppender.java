package dev.koalja.gateway.link;

import dev.koalja.gateway.GatewayConfig;
import dev.koalja.gateway.admit.Admitted;
import dev.koalja.gateway.admit.Destination;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.event.KoaljaExtensions;
import io.cloudevents.CloudEventData;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.smallrye.reactive.messaging.MutinyEmitter;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;
import org.eclipse.microprofile.reactive.messaging.OnOverflow;

/**
 * Appends events to links: CloudEvents in Kafka's binary mode, key = {@code partitionkey}. Events
 * of one call keep their order within each key. Thread-safe; blocks the calling virtual thread.
 */
@ApplicationScoped
public class LinkAppender {
  private final MutinyEmitter<byte[]> emitter;
  private final Semaphore inFlight;

  /**
   * Bytes on their way, in KiB: what the emitter buffers for a broker that does not answer outlives
   * the request, whose own bytes are given back with its 503.
   */
  private final Semaphore inFlightKib;

  private final int mostKib;
  private final GatewayConfig config;
  private final MeterRegistry metrics;
  private final Timer latency;

  LinkAppender(
      // bounded by the semaphore, which waits instead of failing
      @Channel("koalja-gateway-append") @OnOverflow(OnOverflow.Strategy.UNBOUNDED_BUFFER)
          MutinyEmitter<byte[]> emitter,
      GatewayConfig config,
      MeterRegistry metrics) {
    this.emitter = emitter;
    this.config = config;
    this.metrics = metrics;
    this.inFlight = new Semaphore(config.maxRecordsInFlight());
    this.mostKib = Math.clamp(config.maxInFlight().asLongValue() >> 10, 1, Integer.MAX_VALUE);
    this.inFlightKib = new Semaphore(mostKib);
    this.latency =
        Timer.builder("koalja.gateway.append")
            .description("from the first record of a request to Kafka's last acknowledgement")
            .publishPercentiles(0.5, 0.99)
            .register(metrics);
  }

  /**
   * Appends events and returns when Kafka has acknowledged all of them.
   *
   * @throws KoaljaException {@link ErrorCode#KAFKA_UNAVAILABLE} when it did not in time: the events
   *     may stand on the link all the same; {@link ErrorCode#TOO_LARGE}; {@link
   *     ErrorCode#OVERLOADED}
   */
  public void append(Destination to, List<Admitted> events) throws InterruptedException {
    if (events.isEmpty()) {
      return;
    }
    List<Integer> sizes = events.stream().map(LinkAppender::kib).toList();
    reserve(to, events.size(), sizes.stream().mapToInt(Integer::intValue).sum());
    Timer.Sample sample = Timer.start(metrics);
    List<CompletableFuture<Void>> sent = new ArrayList<>(events.size());
    for (int i = 0; i < events.size(); i++) {
      int kib = sizes.get(i);
      sent.add(
          emitter
              .sendMessage(message(to, events.get(i)))
              .onTermination()
              .invoke(() -> release(1, kib))
              .subscribeAsCompletionStage());
    }
    try {
      CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new))
          .get(config.appendTimeout().toMillis(), TimeUnit.MILLISECONDS);
      sample.stop(latency);
      count(to, "accepted", events.size());
    } catch (ExecutionException e) {
      count(to, "failed", events.size());
      throw failed(to, e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      count(to, "failed", events.size());
      throw failed(to, e);
    }
  }

  private void reserve(Destination to, int events, int kib) throws InterruptedException {
    if (kib > mostKib) {
      count(to, "failed", events);
      throw new KoaljaException(
          ErrorCode.TOO_LARGE,
          "the events have %d KiB, at most %d are on their way to Kafka".formatted(kib, mostKib));
    }
    if (inFlight.tryAcquire(events, 2, TimeUnit.SECONDS)) {
      if (inFlightKib.tryAcquire(kib, 2, TimeUnit.SECONDS)) {
        return;
      }
      inFlight.release(events);
    }
    count(to, "overloaded", events);
    throw new KoaljaException(
        ErrorCode.OVERLOADED, "too many events are waiting for Kafka already");
  }

  private void release(int events, int kib) {
    inFlight.release(events);
    inFlightKib.release(kib);
  }

  /** What an event holds: its data, and a KiB for its attributes. */
  private static int kib(Admitted admitted) {
    CloudEventData data = admitted.event().getData();
    return 1 + (data == null ? 0 : (data.toBytes().length + 1023) >> 10);
  }

  /** The record of an event. */
  public static ProducerRecord<byte[], byte[]> record(String topic, Admitted admitted) {
    Object key = admitted.event().getExtension(KoaljaExtensions.PARTITION_KEY);
    ProducerRecord<Void, byte[]> record =
        KafkaMessageFactory.createWriter(topic).writeBinary(admitted.event());
    record
        .headers()
        .add(
            KoaljaExtensions.TRACEPARENT,
            admitted.span().toString().getBytes(StandardCharsets.US_ASCII));
    return new ProducerRecord<>(
        topic,
        null,
        key == null ? null : key.toString().getBytes(StandardCharsets.UTF_8),
        record.value(),
        record.headers());
  }

  private static Message<byte[]> message(Destination to, Admitted admitted) {
    Object key = admitted.event().getExtension(KoaljaExtensions.PARTITION_KEY);
    ProducerRecord<byte[], byte[]> record = record(to.topic(), admitted);
    return Message.of(
        record.value(),
        Metadata.of(
            OutgoingKafkaRecordMetadata.<String>builder()
                .withTopic(to.topic())
                .withKey(key == null ? null : key.toString())
                .withHeaders(record.headers())
                .build()));
  }

  private static KoaljaException failed(Destination to, Throwable cause) {
    if (cause instanceof RecordTooLargeException) {
      return new KoaljaException(
          ErrorCode.TOO_LARGE, "an event is larger than the topic of the link takes", cause);
    }
    return new KoaljaException(
        ErrorCode.KAFKA_UNAVAILABLE,
        "Kafka did not acknowledge on link %s: send it again (%s)"
            .formatted(to.link(), cause.getClass().getSimpleName()),
        cause);
  }

  private void count(Destination to, String outcome, int events) {
    metrics
        .counter(
            "koalja.gateway.events",
            "pipeline",
            to.pipeline().value(),
            "link",
            to.link().value(),
            "outcome",
            outcome)
        .increment(events);
  }
}
