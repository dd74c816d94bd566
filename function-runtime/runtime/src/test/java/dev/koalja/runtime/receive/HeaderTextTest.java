package dev.koalja.runtime.receive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of the CloudEvents HTTP binding, and what senders do beside it. */
class HeaderTextTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "plain                   | plain",
        "Euro%20%E2%82%AC%20%F0%9F%98%80 | Euro € 😀",
        "a%2520b                 | a%20b",
        "100%                    | 100%",
        "%zz                     | %zz",
        "%e2%82%ac               | €",
        "\"quoted \\\"x\\\" \\\\\" | quoted \"x\" \\",
        "\"                      | \"",
        "with space              | with space",
      })
  void decodes(String header, String value) {
    assertThat(HeaderText.decode(header)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "plain", "€ 😀", "a%20b", "\"", "tab\tline\nend", "{}[]<>|\\^`'"})
  void encodesSoThatItIsDecodedAgain(String value) {
    String header = HeaderText.encode(value);

    assertThat(header.chars()).allMatch(c -> c > 0x20 && c < 0x7f);
    assertThat(HeaderText.decode(header)).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "Euro € 😀 | Euro%20%E2%82%AC%20%F0%9F%98%80",
        "a\"%b | a%22%25b",
        "a-z_~!* | a-z_~!*"
      })
  void encodesOnlyWhatMustBe(String value, String header) {
    assertThat(HeaderText.encode(value)).isEqualTo(header);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%FF", "%C3", "%ED%A0%80"})
  void refusesWhatIsNotUtf8(String header) {
    assertThatThrownBy(() -> HeaderText.decode(header))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Zoë", "€"})
  void readsRawUtf8AsSomeSendersSendIt(String value) {
    byte[] wire = value.getBytes(StandardCharsets.UTF_8);

    assertThat(HeaderText.decode(new String(wire, StandardCharsets.ISO_8859_1))).isEqualTo(value);
  }
}
