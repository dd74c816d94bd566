package digest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.function.KeyedState;
import dev.koalja.test.FunctionTester;
import dev.koalja.test.Result;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DigestTest {
  private final FunctionTester digest = FunctionTester.of(new Digest());

  @Test
  void splitsAPushIntoItsCommitsInOrder() throws Exception {
    var commits = digest.call("split", push()).on("commit");

    assertThat(commits).hasSize(4);
    assertThat(commits).allMatch(commit -> commit.key().equals(commits.getFirst().key()));
    assertThat(commits.stream().map(commit -> commit.as(Commit.class).message()))
        .startsWith("feat(trees): plums")
        .endsWith("Merge branch 'pears'");
  }

  @Test
  void aDeletedBranchHasNoCommitsAndIsNoNews() throws Exception {
    String deleted =
        """
        {"ref": "refs/heads/old", "deleted": true, "commits": [],
         "repository": {"full_name": "ann/orchard"}}""";

    assertThat(digest.call("split", deleted).isEmpty()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "feat(trees): plums          | feat  | trees | false | plums",
        "fix!: ripe apples           | fix   | ''    | true  | ripe apples",
        "DOCS: how to climb          | docs  | ''    | false | how to climb",
        "Merge branch 'pears'        | other | ''    | false | Merge branch 'pears'",
        "wip: something              | other | ''    | false | wip: something",
        "feat:no space               | other | ''    | false | feat:no space",
      })
  void classifiesByTheFirstLine(
      String message, String kind, String scope, boolean breaking, String subject)
      throws Exception {
    Commit commit =
        new Commit(
            "c0ffee",
            1,
            "ann/orchard",
            "refs/heads/main",
            "1",
            message,
            "Ann",
            java.time.OffsetDateTime.parse("2026-11-20T10:00Z"));

    assertThat(digest.call("classify", commit).only().as(Classified.class))
        .isEqualTo(
            new Classified(
                "c0ffee",
                1,
                "ann/orchard",
                "refs/heads/main",
                "1",
                kind,
                scope,
                breaking,
                subject));
  }

  @Test
  void reportsAPushInOnePageOnceAllItsCommitsAreThere() throws Exception {
    KeyedState<Seen> seen = KeyedState.empty();
    List<Result> reports = new ArrayList<>();
    for (Result commit : digest.call("split", push()).on("commit")) {
      Classified classified =
          digest.call("classify", commit.as(Commit.class)).only().as(Classified.class);
      assertThat(reports).isEmpty();
      reports.addAll(digest.with(seen).call("digest", classified).on("report"));
    }
    assertThat(seen.get()).isEmpty();
    Result report = reports.getFirst();

    assertThat(report.as(String.class))
        .isEqualTo(
            """
            # This week: 1 feature, 2 fixes, 1 other

            ann/orchard, refs/heads/main

            - trees: plums
            - **breaking** pick only ripe apples
            - the ladder
            - Merge branch 'pears'
            """);
  }

  private static String push() throws IOException {
    try (InputStream in = DigestTest.class.getResourceAsStream("/push.json")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
