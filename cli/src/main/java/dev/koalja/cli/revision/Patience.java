package dev.koalja.cli.revision;

import dev.koalja.cli.CliException;
import dev.koalja.cli.Exit;
import dev.koalja.cli.control.RunningCircuit;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How somebody waits for a circuit that does not answer: its breadboard may just be started again
 * after a crash. Not for longer than that takes, and not for one that has ended.
 *
 * @param limit how long
 * @param ended whether waiting is in vain
 * @param told what the one who waits is told, once, when it takes longer than a moment
 */
public record Patience(Duration limit, BooleanSupplier ended, Consumer<String> told) {
  /** How long a breadboard that is started again is waited for, or long calls. */
  public static final Duration LIMIT = Duration.ofSeconds(90);

  private static final Duration MOMENT = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** As long as this run lasts, but for {@link #LIMIT}. */
  public static Patience with(RunningCircuit running, Consumer<String> told) {
    return new Patience(LIMIT, () -> !running.alive(), told);
  }

  /**
   * Asks until the circuit answers.
   *
   * @throws CliException when it does not answer in that time, has ended, or refuses
   */
  public <T> T ask(Supplier<T> question) throws InterruptedException {
    Wait wait = begin();
    while (true) {
      try {
        return question.get();
      } catch (CliException e) {
        if (!wait.goesOn(e, PAUSE)) {
          throw e.exit() == Exit.UNAVAILABLE && ended.getAsBoolean()
              ? CliException.unavailable("the circuit ended meanwhile; koalja run starts it again")
              : e;
        }
      }
    }
  }

  /** Begins to wait; used by one thread. */
  Wait begin() {
    return new Wait(this);
  }

  /** One who waits. */
  static final class Wait {
    private final Patience patience;
    private final Instant begin = Instant.now();
    private boolean told;

    private Wait(Patience patience) {
      this.patience = patience;
    }

    /** Whether there is time left, and somebody to wait for. */
    boolean isOpen() {
      return !patience.ended.getAsBoolean() && Instant.now().isBefore(begin.plus(patience.limit));
    }

    /** After a failure: whether to try again; a pause has passed by then. */
    boolean goesOn(CliException failure, Duration pause) throws InterruptedException {
      if (failure.exit() != Exit.UNAVAILABLE || !isOpen()) {
        return false;
      }
      if (!told && Instant.now().isAfter(begin.plus(MOMENT))) {
        told = true;
        patience.told.accept(
            "The circuit does not answer, it may just be started again: waiting for it, %d seconds at most."
                .formatted(patience.limit.toSeconds()));
      }
      Thread.sleep(pause);
      return true;
    }
  }
}
