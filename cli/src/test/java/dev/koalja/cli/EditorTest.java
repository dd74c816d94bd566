package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.pipeline.Json;
import org.junit.jupiter.api.Test;

class EditorTest {
  @Test
  void shouldGiveBackWhatTheEditorMadeOfTheText() {
    assertThat(Editor.edit("sku Z", "sed -i.bak -e s/Z/A/")).asString().isEqualTo("sku A");
  }

  @Test
  void shouldSendNothingWhenNothingWasChangedOrTheEditorFailed() {
    assertThatThrownBy(() -> Editor.edit("same", "true"))
        .hasMessageContaining("nothing was changed");
    assertThatThrownBy(() -> Editor.edit("same", "false")).hasMessageContaining("ended with 1");
  }

  @Test
  void shouldShowEveryAttemptOfALetter() throws Exception {
    assertThat(
            DeadLetterCommand.attempts(
                Json.MAPPER.readTree(
                    """
                    {"invocation":{"attempts":[
                      {"number":1,"startedAt":"2020-01-01T00:00:00Z","took":"PT30S","error":{"code":"x","cause":"no answer"}},
                      {"number":2,"startedAt":"2020-01-01T00:00:31Z","took":"PT0.008S","status":422,"error":{"code":"x","cause":"unknown sku Z"}}]}}""")))
        .satisfiesExactly(
            first -> assertThat(first).endsWith("  30.0 s  no answer  no answer"),
            second ->
                assertThat(second).startsWith("        2 ").endsWith("  8 ms  422  unknown sku Z"));
  }
}
