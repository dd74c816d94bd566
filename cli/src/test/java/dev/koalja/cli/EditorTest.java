package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.pipeline.Json;
import java.util.List;
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

  @Test
  void shouldShowAQuarantinedRecordWithoutLettingItSteerTheTerminal() throws Exception {
    List<String> lines =
        DeadLetterCommand.quarantined(
            Json.MAPPER.readTree(
                """
                {"pipeline":"shop","task":"price","input":"order","kind":"quarantine","state":"open",
                 "place":"koalja-quarantine.shop.price.order:0:7","time":"2020-01-01T00:00:00Z",
                 "cause":"no CloudEvent: \\u001b[31mred","data_base64":"G1szMW1+XAD/",
                 "headers":{"ce_id":"\\u0007x","koalja-reason":"no","koalja-topic":"koalja.shop.order",
                            "koalja-partition":"3","koalja-offset":"41"}}"""));
    assertThat(lines)
        .contains(
            "id        koalja-quarantine.shop.price.order:0:7",
            "kind      quarantine",
            "stood at  koalja.shop.order/3/41",
            "cause     no CloudEvent: \\u001b[31mred",
            "header    ce_id: \\u0007x",
            "bytes     9 B  \\x1b[31m~\\\\\\x00\\xff")
        .noneMatch(line -> line.contains("koalja-reason"))
        .noneMatch(line -> line.chars().anyMatch(c -> c < ' '));
  }
}
