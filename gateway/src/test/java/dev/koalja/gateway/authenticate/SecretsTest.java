package dev.koalja.gateway.authenticate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {
  @TempDir Path folder;

  @Test
  void shouldReadTheEnvironmentFirst() throws IOException {
    Files.writeString(folder.resolve("gh-main.v2"), "file");
    Secrets secrets = new Secrets(folder, Map.of("KOALJA_SECRET_GH_MAIN_V2", "env")::get);
    assertThat(secrets.named("gh-main.v2")).containsExactly("env");
  }

  @Test
  void shouldReadEveryLineOfAFileAsOneSecret() throws IOException {
    Files.writeString(folder.resolve("gh"), "new\nold\n");
    Secrets secrets = new Secrets(folder, _ -> null);
    assertThat(secrets.named("gh")).containsExactly("new", "old");
    Files.writeString(folder.resolve("gh"), "newer\n");
    assertThat(secrets.named("gh")).containsExactly("newer");
  }

  @Test
  void shouldHaveNoneWhenThereIsNone() {
    assertThat(new Secrets(folder, _ -> null).named("gh")).isEmpty();
    assertThat(new Secrets(folder, _ -> "\n").named("gh")).isEmpty();
  }
}
