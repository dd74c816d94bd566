package dev.koalja.runtime.deployment;

import org.jboss.jandex.Type;

/**
 * What a function makes, and when it is there.
 *
 * @param type the type of the value
 * @param when when the value is there
 */
record Returned(Type type, When when) {
  /** When a value is there. */
  enum When {
    /** When the method returns. */
    NOW,
    /** When a {@code CompletionStage} is complete. */
    STAGE,
    /** When Mutiny's {@code Uni} has it. */
    UNI
  }
}
