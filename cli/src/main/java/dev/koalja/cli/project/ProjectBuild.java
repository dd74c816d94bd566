package dev.koalja.cli.project;

import dev.koalja.cli.CliException;
import dev.koalja.cli.Exit;
import dev.koalja.launch.Jdk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Builds a function project with the installed Maven, and says what is wrong in few lines. */
public final class ProjectBuild {
  private static final Pattern COMPILER =
      Pattern.compile("(.+\\.(?:java|kt)):\\[(\\d+),(\\d+)] (?:error: )?(.*)");
  private static final Pattern NOISE =
      Pattern.compile(
          "|-> \\[Help.*|\\[Help.*|To see the full.*|Re-run Maven.*|For more information.*"
              + "|COMPILATION ERROR.*|.*Compilation failure.*|-+|See .*surefire-reports.*"
              // around the problems of a circuit, which say all by themselves
              + "|Failed to build quarkus application: \\S+: Build failure: Build failed due to errors"
              + "|\\[error]: Build step \\S+ threw an exception: \\S*WrongCircuitException:.*"
              + "|\\s*at [\\w.$/]+\\(.*\\)|After correcting the problems.*|  mvn <args>.*");
  private static final Pattern GOAL =
      Pattern.compile("Failed to execute goal \\S+ (?:\\(\\S+\\) )?on project \\S+: ?(.*)");

  private ProjectBuild() {}

  /**
   * Compiles and packages it, without its tests.
   *
   * @throws CliException with what the compiler and the wiring said, or because there is no Maven
   */
  public static void run(FunctionProject project) {
    List<String> problems = build(project, List.of());
    if (!problems.isEmpty()) {
      throw new CliException(
          Exit.USAGE, project.name() + " does not build. Nothing was started.", problems);
    }
  }

  /**
   * The same for somebody who waits: without a start-up cache, which takes long to train.
   *
   * @return what is wrong; empty when it is built
   * @throws CliException when there is no Maven
   */
  public static List<String> again(FunctionProject project) {
    return build(project, List.of("-Dkoalja.cache.enabled=false"));
  }

  private static List<String> build(FunctionProject project, List<String> options) {
    Result result = maven(project, "-o", options);
    if (result.status != 0 && result.output.contains("offline")) {
      result = maven(project, "-B", options); // something is not in the local repository yet
    }
    if (result.status == 0) {
      return List.of();
    }
    List<String> problems = problems(result.output, project.folder());
    return problems.isEmpty() ? List.of(result.output) : problems;
  }

  private record Result(int status, String output) {}

  private static Result maven(FunctionProject project, String mode, List<String> options) {
    List<String> command = new ArrayList<>(List.of("mvn", "-B", "-q", mode, "-DskipTests"));
    command.addAll(options);
    command.add("package");
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(project.folder().toFile()).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", Jdk.home().toString());
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      try (InputStream output = process.getInputStream()) {
        String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), text);
      }
    } catch (IOException e) {
      throw CliException.unavailable(
          "Maven is needed to build functions and \"mvn\" is not found: install Maven 3.8.7 or later");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CliException.unavailable("interrupted while building");
    }
  }

  /** What is wrong, each thing once, places relative to {@code folder}. */
  static List<String> problems(String output, Path folder) {
    Set<String> problems = new LinkedHashSet<>();
    for (String line : output.lines().toList()) {
      if (!line.startsWith("[ERROR]")) {
        continue;
      }
      String text = line.substring("[ERROR]".length()).strip();
      Matcher compiler = COMPILER.matcher(text);
      if (compiler.matches()) {
        Path file = Path.of(compiler.group(1));
        Path shown = file.startsWith(folder) ? folder.relativize(file) : file;
        problems.add(
            "%s:%s:%s  %s"
                .formatted(shown, compiler.group(2), compiler.group(3), compiler.group(4)));
        continue;
      }
      Matcher goal = GOAL.matcher(text);
      String rest = (goal.matches() ? goal.group(1) : text).replaceAll(" -> \\[Help \\d+]$", "");
      if (!NOISE.matcher(rest).matches()) {
        problems.add(rest);
      }
    }
    return new ArrayList<>(problems);
  }
}
