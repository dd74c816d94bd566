package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.launch.KoaljaHome;
import dev.koalja.pipeline.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code docs/reference.md} is made of the sources and of the commands themselves. */
class ReferenceTest {
  private static final Path ROOT = KoaljaHome.find().root();
  private static final Path PAGE = ROOT.resolve("docs/reference.md");
  private static final List<String> ANNOTATIONS =
      List.of("Function", "Input", "Output", "Key", "Attribute", "Scale", "Webhook", "Bucket");
  private static final Pattern DOCUMENTED_TYPE =
      Pattern.compile("(?s)/\\*\\*((?:(?!\\*/).)*)\\*/\\s*(?:@[^\n]*\n)*public @interface");
  private static final Pattern ATTRIBUTE =
      Pattern.compile(
          "(?m)/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*^  ([\\w.<>\\[\\]]+) (\\w+)\\(\\)"
              + "(?: default ((?:[^;\"]|\"[^\"]*\")+))?;");
  private static final Pattern ANY = Pattern.compile("(?m)^  [A-Za-z].* \\w+\\(\\).*;$");
  private static final Pattern METER =
      Pattern.compile(
          "builder\\(\\s*\"(koalja[._][a-z._]+)\"(?:(?!;)[\\s\\S])*?\\.description\\(\\s*\"([^\"]*)\"");
  private static final Pattern LINE_OF_A_PROCESS =
      Pattern.compile("= \"(koalja_[a-z_]+)\";\\s*head\\(\\s*text, \\w+, \"\\w+\", \"([^\"]*)\"");

  @Test
  void shouldBeWhatTheSourcesSay() throws Exception {
    String now = page();
    if (System.getProperty("koalja.reference", "").equals("write")) {
      Files.writeString(PAGE, now);
    }

    assertThat(Files.readString(PAGE))
        .as(
            "docs/reference.md is stale, run ./build -pl cli -am -Dtest=ReferenceTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dkoalja.reference=write")
        .isEqualTo(now);
  }

  private static String page() throws IOException {
    StringBuilder page =
        new StringBuilder(
            """
            # Reference

            Made of the sources by `ReferenceTest`; do not edit.
            """);
    page.append("\n## Annotations\n");
    for (String annotation : ANNOTATIONS) {
      annotation(page, annotation);
    }
    page.append(new PipelineFileReference().text());
    page.append("\n## Commands\n\nEvery command has `--json`, `-v`, `--help` and `--at URL`.\n");
    commands(page, Koalja.commandLine());
    errors(page);
    metrics(page);
    return page.toString();
  }

  private static void annotation(StringBuilder page, String name) throws IOException {
    String source =
        Files.readString(
            ROOT.resolve("function-sdk/src/main/java/dev/koalja/function/" + name + ".java"));
    MatchResult type = DOCUMENTED_TYPE.matcher(source).results().findFirst().orElseThrow();
    page.append("\n### @%s\n\n%s\n".formatted(name, sentence(type.group(1))));
    List<MatchResult> attributes =
        ATTRIBUTE.matcher(source.substring(type.end())).results().toList();
    assertThat(attributes).as(name).hasSameSizeAs(ANY.matcher(source).results().toList());
    if (attributes.isEmpty()) {
      return;
    }
    page.append("\n| attribute | type | default | |\n|---|---|---|---|\n");
    for (MatchResult attribute : attributes) {
      String preset = attribute.group(4);
      row(
          page,
          code(attribute.group(3)),
          code(attribute.group(2)),
          preset == null ? "required" : code(preset),
          sentence(attribute.group(1)));
    }
  }

  /** The first sentence of a comment, as Markdown. */
  private static String sentence(String comment) {
    String text =
        comment
            .replaceAll("(?m)^\\s*\\*", "")
            .replaceAll("\\s+", " ")
            .strip()
            .replaceAll("\\{@(?:link|code) #?([^}]*)}", "`$1`")
            .replaceAll("<[^>]+>", "");
    return text.replaceFirst("(?<=\\.) .*$", "");
  }

  private static void commands(StringBuilder page, CommandLine command) {
    for (CommandLine each : command.getSubcommands().values()) {
      var spec = each.getCommandSpec();
      if (spec.usageMessage().hidden()) {
        continue;
      }
      page.append("\n### %s\n\n".formatted(spec.qualifiedName()));
      page.append(String.join(" ", spec.usageMessage().description())).append('\n');
      List<PositionalParamSpec> words = spec.positionalParameters();
      List<OptionSpec> options =
          spec.options().stream()
              .filter(
                  option ->
                      !List.of("--json", "--verbose", "--help", "--at")
                          .contains(option.longestName()))
              .filter(option -> !option.hidden())
              .toList();
      if (!words.isEmpty() || !options.isEmpty()) {
        page.append("\n| | |\n|---|---|\n");
      }
      for (PositionalParamSpec word : words) {
        row(page, code(word.paramLabel()), described(word));
      }
      for (OptionSpec option : options) {
        String names = String.join(", ", option.names());
        boolean takes = option.arity().max() > 0;
        row(page, code(takes ? names + " " + option.paramLabel() : names), described(option));
      }
      commands(page, each);
    }
  }

  private static String described(CommandLine.Model.ArgSpec word) {
    String preset = word.defaultValue() == null ? "" : word.defaultValue();
    return String.join(" ", word.description()).replace("${DEFAULT-VALUE}", preset);
  }

  private static void errors(StringBuilder page) {
    page.append(
        """

        ## Error codes

        Problem details, dead letters, logs and metrics name them by number or word.

        | number | word | whose | HTTP status | tried again |
        |---|---|---|---|---|
        """);
    for (ErrorCode code : ErrorCode.values()) {
      row(
          page,
          String.valueOf(code.number()),
          code(code.word()),
          code.type().name().toLowerCase(Locale.ROOT),
          String.valueOf(code.httpStatus()),
          code.retryable() ? "yes" : "no");
    }
  }

  private static void metrics(StringBuilder page) throws IOException {
    Map<String, String> metrics = new TreeMap<>();
    for (String module : List.of("gateway", "event-router", "function-runtime", "knative")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module))) {
        for (Path file : files.filter(ReferenceTest::isMainSource).toList()) {
          String source = Files.readString(file);
          Stream.of(METER, LINE_OF_A_PROCESS)
              .flatMap(pattern -> pattern.matcher(source).results())
              .forEach(metric -> metrics.put(metric.group(1).replace('.', '_'), metric.group(2)));
        }
      }
    }
    page.append(
        "\n## Metrics\n\nAs Prometheus names them; counters end in `_total`, timers in `_seconds_…`.\n");
    page.append("\n| metric | |\n|---|---|\n");
    metrics.forEach((name, description) -> row(page, code(name), description));
  }

  private static boolean isMainSource(Path file) {
    return file.toString().replace('\\', '/').contains("/src/main/java/")
        && file.toString().endsWith(".java");
  }

  static String code(String text) {
    return "`" + text.strip() + "`";
  }

  static void row(StringBuilder page, String... cells) {
    page.append(
        Arrays.stream(cells)
            .map(cell -> cell.replace("|", "\\|").replaceAll("\\s+", " "))
            .collect(Collectors.joining(" | ", "| ", " |\n")));
  }
}
