package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.koalja.cli.breadboard.Plan;
import dev.koalja.launch.KoaljaHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Follows {@code docs/guide.md} word by word: writes its files, runs its commands on a real
 * breadboard, and compares what they print with what the guide shows. Then runs what the README and
 * other pages show on the same circuit. A block that is neither run nor marked fails.
 */
@Timeout(400)
class GuideIT {
  private static final Path ROOT = KoaljaHome.find().root();
  private static final Path GUIDE = ROOT.resolve("docs/guide.md");
  private static final String DOCUMENTED =
      "function-runtime/deployment/src/test/java/dev/koalja/runtime/deployment/Documented.java";

  /** Pages besides the guide, each with the file that has its Java where a block does not say. */
  private static final Map<Path, String> PAGES =
      Map.of(
          ROOT.resolve("README.md"), "",
          ROOT.resolve("docs/testing.md"), "",
          ROOT.resolve("docs/functions.md"), DOCUMENTED);

  /** Why a block may be left out. Each reason names what runs it instead. */
  private static final Set<String> REASONS =
      Set.of(
          "a picture",
          "the build itself",
          "DemoIT runs it",
          "ImageBuilderIT makes images",
          "QuarkusDevIT runs it",
          "RunIT turns the switch");

  private static final Pattern ID = Pattern.compile("\\b[0-9A-HJKMNP-TV-Z]{26}(?:\\.\\d+)?\\b");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path dir;
  private final int ingress = Plan.freePort(0);
  private Path folder;
  private Process run;
  private String lastId = "";

  @AfterEach
  void stop() throws Exception {
    if (run != null && run.isAlive()) {
      Command.run(folder, "stop");
      run.waitFor(60, TimeUnit.SECONDS);
      run.destroyForcibly();
    }
  }

  @Test
  void shouldDoWhatTheGuideSaysAndShowWhatItShows() throws Exception {
    folder = dir;
    for (CodeBlock block : CodeBlock.of(GUIDE)) {
      follow(block);
      if (isLastBeforeTheEnd(block)) {
        for (Path page : PAGES.keySet()) {
          runCommandsOf(page);
        }
      }
    }
    assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(run.exitValue()).as(Command.err(folder, "run")).isZero();
  }

  @Test
  void shouldShowCodeThatTheBuildCompiles() throws Exception {
    for (Path page : PAGES.keySet()) {
      for (CodeBlock block : CodeBlock.of(page)) {
        String where = block.marked("also in");
        String files = where.isEmpty() && isCode(block) ? PAGES.get(page) : where;
        if (!files.isEmpty()) {
          checkThatItIsIn(block, files);
        } else if (!block.mark().equals("in the shop of the guide")) {
          checkThatItMayBeLeftOut(block);
        }
      }
    }
  }

  private static boolean isCode(CodeBlock block) {
    return block.language().equals("java");
  }

  private static void checkThatItMayBeLeftOut(CodeBlock block) {
    assertThat(REASONS)
        .as("%s is neither run nor compiled; see GuideIT for the marks a block may have", block)
        .contains(block.marked("not run"));
  }

  /** Each part of the block is in one of the files, whatever the white space. */
  private static void checkThatItIsIn(CodeBlock block, String files) throws IOException {
    StringBuilder sources = new StringBuilder();
    for (String file : files.split(", ")) {
      sources.append(Files.readString(ROOT.resolve(file)).replaceAll("(?m)^\\+", "")).append('\0');
    }
    String all = withoutSpace(sources.toString());
    for (String part : block.text().split("\n\n|…")) {
      String code = withoutSpace(part.replaceAll(" // .*", ""));
      if (!code.matches("}*")) {
        assertThat(all).as("%s: %s", block, part).contains(code);
      }
    }
  }

  private static String withoutSpace(String text) {
    return text.replaceAll("\\s", "");
  }

  private void follow(CodeBlock block) throws Exception {
    if (!block.marked("file").isEmpty()) {
      write(folder.resolve(block.marked("file")), block.text());
    } else if (!block.marked("change").isEmpty()) {
      change(block, folder.resolve(block.marked("change")));
    } else if (block.mark().equals("first terminal")) {
      awaitRun(block);
    } else if (block.language().equals("console")) {
      for (Transcript each : Transcript.of(block)) {
        perform(block, each);
      }
    } else {
      checkThatItMayBeLeftOut(block);
    }
  }

