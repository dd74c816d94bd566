package dev.koalja.benchmarks.micro;

import dev.koalja.pipeline.Correlation;
import dev.koalja.pipeline.Input;
import dev.koalja.pipeline.Input.Length;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.PortName;
import dev.koalja.pipeline.Snapshot;
import dev.koalja.pipeline.Snapshot.Policy;
import dev.koalja.pipeline.Snapshot.Window;
import dev.koalja.pipeline.StartPosition;
import dev.koalja.router.snapshot.Arrival;
import dev.koalja.router.snapshot.Assembly;
import dev.koalja.router.snapshot.Limits;
import dev.koalja.router.snapshot.Step;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/**
 * One arrival as the reader of arrivals does it: what time brings, then the arrival. Arrivals go
 * round the keys, so that as many as the parameter says have something waiting.
 */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH sets it up
public class AssemblySteps {
  private static final PortName LEFT = new PortName("left");
  private static final PortName RIGHT = new PortName("right");
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration HALF_WINDOW = Duration.ofSeconds(5);
  private static final Duration WINDOW = HALF_WINDOW.multipliedBy(2);
  private static final int LENGTH = 10;
  private static final int SLIDE = 2;
  private static final byte[] EVENT =
      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/benchmark\",\"type\":\"side\",\"data\":\"%s\"}"
          .formatted("x".repeat(1024))
          .getBytes(StandardCharsets.UTF_8);

  /** The policy, or what it is compared with. */
  @Param({"AllNew", "queues", "SwapNew4Old", "SlidingWindow", "window"})
  public String policy;

  /** So many keys have something waiting. */
  @Param({"1", "100", "10000"})
  public int keys;

  private String[] names;
  private Assembly assembly;
  private Map<String, Deque<byte[]>> queues;
  private Instant now;
  private long offset;
  private long fired;

  /** Opens the keys, and lets each fire once at least. */
  @Setup(Level.Trial)
  public void open(Blackhole blackhole) {
    names = new String[keys];
    for (int i = 0; i < keys; i++) {
      names[i] = "key-" + i;
    }
    queues = new HashMap<>();
    assembly = new Assembly(snapshot(), inputs(), new Limits(Integer.MAX_VALUE, Long.MAX_VALUE));
    now = BEGIN;
    offset = 0;
    fired = 0;
    for (long i = 0; i < (long) LENGTH * keys; i++) {
      arrive(blackhole);
    }
  }

  private Snapshot snapshot() {
    return new Snapshot(
        switch (policy) {
          case "SwapNew4Old" -> Policy.SWAP_NEW4OLD;
          case "SlidingWindow" -> Policy.SLIDING_WINDOW;
          default -> Policy.ALL_NEW;
        },
        new Correlation.Key(),
        Optional.empty(),
        Optional.empty(),
        policy.equals("window") ? Optional.of(new Window(WINDOW, Duration.ZERO)) : Optional.empty(),
        Snapshot.DEFAULT_MAX_WAITING);
  }

  private List<Input> inputs() {
    return policy.equals("SlidingWindow")
        ? List.of(input(LEFT, new Length(LENGTH, LENGTH, SLIDE)))
        : List.of(input(LEFT, Length.ONE), input(RIGHT, Length.ONE));
  }

  private static Input input(PortName name, Length length) {
    return new Input(
        name,
        new LinkName(name.value()),
        new StartPosition.Earliest(),
        Optional.empty(),
        List.of(),
        length,
        Optional.empty(),
        Optional.empty());
  }

  /** The next arrival: all keys' left sides, all keys' right sides, and so on. */
  @Benchmark
  public void arrive(Blackhole blackhole) {
    String key = names[(int) (offset % keys)];
    boolean left = policy.equals("SlidingWindow") || offset / keys % 2 == 0;
    if (policy.equals("queues")) {
      blackhole.consume(queue(key, left));
    } else {
      if (offset % keys == 0 && offset > 0) {
        now = now.plus(HALF_WINDOW); // two rounds make a window
      }
      while (assembly.nextTick().filter(next -> !next.isAfter(now)).isPresent()) {
        taken(assembly.tick(now), blackhole);
      }
      taken(
          assembly.arrive(new Arrival(key, left ? LEFT : RIGHT, offset, now, now, EVENT)),
          blackhole);
    }
    offset++;
  }

  private void taken(Step step, Blackhole blackhole) {
    fired += step.firings().size();
    blackhole.consume(step);
  }

  /** What anybody would write who keeps nothing and gives up nothing. */
  private Object queue(String key, boolean left) {
    if (left) {
      queues.computeIfAbsent(key, _ -> new ArrayDeque<>()).add(EVENT);
      return key;
    }
    Deque<byte[]> waiting = Objects.requireNonNull(queues.get(key));
    byte[] other = waiting.remove();
    if (waiting.isEmpty()) {
      queues.remove(key);
    }
    fired++;
    return List.of(other, EVENT);
  }

  /** Fast and wrong counts for nothing. */
  @TearDown(Level.Trial)
  public void check(Blackhole blackhole) {
    while (assembly.nextTick().filter(next -> next.isBefore(BEGIN)).isPresent()) {
      taken(assembly.tick(BEGIN), blackhole); // what was too much for one step
    }
    long rounds = offset / keys;
    long rest = offset % keys;
    long expected =
        switch (policy) {
          case "SwapNew4Old" -> Math.max(0, offset - keys);
          case "SlidingWindow" -> keys * slid(rounds) + rest * (slid(rounds + 1) - slid(rounds));
          case "window" -> (offset - 1) / keys / 2 * keys; // ended by the first event of the next
          default -> rounds / 2 * keys + (rounds % 2 == 1 ? rest : 0);
        };
    if (fired != expected || fired == 0) {
      throw new IllegalStateException(
          "%s: %d firings after %d arrivals of %d keys".formatted(policy, fired, offset, keys));
    }
  }

  private static long slid(long arrivals) {
    return arrivals < LENGTH ? 0 : (arrivals - LENGTH) / SLIDE + 1;
  }
}
