package dev.koalja.benchmarks.coldstart;

import dev.koalja.launch.Jdk;
import dev.koalja.platform.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A subject that was started; the clock runs from just before. */
final class Start implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration END_LIMIT = Duration.ofSeconds(30);
  private static final long PAUSE_NANOS = 500_000;

  private final Subject subject;
  private final int port;
  private final long began;
  private final Process process;

  /** Starts it; its output is added to {@code log}. */
  Start(Subject subject, Path log) throws IOException {
    this.subject = subject;
    this.port = Platform.freePort();
    List<String> command = new ArrayList<>();
    command.add(Jdk.java().toString());
    command.addAll(subject.flags());
    command.addAll(subject.program());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().keySet().removeIf(name -> name.startsWith("QUARKUS_"));
    builder.environment().putAll(subject.environment());
    builder.environment().put("PORT", Integer.toString(port));
    this.began = System.nanoTime();
    this.process = builder.start();
  }

  /** Asks until the function answers; how long that took since the start. */
  Duration firstReply() throws IOException {
    return firstReply("/");
  }

  /** The same at a path of its own. */
  Duration firstReply(String path) throws IOException {
    byte[] request = Greeting.once(path);
    while (!Greeting.ask(port, request)) {
      if (!process.isAlive() || System.nanoTime() - began > LIMIT.toNanos()) {
        throw new IOException(
            "%s did not answer: %s"
                .formatted(
                    subject.name(),
                    process.isAlive() ? "too slow" : "ended with " + process.exitValue()));
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return Duration.ofNanos(System.nanoTime() - began);
  }

  /** When it was started, by {@code System.nanoTime()}. */
  long began() {
    return began;
  }

  /** Where it listens on this machine. */
  int port() {
    return port;
  }

  /** Asks once more. */
  void ask() throws IOException {
    if (!Greeting.ask(port, Greeting.once("/"))) {
      throw new IOException(subject.name() + " answers no more");
    }
  }

  /** Asks one time after the other; how long all of it took. */
  Duration ask(int times) throws IOException {
    return Greeting.ask(port, times);
  }

  /** Processor time it has used so far; the system counts in steps of some milliseconds. */
  Duration processorTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Its resident memory in bytes. */
  long residentBytes() throws IOException, InterruptedException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    if (Files.exists(status)) {
      try (Stream<String> lines = Files.lines(status)) {
        return lines
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
            .findFirst()
            .orElseThrow(() -> new IOException("no VmRSS in " + status));
      }
    }
    Process ps = new ProcessBuilder("ps", "-o", "rss=", "-p", Long.toString(process.pid())).start();
    String kilobytes = new String(ps.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    ps.waitFor();
    return Long.parseLong(kilobytes.strip()) * 1024;
  }

  /** What Linux says of each part of its memory; not there on other systems. */
  Path memoryMap() {
    return Path.of("/proc", Long.toString(process.pid()), "smaps");
  }

  /** Ends it in good order, so that one that learns can write what it learnt. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
