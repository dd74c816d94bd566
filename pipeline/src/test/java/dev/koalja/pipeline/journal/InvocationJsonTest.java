package dev.koalja.pipeline.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.journal.InvocationRecord.Attempt;
import dev.koalja.pipeline.journal.InvocationRecord.Failure;
import dev.koalja.pipeline.journal.InvocationRecord.InputEvent;
import dev.koalja.pipeline.journal.InvocationRecord.Outcome;
import dev.koalja.pipeline.journal.InvocationRecord.OutputEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InvocationJsonTest {
  private static final Instant TIME = Instant.parse("2026-11-22T16:54:24.120Z");

  @ParameterizedTest
  @MethodSource
  void shouldWriteAsTheMapperDoes(InvocationRecord invocation) throws Exception {
    byte[] json = InvocationJson.write(invocation);
    assertThat(new String(json, StandardCharsets.UTF_8))
        .isEqualTo(Json.MAPPER.writeValueAsString(invocation));
    assertThat(Json.MAPPER.readValue(json, InvocationRecord.class)).isEqualTo(invocation);
  }

  static Stream<InvocationRecord> shouldWriteAsTheMapperDoes() {
    InputEvent input =
        new InputEvent(
            "name",
            "name",
            "koalja.a.name",
            7,
            1L << 40,
            "/s?\"ä\u2028",
            "1",
            "t",
            Optional.empty(),
            0);
    InputEvent keyed =
        new InputEvent(
            "n", "", "t", 0, 0, "", "", "", Optional.of("a\\key\n\uD83D\uDC28\u0000"), 3L << 31);
    OutputEvent output =
        new OutputEvent("out", "link", "topic", "/src", "i.0", "ty", Optional.of(""), 12, "00ff");
    OutputEvent letter =
        new OutputEvent("dead-letter", "", "t", "", "", "", Optional.empty(), 0, "");
    Failure failure = new Failure("function-failed", "a \"cause\"\twith ☃");
    return Stream.of(
        invocation(List.of(), List.of(), List.of(), Optional.empty(), Optional.empty()),
        invocation(
            List.of(input, keyed),
            List.of(output, letter),
            List.of(
                new Attempt(
                    1, TIME, Duration.ofNanos(1_234_567), Optional.empty(), Optional.of(failure)),
                new Attempt(
                    2,
                    TIME.plusNanos(1001),
                    Duration.ofMinutes(61),
                    Optional.of(204),
                    Optional.empty())),
            Optional.of(Duration.ofMillis(350)),
            Optional.of(failure)));
  }

  private static InvocationRecord invocation(
      List<InputEvent> inputs,
      List<OutputEvent> outputs,
      List<Attempt> attempts,
      Optional<Duration> coldStart,
      Optional<Failure> error) {
    Optional<String> text = error.map(_ -> "some");
    return new InvocationRecord(
        "01ARYZ6S41",
        "p",
        3,
        "task",
        text,
        error.isPresent() ? Outcome.DEAD_LETTERED : Outcome.SUCCEEDED,
        inputs,
        outputs,
        attempts,
        Duration.ZERO,
        coldStart,
        Duration.ofSeconds(-1, 5),
        text,
        text,
        TIME.plusSeconds(36),
        error);
  }
}
