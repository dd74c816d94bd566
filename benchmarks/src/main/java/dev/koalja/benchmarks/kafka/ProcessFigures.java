package dev.koalja.benchmarks.kafka;

import dev.koalja.launch.Jdk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a JVM takes at a moment, as Linux tells it.
 *
 * @param residentMib its resident memory
 * @param heapMib what lives in its heap, after a collection
 * @param threads platform threads
 * @param files open files, sockets included
 */
public record ProcessFigures(double residentMib, double heapMib, int threads, int files) {
  private static final double MIB = 1 << 20;

  /** Of process {@code pid}, which is made to collect its garbage. */
  public static ProcessFigures of(long pid) throws IOException, InterruptedException {
    double heap = liveBytes(pid) / MIB;
    Path process = Path.of("/proc", Long.toString(pid));
    List<String> status = Files.readAllLines(process.resolve("status"));
    try (Stream<Path> files = Files.list(process.resolve("fd"))) {
      return new ProcessFigures(
          number(status, "VmRSS:") / 1024.0,
          heap,
          (int) number(status, "Threads:"),
          (int) files.count());
    }
  }

  private static long number(List<String> status, String name) {
    return status.stream()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow(() -> new UncheckedIOException(new IOException("no " + name + " in /proc")));
  }

  /** The last line of a histogram of what lives: {@code Total <objects> <bytes>}. */
  private static long liveBytes(long pid) throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(
                Jdk.java().resolveSibling("jcmd").toString(),
                Long.toString(pid),
                "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    String answer = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    jcmd.waitFor();
    return answer
        .lines()
        .filter(line -> line.startsWith("Total"))
        .mapToLong(line -> Long.parseLong(line.strip().split("\\s+", -1)[2]))
        .findFirst()
        .orElseThrow(() -> new IOException("no heap of " + pid + ": " + answer));
  }

  /** Processor time a process has used so far. */
  public static Duration processorTime(long pid) {
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().totalCpuDuration())
        .orElseThrow(() -> new IllegalStateException("process " + pid + " is gone"));
  }
}
