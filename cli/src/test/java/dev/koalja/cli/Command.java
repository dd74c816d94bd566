package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.launch.KoaljaHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs {@code ./koalja} as people do: a process, in a folder, with its output. */
final class Command {
  private Command() {}

  record Result(int status, String out, String err) {
    Result succeeded() {
      assertThat(status).as("out: %s%nerr: %s", out, err).isZero();
      return this;
    }
  }

  /** A process whose output goes to {@code out} and {@code err} beside {@code folder}. */
  static Process start(Path folder, String name, String... words) throws IOException {
    return start(folder, name, Map.of(), words);
  }

  static Process start(Path folder, String name, Map<String, String> environment, String... words)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(KoaljaHome.find().root().resolve("koalja").toString());
    command.addAll(List.of(words));
    return builder(folder, name, environment, command).start();
  }

  static Result run(Path folder, String... words) throws Exception {
    return run(folder, Map.of(), words);
  }

  static Result run(Path folder, Map<String, String> environment, String... words)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(KoaljaHome.find().root().resolve("koalja").toString());
    command.addAll(List.of(words));
    String name = "run-" + System.nanoTime();
    Process process = builder(folder, name, environment, command).start();
    process.getOutputStream().close();
    if (!process.waitFor(180, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(command + " took longer than 180 s: " + err(folder, name));
    }
    return new Result(process.exitValue(), out(folder, name), err(folder, name));
  }

  static String out(Path folder, String name) throws IOException {
    return Files.readString(logs(folder).resolve(name + ".out"));
  }

  static String err(Path folder, String name) throws IOException {
    return Files.readString(logs(folder).resolve(name + ".err"));
  }

  private static Path logs(Path folder) throws IOException {
    return Files.createDirectories(folder.resolveSibling(folder.getFileName() + "-output"));
  }

  private static ProcessBuilder builder(
      Path folder, String name, Map<String, String> environment, List<String> command)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("KOALJA_BUILD", "never");
    builder.environment().put("KOALJA_JDK_PATH", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    builder.redirectOutput(logs(folder).resolve(name + ".out").toFile());
    builder.redirectError(logs(folder).resolve(name + ".err").toFile());
    return builder;
  }
}
