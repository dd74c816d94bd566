package dev.koalja.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoPushTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  @TempDir Path dir;

  @Test
  void shouldBringTwelveCommitsOfItsOwn() {
    GitHistory history = GitHistory.latest(dir, 12);

    assertThat(history.bundled()).isTrue();
    assertThat(history.commits()).hasSize(12);
    assertThat(history.commits().getFirst().message())
        .isEqualTo("feat(beds): raised bed along the wall");
    assertThat(history.commits().get(8).added()).containsExactly("beds/tomatoes.txt");
    assertThat(history.commits().get(8).removed()).containsExactly("beds/old.txt");
  }

  @Test
  void shouldTakeTheLatestCommitsOldestFirst() throws Exception {
    git("init", "-q", "-b", "trunk");
    for (int i = 1; i <= 4; i++) {
      Files.writeString(dir.resolve("file" + i), "x");
      git("add", ".");
      git("commit", "-q", "-m", "feat: number " + i + "\n\nwith a \"body\"");
    }

    GitHistory history = GitHistory.latest(dir, 3);

    assertThat(history.bundled()).isFalse();
    assertThat(history.branch()).isEqualTo("trunk");
    assertThat(history.before()).hasSize(40).isNotEqualTo(GitHistory.NOTHING);
    assertThat(history.commits().stream().map(commit -> commit.message().lines().findFirst().get()))
        .containsExactly("feat: number 2", "feat: number 3", "feat: number 4");
    assertThat(history.commits().getLast().added()).containsExactly("file4");
    assertThat(GitHistory.latest(dir, 12).before()).isEqualTo(GitHistory.NOTHING);
  }

  @Test
  void shouldSignTheBytesItSends() throws Exception {
    PushWebhook webhook = PushWebhook.of(GitHistory.latest(dir, 12), "It's a Secret", NOW);

    javax.crypto.Mac mac = javax.crypto.Mac.getInstance("HmacSHA256");
    mac.init(
        new javax.crypto.spec.SecretKeySpec(
            "It's a Secret".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    assertThat(webhook.headers())
        .containsEntry("X-GitHub-Event", "push")
        .containsEntry(
            "X-Hub-Signature-256",
            "sha256=" + java.util.HexFormat.of().formatHex(mac.doFinal(webhook.body())));
  }

  /** Every field of a real push is there and has the same kind of value. */
  @Test
  void shouldHaveTheShapeOfARealPush() throws Exception {
    String folder = System.getProperty("koalja.testdata", "");
    assumeTrue(!folder.isEmpty(), "1 case skipped: koalja.testdata is not set");
    JsonNode real = Json.MAPPER.readTree(Path.of(folder, "github-webhooks", "push.json").toFile());
    JsonNode ours = PushPayload.of(GitHistory.latest(dir, 12), NOW);
    List<String> differences = new ArrayList<>();
    compare("", real, ours, differences);
    assertThat(differences).isEmpty();
    assertThat(ours.path("commits")).hasSize(12);
  }

  private static void compare(String path, JsonNode real, JsonNode ours, List<String> differences) {
    for (String field : new TreeSet<>(real.properties().stream().map(Map.Entry::getKey).toList())) {
      String place = path + "/" + field;
      JsonNode expected = real.get(field);
      JsonNode actual = ours.path(field);
      if (field.equals("username")) {
        continue; // GitHub leaves it out for people it does not know
      }
      boolean sameKind =
          actual.getNodeType() == expected.getNodeType()
              || !actual.isMissingNode() && (expected.isNull() || actual.isNull());
      if (!sameKind) {
        differences.add(place + ": " + expected.getNodeType() + ", ours " + actual.getNodeType());
      } else if (expected.isObject()) {
        compare(place, expected, actual, differences);
      }
    }
  }

  private void git(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "git",
                "-C",
                dir.toString(),
                "-c",
                "user.name=Ann",
                "-c",
                "user.email=a@b.example"));
    command.addAll(List.of("-c", "commit.gpgsign=false"));
    command.addAll(List.of(arguments));
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }
}
