package dev.koalja.test;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.function.ObjectStore;
import dev.koalja.function.codec.PayloadCodec;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.journal.InvocationRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.opentest4j.TestAbortedException;

/** A circuit on the real thing: what is sent is worked off when nothing moves any more. */
final class BreadboardCircuit extends TopicCircuit implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration QUIET = Duration.ofMillis(500);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final Breadboard board;
  private final GivenEvent given;
  private final CircuitClock clock = new RealClock();
  private final List<String> moving = new ArrayList<>();
  private int sent;

  BreadboardCircuit(Breadboard board, Pipeline pipeline, PayloadCodec codec) {
    super(pipeline);
    this.board = board;
    this.given = new GivenEvent(codec);
    pipeline.links().forEach(link -> moving.add(TopicName.link(pipeline.name(), link.name())));
    pipeline
        .readers()
        .forEach(
            reader -> {
              if (!reader.readsLink()) {
                moving.add(reader.topic());
              }
            });
    moving.add(TopicName.journal(pipeline.name()));
    awaitRest();
  }

  @Override
  public void send(String link, Object data) {
    LinkName name = names.link(link);
    sent++;
    board.post(pipeline.name(), name.value(), given.of(data, "test-" + sent, clock.now()));
    awaitRest();
  }

  /** Until nothing was written for a while and no reader has anything to do now. */
  private void awaitRest() {
    Instant limit = Instant.now().plus(LIMIT);
    Map<TopicPartition, Long> before = Map.of();
    Instant since = Instant.now();
    while (true) {
      Map<TopicPartition, Long> ends = board.ends(moving);
      List<JsonNode> readers = board.ask("/router/readers", pipeline.name());
      boolean rests =
          readers.size() == pipeline.readers().size()
              && readers.stream().allMatch(BreadboardCircuit::rests)
              && ends.equals(before);
      Instant now = Instant.now();
      if (!rests) {
        since = now;
      } else if (Duration.between(since, now).compareTo(QUIET) >= 0) {
        return;
      }
      if (now.isAfter(limit)) {
        throw new AssertionError(
            "the circuit does not come to rest within %d s: %s"
                .formatted(LIMIT.toSeconds(), readers));
      }
      before = ends;
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private static boolean rests(JsonNode reader) {
    return reader.path("state").asText().equals("running")
        && reader.path("lag").asLong() == 0
        && reader.path("inFlight").asInt() == 0
        && reader.path("buffered").asInt() <= reader.path("retrying").asInt();
  }

  @Override
  List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    return board.read(List.of(topic)).stream()
        .sorted(Comparator.comparing(ConsumerRecord::timestamp))
        .toList();
  }

  @Override
  public List<WaitingSnapshot> waiting(String task) {
    names.joining(task);
    return board.ask("/router/snapshots", pipeline.name()).stream()
        .filter(each -> each.path("task").asText().equals(task))
        .map(BreadboardCircuit::snapshot)
        .toList();
  }

  private static WaitingSnapshot snapshot(JsonNode waiting) {
    Map<String, Integer> has = new LinkedHashMap<>();
    waiting
        .path("inputs")
        .forEach(input -> has.put(input.path("input").asText(), input.path("have").asInt()));
    List<String> misses = new ArrayList<>();
    waiting.path("missing").forEach(input -> misses.add(input.asText()));
    return new WaitingSnapshot(
        waiting.path("key").asText(), has, misses, Instant.parse(waiting.path("since").asText()));
  }

  @Override
  public List<InvocationRecord> journal() {
    List<InvocationRecord> journal = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : read(TopicName.journal(pipeline.name()))) {
      Header kind = record.headers().lastHeader("koalja-kind");
      if (kind == null || !new String(kind.value(), StandardCharsets.UTF_8).equals("invocation")) {
        continue; // what somebody did with dead letters
      }
      try {
        journal.add(Json.MAPPER.readValue(record.value(), InvocationRecord.class));
      } catch (IOException e) {
        throw new IllegalStateException("no record of the journal", e);
      }
    }
    return journal;
  }

  @Override
  public CircuitClock clock() {
    return clock;
  }

  @Override
  public Faults faults() {
    throw inMemoryOnly("faults on purpose");
  }

  @Override
  public Circuit with(Object functions) {
    throw inMemoryOnly("objects of its own");
  }

  @Override
  public Circuit with(ObjectStore objects) {
    throw inMemoryOnly("an object store of its own");
  }

  /** Skips the test. */
  private static TestAbortedException inMemoryOnly(String what) {
    return new TestAbortedException("a test with %s runs in memory only".formatted(what));
  }

  @Override
  public void close() {
    board.remove(pipeline.name());
  }

  private final class RealClock implements CircuitClock {
    @Override
    public Instant now() {
      return Instant.now();
    }

    @Override
    public void advance(Duration by) {
      Instant until = Instant.now().plus(by);
      while (Instant.now().isBefore(until)) {
        LockSupport.parkNanos(Duration.between(Instant.now(), until).toNanos());
      }
      awaitRest();
    }
  }
}
