package dev.koalja.pipeline.filter;

/**
 * What a filter says about one event. Only {@link Passed} lets it reach the task. Texts quote
 * attributes and values of the data, shortened; they are for people, not for programs.
 */
public sealed interface Verdict {
  /** The one verdict of all filters that let an event pass. */
  Passed PASSED = new Passed();

  /** The filter lets the event pass. */
  record Passed() implements Verdict {}

  /**
   * The filter does not let the event pass.
   *
   * @param clause the clause that decided, such as {@code type = "order.cancelled"}
   * @param because what was found instead, such as {@code type was "order.created"}
   */
  record Failed(String clause, String because) implements Verdict {
    public Failed {
      clause = Wording.cut(clause);
      because = Wording.cut(because);
    }
  }

  /**
   * The filter could not be evaluated, so the event does not pass; negating it changes nothing.
   *
   * @param clause the clause that could not be evaluated
   * @param message what went wrong
   */
  record Error(String clause, String message) implements Verdict {
    public Error {
      clause = Wording.cut(clause);
      message = Wording.cut(message);
    }
  }

  /** Whether the event may reach the task. */
  default boolean passed() {
    return this instanceof Passed;
  }

  /** One sentence for people. */
  default String text() {
    return switch (this) {
      case Passed() -> "passed";
      case Failed(String clause, String because) -> clause + " did not hold: " + because;
      case Error(String clause, String message) -> clause + " could not be evaluated: " + message;
    };
  }
}
