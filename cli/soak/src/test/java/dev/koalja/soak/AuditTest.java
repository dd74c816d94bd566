package dev.koalja.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.pipeline.Order;
import dev.koalja.pipeline.journal.InvocationRecord.Outcome;
import dev.koalja.soak.Breach.Kind;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** An audit that finds nothing proves nothing unless it finds what is put there by hand. */
class AuditTest {
  private final Topics topics =
      Topics.of(
          """
          apiVersion: koalja.dev/v1alpha1
          kind: Pipeline
          metadata: {name: p}
          spec:
            tasks:
            - name: relay
              function: {app: a}
              inputs: [{name: left, link: left}]
              outputs: [{name: result, link: relayed}]
            - name: join
              function: {app: a}
              inputs: [{name: left, link: relayed}, {name: right, link: right}]
              outputs: [{name: result, link: joined}]
            - name: window
              function: {app: a}
              snapshot: {correlate: none}
              inputs: [{name: left, link: relayed, length: 2, slide: 1}]
              outputs: [{name: result, link: windowed}]
          """);

  AuditTest() {
    for (int i = 1; i <= 3; i++) {
      topics.send("left", "k", "l" + i);
      topics.send("right", "k", "r" + i);
      topics.call("relay", "left", i, "relayed");
      topics.arrive("join", "left", "relayed", i, "k");
      topics.arrive("join", "right", "right", i, "k");
      topics.snapshot("join", "left relayed " + i, "right right " + i);
      topics.end("join", i, "joined");
      topics.arrive("window", "left", "relayed", i, "");
      if (i > 1) {
        topics.snapshot("window", "left relayed " + (i - 1), "left relayed " + i);
        topics.end("window", i - 1, "windowed");
      }
    }
  }

  @Test
  void shouldFindNothingWhereNothingIsWrong() {
    Audit.Report report = topics.audit();
    assertThat(report.breaches()).isEmpty();
    assertThat(report.invocations()).isEqualTo(3 + 3 + 2);
    assertThat(report.snapshots()).isEqualTo(5);
  }

  @Test
  void shouldFindAnAcknowledgedEventThatIsNotThere() {
    topics.sent("left", "k", "l4");
    assertThat(topics.breaches()).containsExactly(Kind.LOST);
  }

  @Test
  void shouldFindAnEventWithoutAnOutcome() {
    topics.send("left", "k", "l4");
    assertThat(topics.breaches()).containsExactly(Kind.LOST);
    assertThat(topics.audit().breaches().getFirst().records().getFirst()).contains("l4");
  }

  @Test
  void shouldFindAnEventThatEndedTwice() {
    topics.call("relay", "left", 3, "nowhere");
    assertThat(topics.breaches()).contains(Kind.DOUBLED);
  }

  @Test
  void shouldFindAResultThatStandsTwice() {
    topics.again("joined", 2);
    assertThat(topics.breaches()).containsExactly(Kind.WITHOUT_JOURNAL);
  }

  @Test
  void shouldFindAResultThatIsNotThere() {
    topics.drop("joined", 2);
    assertThat(topics.breaches()).containsExactly(Kind.WITHOUT_RECORD);
  }

  @Test
  void shouldFindAnotherValueThanTheJournaledOne() {
    topics.change("windowed", 1, "something else");
    assertThat(topics.breaches())
        .containsExactlyInAnyOrder(Kind.WITHOUT_JOURNAL, Kind.WITHOUT_RECORD);
  }

  @Test
  void shouldFindAResultWithoutAJournalRecord() {
    topics.drop("koalja-journal.p", 5);
    assertThat(topics.breaches()).contains(Kind.WITHOUT_JOURNAL).contains(Kind.LOST);
  }

  @Test
  void shouldFindResultsThatChangedPlaces() {
    topics.swap("joined", 1, 2);
    assertThat(topics.breaches()).containsExactly(Kind.REORDERED);
  }

