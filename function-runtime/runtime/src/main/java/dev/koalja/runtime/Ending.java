package dev.koalja.runtime;

import io.quarkus.runtime.Quarkus;
import java.io.IOException;
import java.io.InputStream;
import org.jboss.logging.Logger;

/** Why a function process ends in good order: a signal, or the process that started it is gone. */
final class Ending {
  private static final Logger LOG = Logger.getLogger(Ending.class);

  private Ending() {}

  /** SIGTERM drains and ends with 0, where the JVM by itself would end with 143. */
  static void onSignal() {
    sun.misc.Signal.handle(new sun.misc.Signal("TERM"), _ -> Quarkus.asyncExit(0));
  }

  /**
   * Ends when {@code parent} does: nobody is left who could send a request. Ctrl-C, which a
   * terminal sends to all processes at once, is the parent's to answer: it lets us finish first.
   */
  static void withParent(InputStream parent) {
    sun.misc.Signal.handle(new sun.misc.Signal("INT"), sun.misc.SignalHandler.SIG_IGN);
    Thread.ofPlatform().daemon().name("parent").start(new Parent(parent));
  }

  /**
   * Waits for the end of standard input. A class, not a lambda: making one at run time takes 12 ms
   * and 6 MB where the start-up cache has none yet.
   */
  private record Parent(InputStream input) implements Runnable {
    @Override
    public void run() {
      try {
        while (input.read() >= 0) {
          // what is said does not matter, only that somebody is there
        }
      } catch (IOException e) {
        LOG.debug("standard input was lost", e);
      }
      Quarkus.asyncExit(0);
    }
  }
}
