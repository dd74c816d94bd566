package dev.koalja.router.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PositionNoteTest {
  @Test
  void shouldBeWhatItWasBeforeThereWasParking() {
    assertThat(new PositionNote(0, "rAQI")).hasToString("rAQI");
    assertThat(PositionNote.parse("rAQI")).isEqualTo(new PositionNote(0, "rAQI"));
    assertThat(PositionNote.parse("")).isEqualTo(new PositionNote(0, ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"p1.", "p12.bAQ", "p999999999.rAQI"})
  void shouldReadBackWhatItWrote(String text) {
    assertThat(PositionNote.parse(text)).hasToString(text);
    assertThat(text.indexOf('.') + 1).isLessThanOrEqualTo(PositionNote.MAX_PREFIX);
  }

  @ParameterizedTest
  @ValueSource(strings = {"p", "p.", "p1", "p-1.", "px.", "p9999999999."})
  void shouldRefuseAnythingElse(String text) {
    assertThatThrownBy(() -> PositionNote.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
