package digest;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A commit message as Conventional Commits reads it.
 *
 * @param kind such as {@code feat}; {@code other} when the message does not follow the convention
 * @param scope empty when there is none
 * @param breaking marked by {@code !} or a {@code BREAKING CHANGE} footer
 * @param subject the rest of the first line
 */
record ConventionalCommit(String kind, String scope, boolean breaking, String subject) {
  static final String OTHER = "other";

  private static final Pattern FIRST_LINE =
      Pattern.compile(
          "(?<kind>[a-zA-Z]+)(\\((?<scope>[^()]*)\\))?(?<breaking>!)?: +(?<subject>.+)");
  private static final Pattern FOOTER = Pattern.compile("(?m)^BREAKING[ -]CHANGE: ");
  private static final Set<String> KINDS =
      Set.of(
          "feat",
          "fix",
          "docs",
          "style",
          "refactor",
          "perf",
          "test",
          "build",
          "ci",
          "chore",
          "revert");

  static ConventionalCommit of(String message) {
    String first = message.lines().findFirst().orElse("").strip();
    Matcher matcher = FIRST_LINE.matcher(first);
    String kind = matcher.matches() ? matcher.group("kind").toLowerCase(Locale.ROOT) : OTHER;
    if (!KINDS.contains(kind)) {
      return new ConventionalCommit(OTHER, "", false, first);
    }
    String scope = matcher.group("scope");
    return new ConventionalCommit(
        kind,
        scope == null ? "" : scope,
        matcher.group("breaking") != null || FOOTER.matcher(message).find(),
        matcher.group("subject"));
  }
}
