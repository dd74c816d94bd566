package dev.koalja.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.pipeline.Backoff;
import dev.koalja.pipeline.Delivery;
import dev.koalja.pipeline.Order;
import dev.koalja.pipeline.Rate;
import dev.koalja.router.admission.Admission.Ticket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** When calls may begin; time is a number the tests choose. */
class AdmissionTest {
  private static final long SECOND = 1_000_000_000;
  private static final long NEVER = Long.MAX_VALUE;
  private long now = 1;

  private static Delivery settings(int maxInFlight, long bytes, String rate) {
    Delivery all = Delivery.DEFAULT;
    return new Delivery(
        Order.KEY,
        5,
        Backoff.DEFAULT,
        all.timeout(),
        Optional.empty(),
        maxInFlight,
        bytes,
        Optional.of(rate).filter(text -> !text.isEmpty()).map(Rate::parse),
        Optional.empty(),
        255,
        Optional.empty(),
        Optional.empty());
  }

  private static Admission admission(int maxInFlight) {
    return new Admission(settings(maxInFlight, 1 << 20, ""), new Random(1));
  }

  /** Begins as many calls as may be begun. */
  private List<Ticket> fill(Admission admission) {
    List<Ticket> tickets = new ArrayList<>();
    while (admission.waitFor(1, now) == 0) {
      tickets.add(admission.begin(1, 1, now));
    }
    return tickets;
  }

  private void end(Admission admission, List<Ticket> tickets, Effort effort) {
    tickets.forEach(ticket -> admission.end(ticket, effort, now));
  }

  @Test
  void shouldBoundEventsInFlight() {
    Admission admission = admission(3);
    List<Ticket> tickets = fill(admission);
    assertThat(tickets).hasSize(3);
    assertThat(admission.waitFor(1, now)).isEqualTo(NEVER);
    admission.end(tickets.getFirst(), Effort.SERVED, now);
    assertThat(fill(admission)).hasSize(1);
  }

  @Test
  void shouldBoundBytesInFlightButLetASingleEventOfAnySizePass() {
    Admission admission = new Admission(settings(10, 1024, ""), new Random(1));
    assertThat(admission.waitFor(5000, now)).isZero();
    Ticket large = admission.begin(1, 5000, now);
    assertThat(admission.waitFor(1, now)).isEqualTo(NEVER);
    admission.end(large, Effort.SERVED, now);
    admission.begin(1, 1000, now);
    assertThat(admission.waitFor(25, now)).isEqualTo(NEVER);
    assertThat(admission.waitFor(24, now)).isZero();
  }

  @Test
  void shouldSpreadARateEvenlyWithASmallBurst() {
    Admission admission = new Admission(settings(10_000, 1 << 20, "100/s"), new Random(1));
    int begun = 0;
    long start = now;
    while (now < start + 10 * SECOND) {
      long wait = admission.waitFor(1, now);
      if (wait == 0) {
        admission.end(admission.begin(1, 1, now), Effort.SERVED, now);
        begun++;
      } else {
        now += wait;
      }
    }
    assertThat(begun).isBetween(1000, 1012);
  }

  @Test
  void shouldKeepToItsShareOfARate() {
    Admission admission = new Admission(settings(10_000, 1 << 20, "10/s"), new Random(1));
    admission.share(0.25);
    admission.begin(1, 1, now);
    admission.begin(1, 1, now);
    assertThat(admission.waitFor(1, now)).isBetween(SECOND / 2, SECOND);
  }

  @Test
  void shouldFallWhenPushedBackOncePerRoundAndFeelItsWayUpAgain() {
    Admission admission = admission(100);
    List<Ticket> round = fill(admission);
    end(admission, round.subList(0, 15), Effort.OVERLOADED);
    assertThat(admission.limit()).isEqualTo(70);
    end(admission, round.subList(15, 100), Effort.SERVED);
    int rounds = 0;
    while (admission.limit() < 100) {
      end(admission, fill(admission), Effort.SERVED);
      rounds++;
    }
    // about one call more in two rounds, as each ends before the next begins
    assertThat(rounds).isBetween(30, 90);
  }

