package dev.koalja.benchmarks;

import java.nio.file.Path;

/**
 * How a measurement is run.
 *
 * @param rounds in how many each subject has its turn once
 * @param home the checkout, built
 * @param scratch an empty folder that goes away afterwards
 */
public record Run(int rounds, Path home, Path scratch) {
  /** Says what is going on; the results go elsewhere. */
  public void progress(String message, Object... arguments) {
    System.err.println("  " + message.formatted(arguments));
  }
}
