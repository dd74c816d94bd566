package dev.koalja.launch;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Ends a process whose parent is gone, however that ended. The parent holds the other end of the
 * process' standard input and sets {@code KOALJA_WATCH_PARENT=true} (see {@link ChildProcess}).
 */
public final class ParentWatch {
  private ParentWatch() {}

  /** Runs {@code end} once standard input is closed; does nothing for a process nobody watches. */
  public static void start(Runnable end) {
    if ("true".equals(System.getenv("KOALJA_WATCH_PARENT"))) {
      Thread.ofPlatform().daemon().name("koalja-parent").start(() -> watch(end));
    }
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
