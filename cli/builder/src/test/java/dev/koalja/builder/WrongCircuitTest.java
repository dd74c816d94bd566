package dev.koalja.builder;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WrongCircuitTest {
  @Test
  void shouldFindTheProblemsInWhatQuarkusMadeOfThem() {
    Throwable failure =
        new RuntimeException(
            new IllegalStateException(
                """
                Build failure: Build failed due to errors
                \t[error]: Build step dev.koalja.runtime.deployment.KoaljaProcessor#circuit threw an exception: dev.koalja.runtime.deployment.WrongCircuitException: 2 problems in the circuit of shop:
                  shop.Prices.price: it is private. Remove private.
                  shop.Prices.ship: it is static. Remove static.

                \tat io.quarkus.builder.Execution.run
                """));

    assertThat(WrongCircuit.problems(failure))
        .containsExactly(
            "shop.Prices.price: it is private. Remove private.",
            "shop.Prices.ship: it is static. Remove static.");
  }

  @Test
  void shouldFindNothingInOtherFailures() {
    assertThat(WrongCircuit.problems(new RuntimeException("no space left"))).isEmpty();
  }
}
