package dev.koalja.gateway.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.pipeline.journal.InvocationRecord.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntryTest {
  private static final String WHOLE =
      """
      {"later":{"task":"x","inputs":[{"id":"no"}]},"invocation":"I","pipeline":"shop","task":"price",
       "outcome":"SUCCEEDED","inputs":[{"more":{"id":"no"},"id":"a"},{"id":"b"},{"id":""}],
       "outputs":[{"id":"I.0"},{"id":"a"}],"coldStart":"PT0.163S","endedAt":"2026-01-02T03:04:05.678Z",
       "attempts":[{"error":{"code":"c","id":"no"}}]}
      """;

  private static Entry read(String json) throws IOException {
    return Entry.read(json.getBytes(UTF_8));
  }

  @Test
  void shouldReadWhatIsIndexed() throws Exception {
    Entry entry = read(WHOLE);
    assertThat(entry.invocation()).isEqualTo("I");
    assertThat(entry.pipeline()).isEqualTo("shop");
    assertThat(entry.task()).isEqualTo("price");
    assertThat(entry.outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(entry.coldStart()).contains(Duration.ofMillis(163));
    assertThat(entry.endedAt()).isEqualTo(Instant.parse("2026-01-02T03:04:05.678Z"));
    assertThat(entry.ids()).containsExactly("a", "b", "I.0");
  }

  @Test
  void shouldFindByItsOwnIdWhatALetterAsksForAndWhatHasNoOther() throws Exception {
    assertThat(read(WHOLE.replace("SUCCEEDED", "DEAD_LETTERED")).ids())
        .containsExactly("a", "b", "I.0", "I");
    assertThat(
            read("""
                    {"invocation":"I","pipeline":"p","task":"t","outcome":"EXPIRED","inputs":[],
                     "outputs":[],"endedAt":"2026-01-02T03:04:05Z"}
                    """)
                .ids())
        .containsExactly("I");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"invocation", "pipeline", "task", "outcome", "inputs", "outputs", "endedAt"})
  void shouldRefuseARecordThatLacks(String field) {
    String lacking =
        WHOLE
            .replace(",\"" + field + "\":", ",\"x\":")
            .replace("\n \"" + field + "\":", "\n \"x\":");
    assertThat(lacking).isNotEqualTo(WHOLE);
    assertThatThrownBy(() -> read(lacking))
        .hasMessageContaining(field.endsWith("puts") ? "puts" : field);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "[]", "1", "{\"inputs\":null}", "{\"inputs\":[1]}", "{\"inputs\":[{\"id\":"})
  void shouldRefuse(String json) {
    assertThatThrownBy(() -> read(json)).isInstanceOf(Exception.class);
  }
}
