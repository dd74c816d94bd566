package dev.koalja.gateway.authenticate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.pipeline.access.AccessToken;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BearerTokenTest {
  private static boolean matches(String header, String... valid) {
    return AccessToken.matches(Optional.of(header), List.of(valid));
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
    assertThat(AccessToken.matches(Optional.empty(), List.of("one"))).isFalse();
  }

  @Test
  void shouldTakeTheTwoWordsThatMinioSendsAsTheyAre() {
    assertThat(BearerToken.verify(Optional.of("Basic abc"), List.of("Basic abc")))
        .isEqualTo(new Verification.Verified());
    assertThat(BearerToken.verify(Optional.of("abc"), List.of("abc")))
        .isInstanceOf(Verification.Refused.class);
  }

  @Test
  void shouldTakeThePasswordThatCephSends() {
    List<String> valid = List.of("other", "t:ken");
    assertThat(BearerToken.verify(Optional.of(basic("anybody:t:ken")), valid))
        .isEqualTo(new Verification.Verified());
    for (String refused : List.of(basic("t:ken"), basic("anybody:"), basic("token"), "Basic %")) {
      assertThat(BearerToken.verify(Optional.of(refused), valid))
          .isInstanceOf(Verification.Refused.class);
    }
  }

  private static String basic(String credentials) {
    return "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8));
  }
}