  @Test
  void shouldNotGrowWhileHalfOfTheLimitIsNotUsed() {
    Admission admission = admission(100);
    List<Ticket> round = fill(admission);
    admission.end(round.getFirst(), Effort.OVERLOADED, now);
    end(admission, round.subList(1, 100), Effort.NOTHING);
    for (int i = 0; i < 1000; i++) {
      admission.end(admission.begin(1, 1, now), Effort.SERVED, now);
    }
    assertThat(admission.limit()).isEqualTo(70);
  }

  @Test
  void shouldOpenAfterTwentyFailuresInARowAndTryOneEventNowAndThen() {
    Admission admission = admission(50);
    List<Ticket> round = fill(admission);
    end(admission, round.subList(0, 19), Effort.FAILED);
    assertThat(admission.open()).isFalse();
    admission.end(round.get(19), Effort.FAILED, now);
    assertThat(admission.open()).isTrue();
    assertThat(admission.reason(now).orElseThrow())
        .startsWith("circuit open: 20 calls in a row failed; the next is tried in ");
    end(admission, round.subList(20, 50), Effort.FAILED);

    List<Long> pauses = new ArrayList<>();
    for (int probe = 0; probe < 8; probe++) {
      long wait = admission.waitFor(1, now);
      pauses.add(wait);
      now += wait;
      List<Ticket> tried = fill(admission);
      assertThat(tried).hasSize(1);
      assertThat(admission.room()).isEqualTo(1);
      assertThat(admission.reason(now).orElseThrow()).endsWith("one is being tried");
      end(admission, tried, Effort.FAILED);
    }
    assertThat(pauses.getFirst()).isBetween(SECOND * 3 / 4, SECOND);
    assertThat(pauses.getLast()).isBetween(30 * SECOND * 3 / 4, 30 * SECOND);
  }

  @Test
  void shouldBeginSlowlyOnceTheFunctionWorksAgain() {
    Admission admission = admission(64);
    end(admission, fill(admission), Effort.FAILED);
    now += admission.waitFor(1, now);
    end(admission, fill(admission), Effort.SERVED);
    assertThat(admission.open()).isFalse();
    List<Integer> rounds = new ArrayList<>();
    while (admission.limit() < 64) {
      List<Ticket> round = fill(admission);
      rounds.add(round.size());
      end(admission, round, Effort.SERVED);
    }
    assertThat(rounds.getFirst()).isEqualTo(1);
    for (int i = 1; i < rounds.size(); i++) {
      assertThat(rounds.get(i)).isLessThanOrEqualTo(2 * rounds.get(i - 1));
    }
  }

  @Test
  void shouldCloseForTheLateAnswerOfAnOlderCall() {
    Admission admission = admission(50);
    List<Ticket> round = fill(admission);
    end(admission, round.subList(0, 20), Effort.FAILED);
    admission.end(round.get(20), Effort.SERVED, now);
    assertThat(admission.open()).isFalse();
    assertThat(admission.limit()).isEqualTo(1);
  }

  @Test
  void shouldTryAnotherOneWhenTheTriedOneSaysNothing() {
    Admission admission = admission(50);
    end(admission, fill(admission), Effort.FAILED);
    now += admission.waitFor(1, now);
    end(admission, fill(admission), Effort.NOTHING);
    assertThat(admission.waitFor(1, now)).isZero();
  }

  @Test
  void shouldNeverBoundByWhatFailsNowAndThen() {
    Admission admission = admission(20);
    Random random = new Random(7);
    for (int i = 0; i < 10_000; i++) {
      fill(admission)
          .forEach(
              each ->
                  admission.end(each, random.nextInt(4) > 0 ? Effort.SERVED : Effort.FAILED, now));
    }
    assertThat(admission.open()).isFalse();
    assertThat(admission.limit()).isEqualTo(20);
    assertThat(Duration.ofNanos(admission.waitFor(1, now))).isZero();
  }
}
