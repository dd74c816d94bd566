package dev.koalja.router.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.router.snapshot.Script.Arrive;
import dev.koalja.router.snapshot.Script.Op;
import dev.koalja.router.snapshot.Script.Restart;
import dev.koalja.router.snapshot.Script.Tick;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An assembly with its compacted topic. */
final class Machine {
  static final Limits LIMITS = new Limits(1_000_000, Long.MAX_VALUE);

  private final Script script;
  private final Map<ByteBuffer, byte[]> topic = new LinkedHashMap<>();
  private Assembly assembly;
  private long written;

  Machine(Script script) {
    this.script = script;
    this.assembly = create(script);
  }

  /** All results of a script, as one line. */
  static String run(Script script) {
    Machine machine = new Machine(script);
    List<String> results = new ArrayList<>();
    for (Op op : script.ops()) {
      Step step = machine.apply(op);
      results.addAll(Script.results(op, step.firings(), step.refusals()));
    }
    return String.join(" ", results);
  }

  Step apply(Op op) {
    return switch (op) {
      case Arrive(Arrival arrival) -> write(assembly.arrive(arrival));
      case Tick(Instant now) -> write(assembly.tick(now));
      case Restart _ -> {
        assembly = restart();
        yield new Step(List.of(), List.of(), List.of());
      }
    };
  }

  private Step write(Step step) {
    for (StateRecord change : step.changes()) {
      ByteBuffer key = ByteBuffer.wrap(change.key());
      topic.remove(key); // compaction keeps the last place
      if (change.value() != null) {
        topic.put(key, change.value());
      }
      written += change.key().length + (change.value() == null ? 0 : change.value().length);
    }
    return step;
  }

  private static Assembly create(Script script) {
    return new Assembly(script.snapshot(), script.inputs(), LIMITS);
  }

  /** Another assembly with the state of this one. */
  Assembly restart() {
    return restart(script);
  }

  /** The state of this one, with what another script says of the task. */
  Assembly restart(Script changed) {
    Assembly restarted = create(changed);
    topic.forEach((key, value) -> restarted.restore(new StateRecord(key.array(), value)));
    restarted.restored();
    return restarted;
  }

  Assembly assembly() {
    return assembly;
  }

  /** Records of the compacted topic. */
  int records() {
    return topic.size();
  }

  /** Bytes written to the topic so far. */
  long written() {
    return written;
  }

  /** What has to be true at all times. */
  void check() {
    Assembly other = restart();
    assertThat(other.keys()).as("keys after a restart").isEqualTo(assembly.keys());
    assertThat(other.bytes()).as("bytes after a restart").isEqualTo(assembly.bytes());
    assertThat(other.nextTick()).as("next tick after a restart").isEqualTo(assembly.nextTick());
    assertThat(describe(other)).as("waiting after a restart").isEqualTo(describe(assembly));
    Optional<Instant> next = assembly.nextTick();
    Instant before = next.orElse(Instant.parse("9999-01-01T00:00:00Z")).minusNanos(1);
    Step early = restart().tick(before);
    assertThat(early.changes()).as("a tick before %s", next).isEmpty();
    if (next.isPresent()) {
      assertThat(restart().tick(next.get()).changes()).as("a tick at %s", next).isNotEmpty();
    }
    if (assembly.keys() == 0) {
      assertThat(records()).as("records when nothing waits").isLessThanOrEqualTo(1);
      assertThat(assembly.bytes()).isZero();
    }
  }

  private static List<String> describe(Assembly assembly) {
    return assembly.waiting(100, Optional.empty()).stream()
        .map(
            each ->
                "%s %s %s %s %s %s %s"
                    .formatted(
                        each.key(),
                        each.windowStart(),
                        each.inputs().stream()
                            .map(have -> have.input() + " " + have.have() + "/" + have.of())
                            .toList(),
                        each.missing(),
                        each.since(),
                        each.notBefore(),
                        each.givesUp()))
        .toList();
  }
}
