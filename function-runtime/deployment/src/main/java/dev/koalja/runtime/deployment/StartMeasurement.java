package dev.koalja.runtime.deployment;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * Measures how long an app takes from the start of its process to the first answer, beside a
 * reference program that is started in turns with it: the ratio of the two says the same on a fast
 * machine and on a slow one.
 */
final class StartMeasurement {
  /** What the reference program takes on the machine that budgets are written for. */
  static final Duration REFERENCE = Duration.ofMillis(60);

  private static final String LISTENING = "koalja: listening on port ";
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int ANSWER_MILLIS = 10_000;
  private static final int LINES = 10;

  private final List<String> flags;
  private final Path folder;
  private final List<Double> app = new ArrayList<>();
  private final List<Double> reference = new ArrayList<>();

  /**
   * A program to start.
   *
   * @param command its command line
   * @param folder where it is started
   */
  record Program(List<String> command, Path folder) {
    Program {
      command = List.copyOf(command);
    }
  }

  /**
   * A measurement that keeps the reference program in a folder.
   *
   * @param flags of the JVM, for the reference program too
   */
  StartMeasurement(List<String> flags, Path folder) {
    this.flags = List.copyOf(flags);
    this.folder = folder;
  }

  /**
   * Starts both so many times, in turns.
   *
   * @throws IOException when one of them does not start
   */
  void run(Program program, int times) throws IOException, InterruptedException {
    Program baseline = baseline();
    for (int i = 0; i < times; i++) {
      reference.add(start(baseline));
      app.add(start(program));
    }
  }

  /** The median of how many times as long the app took. */
  double ratio() {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < app.size(); i++) {
      ratios.add(app.get(i) / reference.get(i));
    }
    return median(ratios);
  }

  /** What the app would take on the machine that budgets are written for. */
  Duration onReference() {
    return Duration.ofNanos(Math.round(ratio() * REFERENCE.toNanos()));
  }

  /** The median of what the app took here, in milliseconds. */
  double appMillis() {
    return median(app);
  }

  /** The median of what the reference program took here, in milliseconds. */
  double referenceMillis() {
    return median(reference);
  }

  /** How often each was started. */
  int starts() {
    return app.size();
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** The reference program with a start-up cache of its own, as the app has one. */
  private Program baseline() throws IOException, InterruptedException {
    Path jar = folder.resolve("reference.jar");
    Path cache = folder.resolve("reference.aot");
    Files.createDirectories(folder);
    // trained for this JVM and these flags; it is trained again rather than asked whether it fits
    if (reference.isEmpty()) {
      Files.deleteIfExists(cache);
      pack(jar);
      Process training =
          started(new Program(command("-XX:AOTCacheOutput=" + cache.getFileName(), jar), folder));
      try (BufferedReader output = training.inputReader()) {
        answer(portOf(output, training));
        training.toHandle().destroy(); // Process.destroy would close what is read next
        output.lines().forEach(_ -> {});
      } catch (UncheckedIOException e) {
        throw e.getCause();
      } finally {
        training.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        training.destroyForcibly();
      }
      if (!Files.isRegularFile(cache)) {
        throw new IOException("the reference program got no start-up cache in " + folder);
      }
    }
    return new Program(command("-XX:AOTCache=" + cache.getFileName(), jar), folder);
  }

  private List<String> command(String cacheFlag, Path jar) {
    List<String> command = new ArrayList<>();
    command.add(java());
    command.addAll(flags);
    command.add(cacheFlag);
    command.addAll(List.of("-jar", String.valueOf(jar.getFileName())));
    return command;
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static void pack(Path jar) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, ReferenceProgram.class.getName());
    String name = ReferenceProgram.class.getName().replace('.', '/') + ".class";
    try (InputStream code =
            Objects.requireNonNull(
                ReferenceProgram.class.getClassLoader().getResourceAsStream(name));
        OutputStream file = Files.newOutputStream(jar);
        JarOutputStream zip = new JarOutputStream(file, manifest)) {
      zip.putNextEntry(new JarEntry(name));
      code.transferTo(zip);
      zip.closeEntry();
    }
  }

  private static Process started(Program program) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(program.command())
            .directory(program.folder().toFile())
            .redirectErrorStream(true);
    builder
        .environment()
        .putAll(Map.of("PORT", "0", "KOALJA_HOST", "127.0.0.1", "KOALJA_WATCH_PARENT", "true"));
    return builder.start();
  }

  /** From just before the start to the end of the first answer, in milliseconds. */
  private static double start(Program program) throws IOException, InterruptedException {
    long began = System.nanoTime();
    Process process = started(program);
    CompletableFuture<Void> watchdog =
        CompletableFuture.runAsync(
            process::destroyForcibly,
            CompletableFuture.delayedExecutor(LIMIT.toMillis(), TimeUnit.MILLISECONDS));
    try (BufferedReader output = process.inputReader()) {
      answer(portOf(output, process));
      return (System.nanoTime() - began) / 1e6;
    } finally {
      watchdog.cancel(false);
      process.destroyForcibly().waitFor(); // no event was handed over: nothing is lost
    }
  }

  private static int portOf(BufferedReader output, Process process)
      throws IOException, InterruptedException {
    Deque<String> last = new ArrayDeque<>();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(LISTENING)) {
        return Integer.parseInt(line.substring(LISTENING.length()).strip());
      }
      last.addLast(line);
      if (last.size() > LINES) {
        last.removeFirst();
      }
    }
    throw new IOException(
        "the process did not listen and ended with %d:\n%s"
            .formatted(process.waitFor(), String.join("\n", last)));
  }

  private static void answer(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(ANSWER_MILLIS);
      socket
          .getOutputStream()
          .write(
              "GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      if (!answer.startsWith("HTTP/1.1 200")) {
        throw new IOException("the process is not ready: " + answer);
      }
    }
  }
}
