package dev.koalja.gateway.authenticate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BearerTokenTest {
  private static boolean matches(String header, String... valid) {
    return BearerToken.matches(Optional.of(header), List.of(valid));
  }

  @Test
  void shouldMatchAnyValidToken() {
    assertThat(matches("Bearer one", "one", "two")).isTrue();
    assertThat(matches("bearer  two ", "one", "two")).isTrue();
  }

  @Test
  void shouldRefuseEverythingElse() {
    assertThat(matches("Bearer on", "one")).isFalse();
    assertThat(matches("Bearer ", "")).isFalse();
    assertThat(matches("Basic one", "one")).isFalse();
    assertThat(matches("one", "one")).isFalse();
    assertThat(matches("Bearer one")).isFalse();
    assertThat(BearerToken.matches(Optional.empty(), List.of("one"))).isFalse();
  }

  @Test
  void shouldTakeTheTwoWordsThatMinioSendsAsTheyAre() {
    assertThat(BearerToken.verify(Optional.of("Basic abc"), List.of("Basic abc")))
        .isEqualTo(new Verification.Verified());
    assertThat(BearerToken.verify(Optional.of("abc"), List.of("abc")))
        .isInstanceOf(Verification.Refused.class);
  }
}
