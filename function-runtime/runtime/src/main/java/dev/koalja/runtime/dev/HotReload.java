package dev.koalja.runtime.dev;

import io.quarkus.dev.spi.HotReplacementContext;
import io.quarkus.dev.spi.HotReplacementSetup;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Has Quarkus bring in changes as they are saved. By itself it looks for them only when a request
 * comes to its own HTTP server, which functions do not have; and a link that a change adds must be
 * there before the first event for it. So one looks all the time, beside the way of the events.
 */
public final class HotReload implements HotReplacementSetup {
  private static final Logger LOG = Logger.getLogger(HotReload.class);
  private @Nullable Thread thread;

  @Override
  public void setupHotDeployment(HotReplacementContext context) {
    SavedFiles files = new SavedFiles(context);
    thread =
        Thread.ofPlatform()
            .daemon()
            .name("koalja-hot-reload")
            .start(
                () -> {
                  try {
                    while (true) {
                      files.awaitChange();
                      scan(context);
                    }
                  } catch (InterruptedException e) {
                    // the session is over
                  }
                });
  }

  private static void scan(HotReplacementContext context) {
    try {
      // as if a person asked: a start that failed is tried again
      context.doScan(true);
    } catch (Exception | LinkageError e) {
      LOG.error("saved changes could not be brought in", e);
    }
  }

  @Override
  public void close() {
    if (thread != null) {
      thread.interrupt();
    }
    DevServer.SESSION.end();
  }
}
