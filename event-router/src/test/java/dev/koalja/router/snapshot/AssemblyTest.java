package dev.koalja.router.snapshot;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.koalja.pipeline.Input;
import dev.koalja.pipeline.PortName;
import dev.koalja.router.snapshot.Script.Arrive;
import dev.koalja.router.snapshot.Script.Op;
import dev.koalja.router.snapshot.Script.Tick;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AssemblyTest {
  private static final int MANY = 10_000;

  @Test
  void shouldMakeRoomSoonAlsoWhenItWasFullAfterAClockThatWasFarAhead() {
    Machine machine = new Machine(Script.of("AllNew A minInterval=1s maxWaiting=2", ""));
    Instant begin = Script.BEGIN;
    machine.apply(arrive("", "a", 0, begin.plus(Duration.ofHours(1)))); // fires at once
    // waits: an earlier clock said that it may not fire for an hour
    machine.apply(arrive("", "a", 1, begin.plus(Duration.ofHours(1)).plusMillis(1)));
    machine.apply(arrive("", "a", 2, begin.plus(Duration.ofHours(1)).plusMillis(2)));

    Step refused = machine.apply(arrive("", "a", 3, begin));
    assertThat(refused.refusals()).hasSize(1);
    assertThat(machine.apply(new Tick(begin.plusMillis(999))).firings()).isEmpty();
    assertThat(machine.apply(new Tick(begin.plusSeconds(1))).firings()).isNotEmpty();
  }

  /** Every policy over many arrivals: how many firings, and how little is kept at the end. */
  @ParameterizedTest
  @CsvSource({
    "AllNew A B,                               5000,   0",
    "AllNew A:1..5 B:7,                         714, 1435",
    "AllNew A B minInterval=1ms,               5000,   1",
    "AllNew A B C>A maxWaiting=5,              3333,   5",
    "SwapNew4Old A B,                          9999,   3",
    "SwapNew4Old A B minInterval=1ms,          9999,   3",
    "SlidingWindow A:4/2,                      4999,   4",
    "SlidingWindow A:1000/1,                   9001, 1001",
    "SlidingWindow A:3/1 B:2/2 maxWaiting=9,   2500,  10",
    "AllNew A B window=60s+10s,                  16, 401",
    "AllNew A B timeout=10ms:PARTIAL,         10000,   0",
  })
  void shouldNeverStandStillAndKeepLittle(String spec, int firings, int records) {
    Script script = Script.of(spec, "");
    Machine machine = new Machine(script);
    List<String> ports =
        Script.words(spec).stream()
            .skip(1)
            .filter(word -> !word.contains("="))
            .map(word -> word.startsWith("C") ? "a" : word.substring(0, 1).toLowerCase())
            .toList();
    int fired = 0;
    int mostRecords = 0;
    for (int i = 0; i < MANY; i++) {
      Instant now = Script.BEGIN.plusMillis(100L * i);
      fired += machine.apply(arrive("", ports.get(i % ports.size()), i, now)).firings().size();
      fired += machine.apply(new Tick(now.plusMillis(50))).firings().size();
      mostRecords = Math.max(mostRecords, machine.records());
    }
    assertThat(fired).isEqualTo(firings);
    assertThat(machine.records()).isLessThanOrEqualTo(records);
    assertThat(mostRecords).isLessThanOrEqualTo(Math.max(2 * records, 1500));
    // an event is written once and removed once, however many snapshots it is part of
    assertThat(machine.written()).isLessThan(250L * MANY);
    machine.check();
  }

  @Test
  void shouldNotWriteAnEventThatCompletesItsSnapshot() {
    Machine machine = new Machine(Script.of("AllNew A B", ""));
    Step first = machine.apply(arrive("k", "a", 0, Script.BEGIN));
    Step second = machine.apply(arrive("k", "b", 1, Script.BEGIN));
    assertThat(first.changes()).singleElement().matches(change -> change.value() != null);
    assertThat(second.firings()).hasSize(1);
    assertThat(second.changes())
        .singleElement()
        .matches(change -> change.value() == null)
        .matches(change -> Arrays.equals(change.key(), first.changes().getFirst().key()));
  }

  @Test
  void shouldKeepNothingOfManyKeysThatWereCompleted() {
    Machine machine = new Machine(Script.of("AllNew A B minInterval=1s", ""));
    for (int i = 0; i < MANY; i++) {
      machine.apply(arrive("k" + i, "a", 2L * i, Script.BEGIN));
      machine.apply(arrive("k" + i, "b", 2L * i + 1, Script.BEGIN));
    }
    assertThat(machine.assembly().keys()).isEqualTo(MANY);
    Instant end = Script.BEGIN.plusSeconds(1);
    int ticks = 0;
    while (machine.assembly().nextTick().filter(end::equals).isPresent()) {
      assertThat(machine.apply(new Tick(end)).changes()).hasSizeLessThanOrEqualTo(Assembly.LARGE);
      ticks++;
    }
    assertThat(ticks).isEqualTo(MANY / Assembly.LARGE);
    assertThat(machine.assembly().keys()).isZero();
    assertThat(machine.assembly().bytes()).isZero();
    assertThat(machine.records()).isZero();
  }

  @Test
  void shouldGiveUpVeryManyInStepsThatFitATransaction() {
    Machine machine = new Machine(Script.of("AllNew A B timeout=1h:DEADLETTER", ""));
    for (int i = 0; i < MANY; i++) {
      machine.apply(arrive("k" + i, "a", i, Script.BEGIN));
    }
    Instant end = Script.BEGIN.plusSeconds(3600);
    int refused = 0;
    while (machine.assembly().nextTick().isPresent()) {
      Step step = machine.apply(new Tick(end));
      assertThat(step.refusals()).hasSizeBetween(1, Assembly.LARGE);
      refused += step.refusals().size();
    }
    assertThat(refused).isEqualTo(MANY);
    assertThat(machine.records()).isZero();
  }

  @Test
  void shouldFireAtMostOncePerIntervalAndNeverLoseTheLastValue() {
    Machine machine = new Machine(Script.of("SwapNew4Old A minInterval=500ms", ""));
    List<Firing> firings = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Instant now = Script.BEGIN.plusMillis(10L * i);
      firings.addAll(machine.apply(new Tick(now)).firings());
      firings.addAll(machine.apply(arrive("", "a", i, now)).firings());
    }
    while (machine.assembly().nextTick().isPresent()) {
      Instant next = machine.assembly().nextTick().get();
      firings.addAll(machine.apply(new Tick(next)).firings());
    }
    assertThat(firings).hasSizeLessThanOrEqualTo(3);
    assertThat(firings.getLast().slots()).extracting(Slot::offset).containsExactly(99L);
  }

  @ParameterizedTest
  @CsvSource({
    "AllNew A B timeout=1h:DROP,       A1 @1h,          waited 1h for b",
    "AllNew A B C timeout=90s:DROP,    A1 @90s,         waited 90s for b and c",
    "AllNew A:3 B timeout=1d:DROP,     A1 B1 @1d,       waited 1d for 2 more of a",
    "AllNew A maxWaiting=1 minInterval=1h, A1 A2 A3,    " + "a has 1 waiting and maxWaiting is 1",
    "AllNew A B window=60s+0s,         A1 @60s,         "
        + "window 2026-01-01T00:00:00Z to 2026-01-01T00:01:00Z ended without b",
    "AllNew A window=60s+0s,           A1~60s A2~59s,   "
        + "came after window 2026-01-01T00:00:00Z to 2026-01-01T00:01:00Z had ended",
  })
  void shouldTellPeopleWhyItGaveUp(String spec, String script, String reason) {
    Script parsed = Script.of(spec, script);
    Machine machine = new Machine(parsed);
    List<Refusal> refusals = new ArrayList<>();
    for (Op op : parsed.ops()) {
      refusals.addAll(machine.apply(op).refusals());
    }
    assertThat(refusals).extracting(Refusal::reason).containsOnly(reason);
  }

  @Test
  void shouldTellWhatItWaitsForTheOldestFirst() {
    Machine machine =
        after("AllNew A:2 B timeout=1h:DEADLETTER", "k:A1 +1s l:B1 +1s k:B1 m:A1 m:A2 m:B1");
    List<Waiting> waiting = machine.assembly().waiting(10, Optional.empty());
    assertThat(waiting).extracting(Waiting::key).containsExactly("k", "l");
    Waiting first = waiting.getFirst();
    assertThat(first.missing()).containsExactly(new PortName("a"));
    assertThat(first.inputs())
        .extracting(each -> each.input() + " " + each.have() + " of " + each.of())
        .containsExactly("a 1 of 2", "b 1 of 1");
    assertThat(first.inputs().getFirst().oldest()).extracting(Slot::offset).containsExactly(0L);
    assertThat(first.since()).isEqualTo(Script.BEGIN);
    assertThat(first.givesUp()).contains(Script.BEGIN.plusSeconds(3600));
    assertThat(first.notBefore()).isEmpty();
    assertThat(machine.assembly().waiting(1, Optional.empty())).hasSize(1);
    assertThat(machine.assembly().waiting(10, Optional.of("l")))
        .extracting(Waiting::missing)
        .containsExactly(List.of(new PortName("a")));
    assertThat(machine.assembly().waiting(10, Optional.of("m"))).isEmpty();
  }

  @Test
  void shouldTellThatOnlyTimeHasToPass() {
    Machine machine = after("SwapNew4Old A minInterval=5s timeout=1s:DROP", "A1 A2");
    Waiting waiting = machine.assembly().waiting(10, Optional.empty()).getFirst();
    assertThat(waiting.missing()).isEmpty();
    assertThat(waiting.notBefore()).contains(Script.BEGIN.plusSeconds(5));
    assertThat(waiting.givesUp()).isEmpty();
  }

  @Test
  void shouldTellWhichWindowsAreOpen() {
    Machine machine = after("AllNew A B window=60s+30s", "+1m A1~80s B1~50s");
    List<Waiting> waiting = machine.assembly().waiting(10, Optional.empty());
    assertThat(waiting)
        .extracting(each -> each.windowStart().orElseThrow())
        .containsExactlyInAnyOrder(Script.BEGIN, Script.BEGIN.plusSeconds(60));
    assertThat(waiting)
        .extracting(each -> each.givesUp().orElseThrow())
        .containsOnly(Script.BEGIN.plusSeconds(150));
  }

  @Test
  void shouldBeFullAboveItsLimitsUntilSomethingIsLetGo() {
    Script script = Script.of("AllNew A B timeout=1h:DROP", "k:A1 l:A1 m:A1");
    for (Limits limits : List.of(new Limits(2, 1_000_000), new Limits(100, 500))) {
      Assembly assembly = new Assembly(script.snapshot(), script.inputs(), limits);
      for (Op op : script.ops()) {
        assertThat(assembly.full()).isFalse();
        assembly.arrive(((Arrive) op).arrival());
      }
      assertThat(assembly.full()).isTrue();
      assembly.tick(Script.BEGIN.plusSeconds(3600));
      assertThat(assembly.full()).isFalse();
    }
  }

  @Test
  void shouldRefuseStateOfAnotherVersion() {
    Assembly assembly = new Machine(Script.of("AllNew A", "")).assembly();
    StateRecord slot = StateCodec.letGo(7);
    byte[] other = slot.key().clone();
    other[0] = 2;
    assertThatThrownBy(() -> assembly.restore(new StateRecord(other, null)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("format 2")
        .hasMessageContaining("newer router");
    assertThatThrownBy(() -> assembly.restore(new StateRecord(slot.key(), new byte[] {9})))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("format 9");
    assertThatThrownBy(() -> assembly.restore(new StateRecord(new byte[0], null)))
        .isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"01", "0100", "01000000ff", "01ffffffff", "0100000000000000014100"})
  void shouldRefuseDamagedStateInsteadOfLosingIt(String value) {
    Assembly assembly = new Machine(Script.of("AllNew A", "")).assembly();
    byte[] bytes = HexFormat.of().parseHex(value);
    assertThatThrownBy(() -> assembly.restore(new StateRecord(StateCodec.letGo(7).key(), bytes)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("damaged");
  }

  @Test
  void shouldNotWorkWithHalfAState() {
    Machine machine = after("AllNew A B", "A1");
    Assembly other = new Machine(Script.of("AllNew A B", "")).assembly();
    other.restore(StateCodec.letGo(1));
    assertThatThrownBy(() -> other.tick(Script.BEGIN)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> machine.assembly().restore(StateCodec.letGo(1)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void shouldKeepKeysAndTimesAsTheyAre() {
    Instant odd = Instant.ofEpochSecond(-62_135_596_800L, 123_456_789);
    Arrival arrival =
        new Arrival(
            "Käse 🧀 \u0000", new PortName("a"), Long.MAX_VALUE, odd, odd, new byte[] {0, -1});
    StateRecord put = StateCodec.put(arrival);
    Arrival read = StateCodec.arrival(Long.MAX_VALUE, put.value());
    assertThat(read).usingRecursiveComparison().isEqualTo(arrival);
    assertThat(StateCodec.subject(put.key())).isEqualTo(new StateCodec.SlotAt(Long.MAX_VALUE));
    assertThat(StateCodec.subject(StateCodec.metaKey(arrival.key())))
        .isEqualTo(new StateCodec.MetaOf(arrival.key()));
  }

  @Test
  void shouldTakeAnEventOfAnyTime() {
    Machine machine = new Machine(Script.of("AllNew A window=60s+0s", ""));
    byte[] event = "A1".getBytes(StandardCharsets.UTF_8);
    List<Instant> times = List.of(Instant.MIN, Instant.EPOCH.minusSeconds(1), Instant.MAX);
    for (int i = 0; i < times.size(); i++) {
      machine.apply(
          new Arrive(new Arrival("", new PortName("a"), i, Script.BEGIN, times.get(i), event)));
    }
    machine.apply(new Tick(Script.BEGIN.plusSeconds(60)));
    assertThat(machine.assembly().keys()).isZero();
  }

  // --- the task was changed while events waited ------------------------------------------------

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "AllNew A:3 B; A1 A2 B1; AllNew A:1..2 B; @0s A3; @ (A1..2,B1)",
        "AllNew A B; A1 A2 A3; AllNew A; @0s; @ (A1) (A2) (A3)",
        "AllNew A B; A1 B2 A2 A3; AllNew B; @0s B3; @ xA2:dead xA3:dead (B3)",
        "AllNew A B C; A1 C1; AllNew A B C>A; B1 B2; (A1,B1) (C1,B2)",
        "AllNew A B; A1 A2; SwapNew4Old A B; B1 B2; (A2,B1) (A2,B2)",
        "AllNew A B; A1 A2 A3; SlidingWindow A:2/1; @0s A4; @ (A1..2) (A2..3) (A3..4)",
        "SlidingWindow A:4/2; A1 A2 A3 A4; AllNew A:2; A5 A6; (A3..4) (A5..6)",
        "SwapNew4Old A B; A1 B1 A2; AllNew A B; A3; (A2,B1)",
        "AllNew A minInterval=1h; A1 A2; AllNew A; @0s; @ (A2)",
        "AllNew A minInterval=1h; A1; AllNew A; @0s A2; @ (A2)",
        "AllNew A B; A1; AllNew A B timeout=1h:DROP; @59m @1m; @ @ xA1:drop",
        "AllNew A B; A1 A2; AllNew A window=60s+0s; @59s @1s; @ @ (A1..2)w0",
        "AllNew A window=60s+0s; A1 A2; AllNew A; @0s; @ (A1) (A2)",
        "AllNew A B minInterval=1h; A1 B1 A2; AllNew A window=60s+0s; @59s @1s; @ @ (A2)w0",
        "AllNew A B maxWaiting=9; A1 A2 A3; AllNew A B maxWaiting=1; A4 B1; xA4:overflow (A1,B1)",
      })
  void shouldGoOnWithWhatWaited(
      String before, String waiting, String after, String script, String expected) {
    int done = Script.of(before, waiting).ops().size();
    Script changed = Script.of(after, "");
    // the inputs of both tasks, so that what waited before can be read as part of one script
    List<Input> inputs = new ArrayList<>(changed.inputs());
    inputs.addAll(Script.of(before, "").inputs());
    List<Op> all = Script.ops(inputs, Script.words(waiting + " " + script));
    Assembly assembly = after(before, waiting).restart(changed);
    List<String> results = new ArrayList<>();
    for (Op op : all.subList(done, all.size())) {
      Step step =
          switch (op) {
            case Arrive(Arrival arrival) -> assembly.arrive(arrival);
            case Tick(Instant now) -> assembly.tick(now);
            case Script.Restart _ -> throw new AssertionError();
          };
      results.addAll(Script.results(op, step.firings(), step.refusals()));
    }
    assertThat(String.join(" ", results)).isEqualTo(expected.strip());
  }

  @Test
  void shouldRefuseArrivalsOfAnInputThatIsGone() {
    Assembly assembly = new Machine(Script.of("AllNew A", "")).assembly();
    Step step = assembly.arrive(((Arrive) arrive("k", "b", 1, Script.BEGIN)).arrival());
    assertThat(step.changes()).isEmpty();
    assertThat(step.refusals())
        .extracting(Refusal::reason)
        .containsExactly("the task has no input b any more");
  }

  @Test
  void shouldBeAFunctionOfArrivalsAndTicks() {
    noClasses()
        .that()
        .haveNameMatching(".*\\.(Assembly|Group|Meta|Progress|StateCodec)(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.kafka..", "java.util.concurrent..", "java.io..", "io..")
        .check(new ClassFileImporter().importClasses(Assembly.class, Group.class, Meta.class));
    noClasses()
        .should()
        .callMethod(Instant.class, "now")
        .check(new ClassFileImporter().importClasses(Assembly.class, Group.class));
  }

  private static Machine after(String spec, String words) {
    Script script = Script.of(spec, words);
    Machine machine = new Machine(script);
    script.ops().forEach(machine::apply);
    return machine;
  }

  private static Op arrive(String key, String port, long offset, Instant now) {
    byte[] event = ("{\"id\":\"" + offset + "\"}").getBytes(StandardCharsets.UTF_8);
    return new Arrive(new Arrival(key, new PortName(port), offset, now, now, event));
  }
}
