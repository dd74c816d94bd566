package dev.koalja.cli.revision;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StartFailureTest {
  @Test
  void shouldShowWhatTheLastProcessSaidWithoutThePlaces() {
    assertThat(
            StartFailure.words(
                List.of(
                    "[41] koalja: listening on port 10001",
                    "[42] java.lang.RuntimeException: Failed to start quarkus",
                    "[42] \tat io.quarkus.runner.ApplicationImpl.doStart(Unknown Source)",
                    "[42] Caused by: java.lang.IllegalStateException: no key",
                    "[42] \tat shop.Prices.begin(Prices.java:10)",
                    "[42] \t... 9 more"),
                "process of app shop ended with 1 while starting: no key"))
        .containsExactly(
            "java.lang.RuntimeException: Failed to start quarkus",
            "Caused by: java.lang.IllegalStateException: no key");
  }

  @Test
  void shouldSayWhatTheLogCannotKnow() {
    assertThat(
            StartFailure.words(
                List.of("[42] koalja: listening on port 10001"),
                "process of app shop ended with 137 (signal 9) while starting: …"))
        .containsExactly(
            "koalja: listening on port 10001", "its process ended with 137 (signal 9)");
  }

  @Test
  void shouldRepeatTheRefusalWhereTheLogHasNoWords() {
    assertThat(StartFailure.words(List.of(), "no build 7 of app shop"))
        .containsExactly("no build 7 of app shop");
  }
}
