package dev.koalja.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.platform.CommittedRecords;
import dev.koalja.platform.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * 20,000 events through two chained functions while router, functions, broker and gateway are
 * killed with SIGKILL at random moments. Whatever was answered 2xx is on the input link; the output
 * link has one result per record of the input link, in order per key; the journal one success per
 * invocation.
 *
 * <p>The seed is printed; {@code -Dkoalja.seed=N} repeats its kills, {@code -Dkoalja.events=N} sets
 * the number of events.
 */
@Tag("long")
class EverythingKilledAtRandomIT {
  private static final String PIPELINE = "koalja-crash";
  private static final int KEYS = 100;
  private static final int EVENTS = Integer.getInteger("koalja.events", 20_000);
  private static final int SENDERS = 20;
  private static final List<String> KILLS =
      List.of(
          "router",
          "router",
          "router",
          "function",
          "function",
          "function",
          "broker",
          "broker",
          "broker",
          "gateway",
          "gateway");

  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicInteger repeated = new AtomicInteger();
  private final AtomicInteger killed = new AtomicInteger();

  @Test
  void shouldLoseNothingAndDoubleNothing(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path folder)
      throws Exception {
    long seed = Long.getLong("koalja.seed", new Random().nextInt(1_000_000));
    System.out.println("crash test: seed " + seed + ", " + EVENTS + " events, in " + folder);
    Path app = Path.of("").toAbsolutePath();
    try (Platform platform = new Platform(folder, false, Map.of(PIPELINE, app), 1)) {
      platform.apply(PIPELINE, Files.readString(app.resolve("target/koalja/pipeline.yaml")));
      try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> sending = new ArrayList<>();
        for (int sender = 0; sender < SENDERS; sender++) {
          int first = sender;
          sending.add(senders.submit(() -> send(platform, first)));
        }
        kill(platform, new Random(seed));
        for (Future<?> each : sending) {
          each.get();
        }
      }
      await()
          .atMost(Duration.ofMinutes(3))
          .pollInterval(Duration.ofMillis(500))
          .until(() -> platform.read(topic("out")).size() >= platform.read(topic("in")).size());
      System.out.println("crash test: killed " + KILLS + ", " + repeated + " posts repeated");
      audit(platform);
    }
  }

  private static String topic(String link) {
    return "koalja." + PIPELINE + "." + link;
  }

  /** Posts its share of the keys, each key in order, repeating what got no 2xx. */
  private Void send(Platform platform, int sender) throws InterruptedException {
    int perKey = EVENTS / KEYS;
    for (int i = 0; i < perKey; i++) {
      for (int key = sender; key < KEYS; key += SENDERS) {
        // events are spread over the kills, so that each meets the platform at work
        while ((long) i * KILLS.size() > (long) perKey * (killed.get() + 1)) {
          Thread.sleep(5);
        }
        String id = "%03d-%05d".formatted(key, i);
        while (!platform.post(PIPELINE, "in", id, "k" + key, id)) {
          repeated.incrementAndGet();
          Thread.sleep(100); // a sender's own pause before it repeats
        }
        acknowledged.add(id);
      }
    }
    return null;
  }

  private void kill(Platform platform, Random random) throws InterruptedException {
    List<String> victims = new ArrayList<>(KILLS);
    Collections.shuffle(victims, random);
    for (String victim : victims) {
      Thread.sleep(200 + random.nextInt(2000)); // the random moment
      switch (victim) {
        case "router" -> {
          platform.routers().getFirst().kill9();
          Platform.untilStarted(platform.routers().getFirst()::restart);
        }
        case "broker" -> {
          platform.broker().kill9();
          Platform.untilStarted(platform.broker()::restart);
        }
        case "gateway" -> {
          platform.gateway().kill9();
          Platform.untilStarted(platform.gateway()::restart);
        }
        default -> {
          List<Long> functions = new ArrayList<>();
          await().atMost(Duration.ofMinutes(1)).until(() -> functions.addAll(platform.functions()));
          functions.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        }
      }
      killed.incrementAndGet();
    }
  }

  private void audit(Platform platform) {
    List<ConsumerRecord<byte[], byte[]>> in = platform.read(topic("in"));
    List<ConsumerRecord<byte[], byte[]>> between = platform.read(topic("between"));
    List<ConsumerRecord<byte[], byte[]>> out = platform.read(topic("out"));
    assertThat(acknowledged).hasSize(EVENTS / KEYS * KEYS);
    assertThat(in.stream().map(CommittedRecords::text).collect(Collectors.toSet()))
        .as("answered 2xx, so on the input link")
        .containsAll(acknowledged);
    assertThat(perKey(between)).as("first function: once each, in order").isEqualTo(perKey(in));
    assertThat(perKey(out)).as("second function: once each, in order").isEqualTo(perKey(in));
    List<InvocationRecord> journal =
        platform.read("koalja-journal." + PIPELINE).stream()
            .map(EverythingKilledAtRandomIT::invocation)
            .toList();
    assertThat(journal).as("one success per invocation").hasSize(in.size() + between.size());
    assertThat(journal).allMatch(each -> each.outcome() == InvocationRecord.Outcome.SUCCEEDED);
    assertThat(journal.stream().map(InvocationRecord::invocation).distinct())
        .hasSize(journal.size());
  }

  private static Map<String, List<String>> perKey(List<ConsumerRecord<byte[], byte[]>> records) {
    Map<String, List<String>> keys = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      String key = new String(record.key(), StandardCharsets.UTF_8);
      keys.computeIfAbsent(key, _ -> new ArrayList<>()).add(CommittedRecords.text(record));
    }
    return keys;
  }

  private static InvocationRecord invocation(ConsumerRecord<byte[], byte[]> record) {
    try {
      return Json.MAPPER.readValue(record.value(), InvocationRecord.class);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
