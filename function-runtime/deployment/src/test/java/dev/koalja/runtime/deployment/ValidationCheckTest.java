package dev.koalja.runtime.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.jandex.Index;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is asked of Jakarta Validation on functions happens, or is a build error. */
class ValidationCheckTest {
  private static final String P = "dev.koalja.runtime.deployment.Wrong.";
  private static final String NONE =
      ", but the app has no validator. Add the dependency io.quarkus:quarkus-hibernate-validator.";

  static Stream<Arguments> programs() {
    return Stream.of(
        Arguments.of(
            false,
            "Unvalidated.take(Checked): parameter order has @Valid" + NONE,
            Wrong.Unvalidated.class),
        Arguments.of(
            false,
            "UnvalidatedElement.take(List<Checked>): parameter orders has @Valid" + NONE,
            Wrong.UnvalidatedElement.class),
        Arguments.of(
            false,
            "UnvalidatedText.take(String): parameter order has @NotBlank" + NONE,
            Wrong.UnvalidatedText.class),
        Arguments.of(
            false,
            "UnvalidatedResult.price(Order): its result has @NotNull" + NONE,
            Wrong.UnvalidatedResult.class),
        Arguments.of(
            false,
            "OwnConstraint.take(int): parameter order has @Even" + NONE,
            Wrong.OwnConstraint.class),
        Arguments.of(
            true,
            "ValidStream.price(Order): its result is Stream<Checked> and has @Valid, but a validator cannot look into that. Return the value itself or a List.",
            Wrong.ValidStream.class),
        Arguments.of(
            true,
            "ValidLater.price(Order): its result is Uni<Checked> and has @Valid, but a validator cannot look into that. Return the value itself or a List.",
            Wrong.ValidLater.class),
        Arguments.of(
            true,
            "ValidEvent.take(Event<Checked>): parameter order is Event<Checked>, of which @Valid does not mean the data. Write it before the type of the data, as in Event<@Valid Order>.",
            Wrong.ValidEvent.class));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("programs")
  void isABuildError(boolean validator, String problem, Class<?> program) throws Exception {
    ValidationCheck.Found found = check(validator, program);

    assertThat(found.problems()).extracting(BuildProblem::toString).containsExactly(P + problem);
  }

  @Test
  void constraintsThatNobodyLooksAtAreAWarning() throws Exception {
    ValidationCheck.Found found = check(true, Wrong.Forgotten.class);

    assertThat(found.problems()).isEmpty();
    assertThat(found.warnings())
        .extracting(BuildProblem::toString)
        .containsExactly(
            P
                + "Forgotten.take(Checked): component id of Checked has @NotBlank, which nobody looks at when it is read. Write @Valid before Checked of parameter order.");
  }

  @Test
  void whatIsRightIsNeither() throws Exception {
    for (Class<?> program : List.of(Wrong.Remembered.class, Wrong.UnvalidatedText.class)) {
      ValidationCheck.Found found = check(true, program);

      assertThat(found.problems()).isEmpty();
      assertThat(found.warnings()).isEmpty();
    }
  }

  private static ValidationCheck.Found check(boolean validator, Class<?> program)
      throws IOException {
    Index index =
        Index.of(program, Wrong.Checked.class, Wrong.Order.class, Wrong.OwnConstraint.Even.class);
    FunctionScan scan = FunctionScan.of(index);
    assertThat(scan.problems()).isEmpty();
    return ValidationCheck.check(index, scan.functions(), validator);
  }
}
