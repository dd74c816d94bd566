package dev.koalja.benchmarks.throughput;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Processor time of processes, by their part in the whole, between two moments. */
final class ProcessorTime {
  private final Map<String, Collection<Long>> parts;
  private final Map<String, Duration> before;

  /** From now on. */
  ProcessorTime(Map<String, Collection<Long>> parts) {
    this.parts = new TreeMap<>(parts);
    this.before = read();
  }

  /** Microseconds per event since then, per part. */
  Map<String, Double> microsPer(int events) {
    Map<String, Double> used = new TreeMap<>();
    read()
        .forEach(
            (part, now) -> used.put(part, now.minus(before.get(part)).toNanos() / 1e3 / events));
    return used;
  }

  private Map<String, Duration> read() {
    return parts.entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                entry ->
                    entry.getValue().stream()
                        .map(ProcessorTime::of)
                        .reduce(Duration.ZERO, Duration::plus)));
  }

  private static Duration of(long pid) {
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().totalCpuDuration())
        .orElse(Duration.ZERO);
  }
}