  @Test
  void shouldFindAnOvertakingInTheJournal() {
    topics.send("left", "k", "l4");
    topics.send("left", "k", "l5");
    topics.fail("relay", "left", 5, Outcome.DEAD_LETTERED);
    topics.fail("relay", "left", 4, Outcome.DEAD_LETTERED);
    assertThat(topics.breaches()).containsExactly(Kind.REORDERED);
  }

  /** The order of a task may differ from round to round. */
  @Test
  void shouldJudgeTheOrderOfAnEventByWhatHeldWhenItWasSent() {
    topics.send("left", "k", "l4");
    topics.send("left", "k", "l5");
    topics.fail("relay", "left", 5, Outcome.DEAD_LETTERED);
    topics.fail("relay", "left", 4, Outcome.DEAD_LETTERED);
    assertThat(overtaken(Order.KEY)).containsExactly(Kind.REORDERED);
    assertThat(overtaken(Order.ORDERED)).containsExactly(Kind.REORDERED);
    assertThat(overtaken(Order.UNORDERED)).isEmpty();
  }

  private List<Kind> overtaken(Order order) {
    Behaviour behaviour =
        new Behaviour() {
          @Override
          public Optional<Order> order(String task, String eventId) {
            return Optional.of(order);
          }

          @Override
          public Optional<Expected> of(String task, List<Given> given) {
            return Optional.empty();
          }
        };
    return topics.audit(behaviour).breaches().stream().map(Breach::kind).toList();
  }

  @Test
  void shouldFindAnEventThatNeverArrived() {
    topics.drop("koalja-arrivals.p.window", 3);
    assertThat(topics.breaches()).contains(Kind.LOST).contains(Kind.WRONG_TUPLE);
  }

  @Test
  void shouldFindAnEventThatArrivedTwice() {
    topics.arrive("join", "left", "relayed", 3, "k");
    assertThat(topics.breaches()).containsExactly(Kind.DOUBLED);
  }

  @Test
  void shouldFindArrivalsThatChangedPlaces() {
    topics.swap("koalja-arrivals.p.window", 1, 2);
    assertThat(topics.breaches()).contains(Kind.REORDERED);
  }

  @Test
  void shouldFindAPairThatDoesNotBelongTogether() {
    topics.dropLast("koalja-snapshots.p.join");
    topics.snapshot("join", "left relayed 2", "right right 3");
    assertThat(topics.breaches()).contains(Kind.WRONG_TUPLE, Kind.LOST);
  }

  @Test
  void shouldFindASnapshotThatWasForgotten() {
    topics.dropLast("koalja-snapshots.p.window");
    topics.dropLast("koalja-journal.p");
    topics.dropLast("windowed");
    assertThat(topics.breaches()).containsExactly(Kind.LOST);
  }

  @Test
  void shouldFindASnapshotThatNobodyHandedOver() {
    topics.dropLast("koalja-journal.p");
    topics.dropLast("windowed");
    assertThat(topics.breaches()).containsExactly(Kind.LOST);
  }

  @Test
  void shouldFindASnapshotThatWasMadeTwice() {
    topics.snapshot("window", "left relayed 2", "left relayed 3");
    topics.end("window", 3, "windowed");
    assertThat(topics.breaches()).containsExactly(Kind.DOUBLED);
  }

  @Test
  void shouldFindAnOpenTransaction() {
    topics.open("koalja.p.joined-0 can be read to 3 of 5");
    assertThat(topics.breaches()).containsExactly(Kind.UNDECIDED);
  }

  @Test
  void shouldTakeARepeatedRequestForAnEventOfItsOwn() {
    topics.send("right", "k", "r3");
    topics.arrive("join", "right", "right", 4, "k");
    assertThat(topics.breaches()).isEmpty();
  }

  @Test
  void shouldFindRequestsThatChangedPlaces() {
    topics.send("right", "j", "r4");
    topics.send("right", "j", "r5");
    topics.arrive("join", "right", "right", 4, "j");
    topics.arrive("join", "right", "right", 5, "j");
    topics.sentBefore("r5", "r4");
    assertThat(topics.breaches()).containsExactly(Kind.REORDERED);
  }
}
