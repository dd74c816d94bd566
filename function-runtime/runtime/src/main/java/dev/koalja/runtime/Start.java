package dev.koalja.runtime;

import io.quarkus.bootstrap.runner.AotQuarkusEntryPoint;

/**
 * Where a packaged function process begins: two cores are there from the first moment, and Quarkus
 * starts on one. The build names this class in {@code quarkus-run.jar}.
 */
public final class Start {
  private Start() {}

  /** Starts Quarkus, with {@link WarmUp} beside it. */
  public static void main(String... args) throws Throwable {
    WarmUp.begin();
    AotQuarkusEntryPoint.main(args);
  }
}
