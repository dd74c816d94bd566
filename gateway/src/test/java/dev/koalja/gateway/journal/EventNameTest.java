package dev.koalja.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventNameTest {
  @ParameterizedTest
  @CsvSource({
    "01J8XYZA, true",
    "01J8, true",
    "XYZA, true",
    "01J8…A, true",
    "01J8...A, true",
    "…YZA, true",
    "01J8…B, false",
    "J8XY, false",
  })
  void shouldMeanAnIdByItsEnds(String text, boolean means) {
    assertThat(new EventName(text).means("01J8XYZA")).isEqualTo(means);
  }

  @Test
  void shouldKeepWhatSqlWouldTakeForAPattern() {
    assertThat(new EventName("50%_\\").patterns())
        .containsExactly("50\\%\\_\\\\%", "%50\\%\\_\\\\");
    assertThat(new EventName("a_…b").patterns()).containsExactly("a\\_%b");
  }
}
