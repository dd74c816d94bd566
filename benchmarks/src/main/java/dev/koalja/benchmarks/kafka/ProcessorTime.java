package dev.koalja.benchmarks.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Processor time of the parts of a whole between two moments. Parts may come and go meanwhile as
 * processes of functions do: what one used counts as far as it was seen.
 */
public final class ProcessorTime {
  private final Parts parts;
  private final Map<Long, Duration> first = new HashMap<>();
  private final Map<String, Map<Long, Duration>> latest = new LinkedHashMap<>();

  /** Which processes there are now, by part. */
  @FunctionalInterface
  public interface Parts {
    /** Process ids of each part. */
    Map<String, List<Long>> pids() throws Exception;
  }

  /** From now on. */
  public ProcessorTime(Parts parts) throws Exception {
    this.parts = parts;
    look();
    latest.values().forEach(first::putAll);
  }

  /** Looks at every process; to be called now and then. */
  public void look() throws Exception {
    parts
        .pids()
        .forEach(
            (part, pids) -> {
              Map<Long, Duration> times = latest.computeIfAbsent(part, _ -> new HashMap<>());
              pids.forEach(
                  pid ->
                      ProcessHandle.of(pid)
                          .flatMap(process -> process.info().totalCpuDuration())
                          .ifPresent(time -> times.put(pid, time)));
            });
  }

  /** Microseconds per event since the beginning, per part. */
  public Map<String, Double> microsPer(int events) throws Exception {
    look();
    Map<String, Double> used = new LinkedHashMap<>();
    latest.forEach(
        (part, times) ->
            used.put(
                part,
                times.entrySet().stream()
                        .mapToLong(
                            each ->
                                each.getValue()
                                    .minus(first.getOrDefault(each.getKey(), Duration.ZERO))
                                    .toNanos())
                        .sum()
                    / 1e3
                    / events));
    return used;
  }
}
