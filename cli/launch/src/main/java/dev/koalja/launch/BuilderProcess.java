package dev.koalja.launch;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The process that builds changed functions again. It is asked on its standard input, one request
 * at a time, and ends when that closes: so it never outlives us. What it says beside its answers
 * goes to its log. Safe for threads.
 */
public final class BuilderProcess implements AutoCloseable {
  private static final String MARK = "koalja-builder\t";
  private static final int GRACE_SECONDS = 2;

  private final Process process;
  private final BufferedReader answers;
  private final Writer requests;

  private BuilderProcess(Process process) {
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.requests = process.outputWriter(StandardCharsets.UTF_8);
  }

  /**
   * Starts it.
   *
   * @param log where its log goes; an older one is replaced
   * @throws LaunchException when it is not built or cannot be started
   */
  public static BuilderProcess start(Path log) {
    List<String> command = new ArrayList<>(ChildProcess.WITHOUT_CTRL_C);
    command.add(Jdk.java().toString());
    command.addAll(JvmOptions.BUILDER);
    command.addAll(mavenProperties(Optional.ofNullable(System.getenv("MAVEN_OPTS")).orElse("")));
    command.add("-cp");
    command.add(KoaljaHome.classPath(KoaljaHome.find().builderFolder().resolve("lib")));
    command.add("dev.koalja.builder.BuilderMain");
    try {
      Files.createDirectories(log.toAbsolutePath().getParent());
      return new BuilderProcess(new ProcessBuilder(command).redirectError(log.toFile()).start());
    } catch (IOException e) {
      throw new LaunchException("the builder cannot be started: " + e.getMessage(), e);
    }
  }

  /** What Maven would be told by its JVM's options, such as where the local repository is. */
  static List<String> mavenProperties(String options) {
    return Stream.of(options.strip().split("\\s+")).filter(each -> each.startsWith("-D")).toList();
  }

  /** How a build ended. */
  public sealed interface Answer {
    /**
     * {@code target/quarkus-app} below the folder it works in can be started.
     *
     * @param functions the tasks whose classes changed since the build before
     */
    record Built(List<String> functions) implements Answer {}

    /**
     * The code is wrong.
     *
     * @param problems one line each
     */
    record Broken(List<String> problems) implements Answer {}

    /**
     * Maven has to do it.
     *
     * @param reason why
     */
    record ForMaven(String reason) implements Answer {}
  }

  /**
   * Builds a project and waits for it.
   *
   * @param project its folder
   * @param work the folder to work in, the same for the same project each time
   */
  public synchronized Answer build(Path project, Path work) {
    try {
      requests.write(project + "\t" + work + "\n");
      requests.flush();
      List<String> problems = new ArrayList<>();
      for (String line = answers.readLine(); line != null; line = answers.readLine()) {
        if (!line.startsWith(MARK)) {
          continue;
        }
        String[] words = line.substring(MARK.length()).split("\t", -1);
        switch (words[0]) {
          case "problem" -> problems.add(words[1]);
          case "broken" -> {
            return new Answer.Broken(List.copyOf(problems));
          }
          case "built" -> {
            return new Answer.Built(
                Arrays.stream(words[3].split(",")).filter(each -> !each.isEmpty()).toList());
          }
          case "maven" -> {
            return new Answer.ForMaven(words[1]);
          }
          default -> {
            // that it is ready: it says so once
          }
        }
      }
      return new Answer.ForMaven("the builder ended");
    } catch (IOException e) {
      return new Answer.ForMaven("the builder ended: " + e.getMessage());
    }
  }

  /** Whether it runs. */
  public boolean alive() {
    return process.isAlive();
  }

  /** Ends it; a build under way is given up. */
  @Override
  public void close() {
    process.toHandle().destroy();
    try {
      if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
