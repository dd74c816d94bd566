package dev.koalja.knative.serving.local;

import java.io.IOException;

/** Starts processes. */
@FunctionalInterface
interface ProcessLauncher {
  /**
   * Starts a process of {@code build}; it is not ready yet.
   *
   * @throws IOException when the operating system refuses
   */
  AppProcess launch(AppBuild build) throws IOException;
}
