package dev.koalja.launch;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;

/**
 * Ends a process whose parent is gone, however that ended. The parent holds the other end of the
 * process' standard input and sets {@code KOALJA_WATCH_PARENT=true} (see {@link ChildProcess}).
 */
public final class ParentWatch {
  /**
   * How long a child may take to end in good order. A parent that stops its children asks them to;
   * one that is gone was killed, and what its children would still talk to went with it: they would
   * wait for that, and hold the ports and files that the next run needs.
   */
  private static final Duration LIMIT = Duration.ofSeconds(3);

  private ParentWatch() {}

  /**
   * Runs {@code end} once standard input is closed; does nothing for a process nobody watches. The
   * process takes the time it needs to end.
   */
  public static void start(Runnable end) {
    if ("true".equals(System.getenv("KOALJA_WATCH_PARENT"))) {
      Thread.ofPlatform().daemon().name("koalja-parent").start(() -> watch(end));
    }
  }

  /**
   * The same for a process of ours that may be killed at any time: it is gone three seconds later.
   */
  public static void startBriefly(Runnable end) {
    start(
        () -> {
          try {
            end.run();
            Thread.sleep(LIMIT);
          } catch (InterruptedException e) {
            // at once, then
          } finally {
            Runtime.getRuntime().halt(1);
          }
        });
  }

  private static void watch(Runnable end) {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException _) {
      // a broken pipe says the same as a closed one
    }
    end.run();
  }
}
