package dev.koalja.runtime.deployment;

import java.util.List;

/** Ends the build of an app whose circuit is wrong: its message is for the author of the app. */
final class WrongCircuitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With every problem on a line of its own, and no stack trace: it would be ours. */
  WrongCircuitException(String app, List<String> problems) {
    super(
        "%d problem%s in the circuit of %s:\n  %s\n"
            .formatted(
                problems.size(),
                problems.size() == 1 ? "" : "s",
                app,
                String.join("\n  ", problems)),
        null,
        false,
        false);
  }
}
