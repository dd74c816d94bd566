package dev.koalja.runtime.invoke;

import dev.koalja.pipeline.error.ErrorCode;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.ElementKind;
import jakarta.validation.Path;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What Jakarta Validation found wrong with the inputs or the result of a function. Trying again
 * would find the same. Loaded only once something is wrong, so that an app without a validator
 * needs none of it.
 */
final class Violations {
  private static final String EXCEPTION = "jakarta.validation.ConstraintViolationException";

  private Violations() {}

  /** Whether a failure may be one; says it without the classes of Jakarta Validation. */
  static boolean mayBe(Throwable cause) {
    return cause.getClass().getName().equals(EXCEPTION);
  }

  /**
   * How the call ended; empty when it was not the call of the function that was found wrong, but
   * something it called. Names where, never the value.
   *
   * @param functions the class of the function
   */
  static Optional<InvocationOutcome.Failed> of(Throwable cause, Class<?> functions) {
    if (!(cause instanceof ConstraintViolationException violated)
        || violated.getConstraintViolations().isEmpty()
        || !violated.getConstraintViolations().stream().allMatch(each -> isCall(each, functions))) {
      return Optional.empty();
    }
    boolean result = violated.getConstraintViolations().stream().anyMatch(Violations::isResult);
    String detail =
        violated.getConstraintViolations().stream()
            .map(each -> place(each) + " " + each.getMessage())
            .sorted()
            .distinct()
            .collect(Collectors.joining("; "));
    return Optional.of(
        new InvocationOutcome.Failed(
            result ? ErrorCode.BAD_REPLY : ErrorCode.UNREADABLE_DATA,
            "invalid: " + detail,
            Optional.of(cause)));
  }

  private static boolean isCall(ConstraintViolation<?> violation, Class<?> functions) {
    return functions.isAssignableFrom(violation.getRootBeanClass())
        && violation.getPropertyPath().iterator().next().getKind() == ElementKind.METHOD;
  }

  private static boolean isResult(ConstraintViolation<?> violation) {
    Iterator<Path.Node> nodes = violation.getPropertyPath().iterator();
    nodes.next();
    return nodes.hasNext() && nodes.next().getKind() == ElementKind.RETURN_VALUE;
  }

  /**
   * {@code order.lines[2].sku}: without the method, which is known, and with a word for its result.
   */
  private static String place(ConstraintViolation<?> violation) {
    String path = violation.getPropertyPath().toString();
    String inside = path.substring(path.indexOf('.') + 1);
    return isResult(violation) ? inside.replaceFirst("^<return value>", "result") : inside;
  }
}
