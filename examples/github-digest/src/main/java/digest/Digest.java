package digest;

import dev.koalja.function.Function;
import dev.koalja.function.Input;
import dev.koalja.function.KeyedState;
import dev.koalja.function.Output;
import dev.koalja.function.Webhook;
import dev.koalja.pipeline.TriggerKind.Scheme;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Takes a push apart, says what each commit is, and sums the push up. */
@Webhook(link = "push", scheme = Scheme.GITHUB, secret = "github-secret")
class Digest {
  /** What a report counts, in its order; everything else is an other. */
  private static final List<Heading> HEADINGS =
      List.of(
          new Heading("feat", "feature", "features"),
          new Heading("fix", "fix", "fixes"),
          new Heading("perf", "speed-up", "speed-ups"),
          new Heading("docs", "documentation change", "documentation changes"),
          new Heading("refactor", "clean-up", "clean-ups"),
          new Heading("test", "test change", "test changes"));

  private record Heading(String kind, String one, String many) {}

  /** One event per commit, in the order they were pushed. */
  @Function
  @Output("commit")
  List<Commit> split(@Input("push") Push push) {
    return push.commits().stream()
        .map(
            commit ->
                new Commit(
                    push.after(),
                    push.commits().size(),
                    push.repository().fullName(),
                    push.ref(),
                    commit.id(),
                    commit.message(),
                    commit.author().name(),
                    commit.timestamp()))
        .toList();
  }

  /** Feature, fix, documentation or what else. */
  @Function
  @Output("classified")
  Classified classify(@Input("commit") Commit commit) {
    ConventionalCommit message = ConventionalCommit.of(commit.message());
    return new Classified(
        commit.push(),
        commit.of(),
        commit.repository(),
        commit.ref(),
        commit.id(),
        message.kind(),
        message.scope(),
        message.breaking(),
        message.subject());
  }

  /**
   * The push in one page of Markdown, once the last of its commits was classified. Until then it
   * remembers those it has seen.
   */
  @Function
  @Output("report")
  Optional<String> digest(@Input("classified") Classified commit, KeyedState<Seen> state) {
    Seen seen = state.get().orElse(Seen.NOTHING).and(commit);
    if (seen.commits().size() < commit.of()) {
      state.set(seen);
      return Optional.empty();
    }
    state.clear();
    return Optional.of(report(commit, seen.commits()));
  }

  private static String report(Classified last, List<Classified> commits) {
    StringBuilder report = new StringBuilder("# This week: ");
    report.append(counts(commits)).append("\n\n");
    report.append(last.repository()).append(", ").append(last.ref()).append("\n\n");
    for (Classified commit : commits) {
      report.append("- ").append(commit.breaking() ? "**breaking** " : "");
      report.append(commit.scope().isEmpty() ? "" : commit.scope() + ": ");
      report.append(commit.subject()).append('\n');
    }
    return report.toString();
  }

  private static String counts(List<Classified> commits) {
    List<String> counts = new ArrayList<>();
    int others = commits.size();
    for (Heading heading : HEADINGS) {
      int count =
          (int) commits.stream().filter(commit -> commit.kind().equals(heading.kind())).count();
      if (count > 0) {
        counts.add(count + " " + (count == 1 ? heading.one() : heading.many()));
        others -= count;
      }
    }
    if (others > 0) {
      counts.add(others + (others == 1 ? " other" : " others"));
    }
    return String.join(", ", counts);
  }
}
