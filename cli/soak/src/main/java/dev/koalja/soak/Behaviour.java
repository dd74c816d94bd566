package dev.koalja.soak;

import dev.koalja.pipeline.Order;
import dev.koalja.pipeline.journal.InvocationRecord.Outcome;
import java.util.List;
import java.util.Optional;

/** What the functions of a circuit should answer, as far as it is known. Pure. */
public interface Behaviour {
  /** Of nothing anything is known: the functions are somebody else's. */
  Behaviour UNKNOWN = (_, _) -> Optional.empty();

  /**
   * An event that an invocation was given.
   *
   * @param input the port
   * @param id its id
   * @param data its data as text
   */
  record Given(String input, String id, String data) {}

  /**
   * An event that it has to make.
   *
   * @param link where it goes
   * @param data its data as text
   */
  record Made(String link, String data) {}

  /**
   * How an invocation has to end.
   *
   * @param outcome its outcome
   * @param made its results in order
   */
  record Expected(Outcome outcome, List<Made> made) {
    public Expected {
      made = List.copyOf(made);
    }
  }

  /** Whether a task is handed an event once only, however often it stands on its link. */
  default boolean deduplicates(String task, Given given) {
    return false;
  }

  /** In which order a task is handed an event and others; as the pipeline says when empty. */
  default Optional<Order> order(String task, String eventId) {
    return Optional.empty();
  }

  /** How a task has to answer; empty when that is not known. */
  Optional<Expected> of(String task, List<Given> given);
}
