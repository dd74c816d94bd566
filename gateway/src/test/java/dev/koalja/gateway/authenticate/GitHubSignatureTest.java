package dev.koalja.gateway.authenticate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GitHubSignatureTest {
  // the example of GitHub's own documentation
  private static final String SECRET = "It's a Secret to Everybody";
  private static final byte[] BODY = "Hello, World!".getBytes(UTF_8);
  private static final String SIGNATURE =
      "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

  private static Verification verify(String header, byte[] body, String... secrets) {
    return GitHubSignature.verify(Optional.of(header), body, List.of(secrets));
  }

  @Test
  void shouldVerifyTheDocumentedExample() {
    assertThat(verify(SIGNATURE, BODY, SECRET)).isEqualTo(new Verification.Verified());
  }

  @Test
  void shouldTakeAnyOfSeveralSecrets() {
    assertThat(verify(SIGNATURE, BODY, "old", SECRET)).isEqualTo(new Verification.Verified());
    assertThat(verify(SIGNATURE, BODY, SECRET, "new")).isEqualTo(new Verification.Verified());
  }

  @Test
  void shouldRefuseAnotherBodyAndAnotherSecret() {
    assertThat(verify(SIGNATURE, "Hello, World?".getBytes(UTF_8), SECRET))
        .isInstanceOf(Verification.Refused.class);
    assertThat(verify(SIGNATURE, BODY, "guess")).isInstanceOf(Verification.Refused.class);
    assertThat(verify(SIGNATURE, BODY)).isInstanceOf(Verification.Refused.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "sha256=", "sha1=757107", "757107ea", "sha256=zz"})
  void shouldRefuseWhatIsNoSignature(String header) {
    assertThat(verify(header, BODY, SECRET)).isInstanceOf(Verification.Refused.class);
  }

  @Test
  void shouldRefuseAMissingHeader() {
    assertThat(GitHubSignature.verify(Optional.empty(), BODY, List.of(SECRET)))
        .isEqualTo(new Verification.Refused("the header X-Hub-Signature-256 is missing"));
  }
}
