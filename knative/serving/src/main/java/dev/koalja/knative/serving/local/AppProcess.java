package dev.koalja.knative.serving.local;

import dev.koalja.knative.serving.ColdStart;
import java.time.Duration;
import java.util.Optional;

/** A process that runs the functions of an app. Safe for use by several threads. */
interface AppProcess {
  /** Its process id. */
  long pid();

  /** The loopback port it was told to listen on. */
  int port();

  /**
   * Waits until it is ready.
   *
   * @throws StartFailedException when it ended first or took longer; it is killed then
   */
  ColdStart awaitReady(Duration limit) throws StartFailedException, InterruptedException;

  /**
   * Why it could not use the start-up cache of its build; empty when it could, or when there is
   * none. Known once it is ready.
   */
  Optional<String> withoutCache();

  /** Waits until it has ended; returns its exit code. */
  int awaitEnd() throws InterruptedException;

  /** Whether it is alive and says that it is ready. */
  boolean answers(Duration limit);

  /** Asks it to finish what it does and end. */
  void terminate();

  /** Ends it at once. */
  void kill();

  /** The last line it printed that is no place of a stack trace; empty before the first. */
  String lastLine();
}