  /** A file appears whole, as editors save it. */
  private static void write(Path file, String text) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + "~");
    Files.writeString(beside, text);
    Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Lines with {@code -} go, lines with {@code +} come, the others say where. */
  private static void change(CodeBlock block, Path file) throws IOException {
    List<String> before = new ArrayList<>();
    List<String> after = new ArrayList<>();
    for (String line : block.lines()) {
      String rest = line.isEmpty() ? "" : line.substring(1);
      if (!line.startsWith("+")) {
        before.add(rest);
      }
      if (!line.startsWith("-")) {
        after.add(rest);
      }
    }
    String text = Files.readString(file);
    String old = String.join("\n", before);
    assertThat(text).as("%s changes what is there", block).containsOnlyOnce(old);
    write(file, text.replace(old, String.join("\n", after)));
  }

  private void awaitRun(CodeBlock block) throws Exception {
    try {
      await()
          .atMost(PATIENCE)
          .until(() -> Transcript.holds(block.lines(), Command.out(folder, "run")));
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(
          "%s%n%s%nthe first terminal shows%n%s%n%s"
              .formatted(
                  block, block.text(), Command.out(folder, "run"), Command.err(folder, "run")),
          e);
    }
  }

  private void perform(CodeBlock block, Transcript transcript) throws Exception {
    String command = transcript.command();
    if (command.startsWith("cd ")) {
      folder = folder.resolve(command.substring(3));
    } else if (command.startsWith("koalja run")) {
      start(block, transcript);
    } else if (command.startsWith("export ")) {
      // given to what starts the run, which is what it is for
      assertThat(command).isEqualTo("export KOALJA_SECRET_STARS=s3cret");
    } else {
      String output = shell(command);
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (!transcript.isShownBy(output) && isQuestion(command) && System.nanoTime() < end) {
        output = shell(command); // it takes as long as it takes until everything has arrived
      }
      assertThat(transcript.isShownBy(output))
          .as("%s: $ %s%nshows%n%s", block, command, output)
          .isTrue();
      ID.matcher(output).results().map(result -> result.group()).forEach(id -> lastId = id);
    }
  }

  private static boolean isQuestion(String command) {
    return command.matches("koalja (tail|status|trace|explain|graph|snapshot|deadletter list).*");
  }

  private void start(CodeBlock block, Transcript transcript) throws Exception {
    run =
        Command.start(
            folder,
            "run",
            Map.of("KOALJA_SECRET_STARS", "s3cret"),
            "run",
            "--port=" + ingress,
            "--control-port=" + Plan.freePort(0),
            "--kafka-port=" + Plan.freePort(0));
    await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> Command.out(folder, "run").contains("Ctrl-C stops") || !run.isAlive());
    assertThat(transcript.isShownBy(Command.out(folder, "run")))
        .as("%s%n%s%n%s", block, Command.out(folder, "run"), Command.err(folder, "run"))
        .isTrue();
  }

  /** Runs a line as a shell does, with {@code koalja} on the path, and returns all it prints. */
  private String shell(String line) throws Exception {
    String here =
        line.replaceAll("\\bID\\b", Matcher.quoteReplacement(lastId))
            .replace("127.0.0.1:8080", "127.0.0.1:" + ingress);
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", here).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("KOALJA_BUILD", "never");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("KOALJA_JDK_PATH", System.getProperty("java.home"));
    builder.environment().merge("PATH", ROOT.toString(), (path, root) -> root + ":" + path);
    Path log = dir.resolve("output.txt");
    Process process = builder.redirectOutput(log.toFile()).start();
    process.getOutputStream().close();
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(here + " took longer than 120 s: " + Files.readString(log));
    }
    String output = Files.readString(log);
    assertThat(process.exitValue()).as("$ %s%n%s", here, output).isZero();
    return output;
  }

  /** The next block takes the circuit down, which the other pages need. */
  private static boolean isLastBeforeTheEnd(CodeBlock block) {
    return block.text().startsWith("$ koalja render");
  }

  /** Lines of a command and what it does, two blanks or more between them. */
  private void runCommandsOf(Path page) throws Exception {
    for (CodeBlock block : CodeBlock.of(page)) {
      if (!block.mark().equals("in the shop of the guide")) {
        continue;
      }
      for (String line : block.lines()) {
        String command = line.replaceFirst("( {2,}| #).*$", "");
        if (command.matches("\\./koalja init shop|cd shop && koalja run")) {
          continue; // how the guide begins
        }
        shell(command.startsWith("koalja tail") ? command + " --no-follow" : command);
      }
    }
  }
}
