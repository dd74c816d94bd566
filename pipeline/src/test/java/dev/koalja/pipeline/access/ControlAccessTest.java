package dev.koalja.pipeline.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ControlAccessTest {
  private static ControlAccess on(String host, String token) {
    return ControlAccess.of(host, Optional.of(token), Optional.empty());
  }

  private static boolean admits(
      ControlAccess access, String host, String origin, String authorization, boolean open) {
    return access
        .refusal(
            Optional.ofNullable(host),
            Optional.ofNullable(origin),
            Optional.ofNullable(authorization),
            open)
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "localhost:9000, true",
    "LOCALHOST, true",
    "127.0.0.1:9000, true",
    "[::1]:9000, true",
    "evil.example:9000, false",
    "localhost.evil.example, false",
    "127.0.0.1.evil.example, false",
    "'', false",
  })
  void shouldTakeOnlyLoopbackNamesOnLoopback(String host, boolean admitted) {
    assertThat(admits(on("127.0.0.1", ""), host, null, null, false)).isEqualTo(admitted);
  }

  @ParameterizedTest
  @CsvSource({
    "http://localhost:9000, true",
    "http://evil.example, false",
    "http://localhost:8080, false",
    "null, false",
  })
  void shouldRefuseWebPagesFromElsewhere(String origin, boolean admitted) {
    assertThat(admits(on("127.0.0.1", ""), "localhost:9000", origin, null, false))
        .isEqualTo(admitted);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "192.168.1.2"})
  void shouldRefuseToListenBeyondLoopbackWithoutACredential(String host) {
    assertThatThrownBy(() -> on(host, " "))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("koalja.control.token-file");
  }

  @Test
  void shouldAskForTheCredentialBeyondLoopback() {
    ControlAccess access = on("0.0.0.0", "t0ken");
    assertThat(admits(access, "gateway.example", null, "Bearer t0ken", false)).isTrue();
    assertThat(admits(access, "gateway.example", null, "Bearer other", false)).isFalse();
    assertThat(admits(access, "gateway.example", null, null, false)).isFalse();
    assertThat(admits(access, "gateway.example", null, null, true)).isTrue();
  }

  @Test
  void shouldTakeEveryLineOfTheTokenFile(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("token"), "new\nold\n");
    ControlAccess access = ControlAccess.of("0.0.0.0", Optional.empty(), Optional.of(file));
    assertThat(admits(access, "x", null, "Bearer old", false)).isTrue();
    assertThat(admits(access, "x", null, "Bearer new", false)).isTrue();
  }

  @Test
  void shouldSayThatTheTokenFileCannotBeRead(@TempDir Path folder) {
    assertThatThrownBy(
            () ->
                ControlAccess.of(
                    "127.0.0.1", Optional.empty(), Optional.of(folder.resolve("none"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cannot be read");
  }
}
