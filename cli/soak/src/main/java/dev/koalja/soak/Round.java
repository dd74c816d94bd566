package dev.koalja.soak;

import dev.koalja.pipeline.Pipeline;
import dev.koalja.platform.Platform;
import dev.koalja.soak.Audit.Report;
import dev.koalja.soak.Audit.Sent;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.KafkaException;

/** One round: sends the events of a plan, lets its faults happen, waits, audits. */
final class Round {
  /** Nothing has moved for so long, though a session or a transaction may have had to expire. */
  private static final Duration STANDSTILL = Duration.ofSeconds(45);

  private static final Duration LOOK = Duration.ofMillis(500);

  private final Platform platform;
  private final Pipeline pipeline;
  private final Behaviour behaviour;
  private final Plan plan;
  private final Recoveries recoveries;
  private final AtomicInteger happened = new AtomicInteger();
  private final AtomicInteger repeated = new AtomicInteger();

  /**
   * How it went.
   *
   * @param repeated requests that had no answer and were sent again
   * @param report the audit of everything that stands, of all rounds so far
   * @param took all of it
   */
  record Result(int repeated, Report report, Duration took) {}

  Round(
      Platform platform, Pipeline pipeline, Behaviour behaviour, Plan plan, Recoveries recoveries) {
    this.platform = platform;
    this.pipeline = pipeline;
    this.behaviour = behaviour;
    this.plan = plan;
    this.recoveries = recoveries;
  }

  /**
   * Runs it.
   *
   * @param sent what was sent before; what is sent is added
   */
  Result run(List<Sent> sent) throws InterruptedException, IOException {
    Instant begin = Instant.now();
    Faults faults = new Faults(platform, pipeline, recoveries, happened::incrementAndGet);
    Map<String, List<Plan.Event>> keys = new LinkedHashMap<>();
    plan.events()
        .forEach(event -> keys.computeIfAbsent(event.key(), _ -> new ArrayList<>()).add(event));
    Map<Plan.Event, Integer> places = new LinkedHashMap<>();
    plan.events().forEach(event -> places.put(event, places.size()));
    List<CompletableFuture<Void>> away = new ArrayList<>();
    try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> sending = new ArrayList<>();
      for (List<Plan.Event> events : keys.values()) {
        sending.add(senders.submit(() -> send(events, places, faults)));
      }
      for (Plan.Fault fault : plan.faults()) {
        away.add(faults.happen(fault));
      }
      for (Future<?> each : sending) {
        await(each);
      }
    }
    for (CompletableFuture<Void> each : away) {
      await(each);
    }
    plan.events().forEach(event -> sent.add(new Sent(event.link(), event.id(), event.key(), true)));
    settle(sent);
    // read anew: what was read before has to stand still
    try (Ledger ledger = ledger()) {
      Report report = Audit.of(pipeline, behaviour, ledger.read(), sent);
      return new Result(repeated.get(), report, Duration.between(begin, Instant.now()));
    }
  }

  private static void await(Future<?> future) throws InterruptedException {
    try {
      future.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a part of the soak itself failed", e.getCause());
    }
  }

  private Ledger ledger() {
    return new Ledger(platform.broker().bootstrapServers(), pipeline.name().value());
  }

  /** Sends the events of one key, each until it is answered 2xx, spread over what happens. */
  private Void send(List<Plan.Event> events, Map<Plan.Event, Integer> places, Faults faults)
      throws InterruptedException {
    for (Plan.Event event : events) {
      int place = places.getOrDefault(event, 0);
      while ((long) place * (plan.faults().size() + 1)
          > (long) plan.events().size() * (happened.get() + 1)) {
        Thread.sleep(5); // each fault finds the platform at work, and leaves it some
      }
      if (event.manner() == Plan.Manner.TWICE) {
        Thread second = Thread.ofVirtual().start(() -> tryOnce(event));
        post(event, faults);
        second.join();
      } else {
        post(event, faults);
      }
    }
    return null;
  }

  private void post(Plan.Event event, Faults faults) throws InterruptedException {
    while (true) {
      Instant sentAt = Instant.now();
      if (platform.post(pipeline.name().value(), event.link(), toEvent(event))) {
        faults.acknowledged(sentAt);
        return;
      }
      repeated.incrementAndGet();
      Thread.sleep(100); // a sender's own pause before it repeats
    }
  }

  private void tryOnce(Plan.Event event) {
    try {
      platform.post(pipeline.name().value(), event.link(), toEvent(event));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Platform.Event toEvent(Plan.Event event) {
    return new Platform.Event(
        event.id(),
        event.key(),
        event.data().startsWith("{") ? "application/json" : "text/plain",
        event.data(),
        Duration.ofMillis(event.haltMs()));
  }

  /** Waits until the audit finds nothing wrong, or nothing moves any more. */
  private void settle(List<Sent> sent) throws InterruptedException {
    Instant moved = Instant.now();
    long records = -1;
    try (Ledger ledger = ledger()) {
      while (true) {
        try {
          Standing standing = ledger.read();
          if (Audit.of(pipeline, behaviour, standing, sent).breaches().isEmpty()) {
            return;
          }
          long now = standing.topics().values().stream().mapToLong(List::size).sum();
          if (now > records) {
            records = now;
            moved = Instant.now();
          }
        } catch (KafkaException e) {
          // the broker is asked again, as long as it may take
        }
        if (Duration.between(moved, Instant.now()).compareTo(STANDSTILL) > 0) {
          return;
        }
        Thread.sleep(LOOK);
      }
    }
  }
}
