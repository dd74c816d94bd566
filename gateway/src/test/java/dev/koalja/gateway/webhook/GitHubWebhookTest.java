package dev.koalja.gateway.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.gateway.http.Headers;
import dev.koalja.gateway.ingress.JsonText;
import io.cloudevents.CloudEvent;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GitHubWebhookTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  /** File, type, source, subject, time ({@code -}: now), key: by hand from the adapter table. */
  private static final String[] CASES = {
    "check_run | com.github.check_run.created | {repo} | 128620228 | 2019-05-15T15:21:12Z | {key}",
    "create | com.github.create.tag | {repo} | simple-tag | - | {key}",
    "deployment_status | com.github.deployment_status.success | {repo}/deployments/145988746 | {repo}/deployments/145988746/statuses/209916254 | 2019-05-15T15:20:55Z | {key}",
    "issues | com.github.issues.edited | {repo} | 1 | 2019-05-15T15:20:18Z | {key}",
    "ping | com.github.ping | https://api.github.com/repos/Octocoders/Hello-World | - | - | Octocoders/Hello-World",
    "pull_request | com.github.pull_request.opened | {repo} | 2 | 2019-05-15T15:20:33Z | {key}",
    "push | com.github.push | https://github.com/Codertocat/Hello-World | refs/tags/simple-tag | - | {key}",
    "release | com.github.release.published | {repo} | 17372790 | 2019-05-15T15:20:53Z | {key}",
    "repository_dispatch | com.github.repository_dispatch.on-demand-test | https://api.github.com/users/octo-org | - | - | octo-org/octo-repo",
    "star | com.github.star.created | {repo} | - | 2019-05-15T15:20:40Z | {key}",
    "status | com.github.status.success | {repo} | 6113728f27ae82c7b1a177c8d03f9e96e0adf246 | 2019-05-15T15:20:55Z | {key}",
    "workflow_run | com.github.workflow_run.completed | {repo} | Manually triggered workflow | - | {key}",
  };

  private final GitHubWebhook webhook = new GitHubWebhook(new JsonText(100), () -> NOW);

  private static Headers headers(String event, String... more) {
    Map<String, String> headers =
        new HashMap<>(
            Map.of(
                "X-GitHub-Event", event,
                "X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958",
                "Content-Type", "application/json"));
    for (int i = 0; i < more.length; i += 2) {
      headers.put(more[i], more[i + 1]);
    }
    return Headers.of(headers);
  }

  private CloudEvent event(String event, String payload) {
    return webhook.event(headers(event), payload.getBytes(UTF_8));
  }

  /** GitHub's own example payloads, which are not part of this repository. */
  @Test
  void shouldMapEveryExamplePayload() throws IOException {
    String folder = System.getProperty("koalja.testdata", "");
    if (folder.isBlank()) {
      if ("true".equals(System.getenv("CI"))) {
        throw new AssertionError(
            "CI needs -Dkoalja.testdata: " + CASES.length + " cases did not run");
      }
      System.out.println(
          "GitHubWebhookTest: " + CASES.length + " cases skipped, koalja.testdata is not set");
      Assumptions.abort(CASES.length + " cases skipped: koalja.testdata is not set");
    }
    Path payloads = Path.of(folder, "github-webhooks");
    List<String> known =
        Stream.of(CASES).map(each -> each.split("\\|")[0].strip() + ".json").sorted().toList();
    try (Stream<Path> files = Files.list(payloads)) {
      assertThat(files.map(file -> file.getFileName().toString()).sorted())
          .containsExactlyElementsOf(known);
    }
    for (String each : CASES) {
      String[] cells =
          Stream.of(
                  each.replace("{repo}", "https://api.github.com/repos/Codertocat/Hello-World")
                      .replace("{key}", "Codertocat/Hello-World")
                      .split("\\|"))
              .map(String::strip)
              .toArray(String[]::new);
      byte[] body = Files.readAllBytes(payloads.resolve(cells[0] + ".json"));
      CloudEvent event = webhook.event(headers(cells[0]), body);
      assertThat(event.getId()).isEqualTo("72d3162e-cc78-11e3-81ab-4c9367dc0958");
      assertThat(event.getType()).isEqualTo(cells[1]);
      assertThat(event.getSource()).as(cells[0]).hasToString(cells[2]);
      assertThat(event.getSubject()).as(cells[0]).isEqualTo(cells[3].equals("-") ? null : cells[3]);
      assertThat(Objects.requireNonNull(event.getTime()).toInstant())
          .as(cells[0])
          .isEqualTo(cells[4].equals("-") ? NOW : Instant.parse(cells[4]));
      assertThat(event.getExtension("partitionkey")).isEqualTo(cells[5]);
      assertThat(event.getDataContentType()).isEqualTo("application/json");
      assertThat(Objects.requireNonNull(event.getData()).toBytes()).isEqualTo(body);
    }
  }

  @Test
  void shouldKnowEveryEventOfTheTable() {
    assertThat(GitHubTable.load().size()).isEqualTo(71);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "membership | {`scope`:`team`,`action`:`added`,`team`:{`url`:`https://t`},`member`:{`login`:`ann`}} | com.github.membership.team.added | https://t | ann",
        "marketplace_purchase | {`action`:`purchased`,`sender`:{`url`:`https://api/users/ann`},`marketplace_purchase`:{`account`:{`login`:`org`}}} | com.github.marketplace_purchase.purchased | https://api/users | org",
        "commit_comment | {`action`:`created`,`comment`:{`url`:`https://c`,`commit_id`:`abc`,`id`:5}} | com.github.commit_comment.created | https://c/abc | 5",
        "security_advisory | {`action`:`published`,`security_advisory`:{`ghsa_id`:`G`}} | com.github.security_advisory.published | github.com | G",
        "sponsorship | {`action`:`created`,`sender`:{`url`:`https://s`},`sponsorship`:{`sponsor`:{`login`:`ann`}}} | com.github.sponsorship.created | https://s | ann",
        "fork | {`repository`:{`url`:`https://r`},`forkee`:{`url`:`https://f`}} | com.github.fork | https://r | https://f",
        "something_new | {`action`:`done`,`organization`:{`url`:`https://o`}} | com.github.something_new.done | https://o |",
        "something_new | {} | com.github.something_new | https://github.com |",
      })
  void shouldMapRowsOfEveryShape(
      String event, String payload, String type, String source, String subject) {
    CloudEvent mapped = event(event, payload.replace('`', '"'));
    assertThat(mapped.getType()).isEqualTo(type);
    assertThat(mapped.getSource()).hasToString(source);
    assertThat(mapped.getSubject()).isEqualTo(subject);
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"action\":\"published\",\"release\":{\"published_at\":\"2020-01-02T00:00:00Z\",\"created_at\":\"2020-01-01T00:00:00Z\"}}', 2020-01-02T00:00:00Z",
    "'{\"action\":\"created\",\"release\":{\"published_at\":null,\"created_at\":\"2020-01-01T00:00:00Z\"}}', 2020-01-01T00:00:00Z",
    "'{\"action\":\"deleted\",\"release\":{}}', 2026-11-22T12:00:00Z",
  })
  void shouldTakeTheTimeOfAReleaseByItsAction(String payload, Instant time) {
    assertThat(Objects.requireNonNull(event("release", payload).getTime()).toInstant())
        .isEqualTo(time);
  }

  @Test
  void shouldReadSecondsAsATime() {
    CloudEvent event =
        event(
            "installation",
            "{\"action\":\"created\",\"installation\":{\"updated_at\":1557933591}}");
    assertThat(Objects.requireNonNull(event.getTime()).toInstant())
        .isEqualTo(Instant.ofEpochSecond(1557933591));
  }

  @Test
  void shouldReadTheFormGitHubCanSend() {
    String json = "{\"ref\":\"refs/heads/main\",\"text\":\"a & b + c = é\"}";
    byte[] form = ("payload=" + URLEncoder.encode(json, UTF_8)).getBytes(UTF_8);
    CloudEvent event =
        webhook.event(headers("push", "Content-Type", "application/x-www-form-urlencoded"), form);
    assertThat(event.getDataContentType()).isEqualTo("application/json");
    assertThat(new String(Objects.requireNonNull(event.getData()).toBytes(), UTF_8))
        .isEqualTo(json);
  }

  @ParameterizedTest
  @CsvSource({
    "{\"organization\":{\"login\":\"org\"}}, org",
    "{\"sender\":{\"login\":\"ann\"}}, ann",
  })
  void shouldKeyByOrganisationOrSenderWithoutARepository(String payload, String key) {
    assertThat(event("member", payload).getExtension("partitionkey")).isEqualTo(key);
  }

  @Test
  void shouldRefuseWhatIsNoWebhook() {
    assertThatThrownBy(() -> event("push", "[]")).hasMessageContaining("no JSON object");
    assertThatThrownBy(() -> event("push", "{")).hasMessageContaining("not JSON at line 1");
    assertThatThrownBy(() -> event("../push", "{}")).hasMessageContaining("X-GitHub-Event");
    assertThatThrownBy(
            () -> webhook.event(Headers.of(Map.of("X-GitHub-Event", "push")), new byte[0]))
        .hasMessageContaining("X-GitHub-Delivery is missing");
  }
}
