package dev.koalja.cli.revision;

import java.io.IOException;
import java.time.Duration;

/**
 * Work that is done again and again beside a run, until it is closed. A round that fails is no
 * matter: the circuit may just be started again, or somebody else be at the folder, and the next
 * round finds it as it is then.
 */
final class Rounds implements AutoCloseable {
  private static final Duration END = Duration.ofSeconds(5);

  private final Thread thread;

  /** What a round does; interrupted when there are to be no more. */
  @FunctionalInterface
  interface Round {
    void go() throws IOException, InterruptedException;
  }

  /**
   * Begins.
   *
   * @param first how long before the first round
   * @param pause how long between each and the next
   */
  Rounds(String name, Duration first, Duration pause, Round round) {
    this.thread = Thread.ofVirtual().name(name).start(() -> run(first, pause, round));
  }

  private static void run(Duration first, Duration pause, Round round) {
    try {
      Thread.sleep(first);
      while (true) {
        try {
          round.go();
        } catch (IOException | RuntimeException e) {
          // the next one
        }
        Thread.sleep(pause);
      }
    } catch (InterruptedException e) {
      // the run ends
    }
  }

  /** No more rounds; waits for the one that goes on. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
