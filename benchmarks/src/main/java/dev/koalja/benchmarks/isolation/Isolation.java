package dev.koalja.benchmarks.isolation;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.OperatingSystemMXBean;
import dev.koalja.benchmarks.Aim;
import dev.koalja.benchmarks.Machine;
import dev.koalja.benchmarks.Measurement;
import dev.koalja.benchmarks.Quartiles;
import dev.koalja.benchmarks.Report;
import dev.koalja.benchmarks.Run;
import dev.koalja.benchmarks.Series;
import dev.koalja.benchmarks.kafka.Event;
import dev.koalja.benchmarks.kafka.LinkWriter;
import dev.koalja.benchmarks.kafka.Quiet;
import dev.koalja.benchmarks.kafka.Watch;
import dev.koalja.benchmarks.load.OpenLoop;
import dev.koalja.platform.Platform;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.StreamSupport;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Two tasks of one circuit under a steady load. One of them becomes ten times slower, then fails,
 * then its process dies with each call; in between it is fine. What the other one notices, and
 * whether the one that recovers is flooded with what has waited for it.
 */
public final class Isolation implements Measurement {
  private static final String APP = "koalja-benchmark-circuit";
  private static final String PIPELINE = "isolation";
  private static final int RATE = Integer.getInteger("koalja.rate", 1500);
  private static final int SECONDS = Integer.getInteger("koalja.seconds", 20);
  private static final int SIZE = 100;
  private static final int MAX_IN_FLIGHT = 50;
  private static final double HELD = 0.9;
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final OperatingSystemMXBean MACHINE =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private static final String STEADY = "steady";
  private static final String TROUBLE = "trouble";

  /** Attempts are many and short, so that nothing becomes a dead letter in a minute of failing. */
  private static final String YAML =
      """
      apiVersion: koalja.dev/v1alpha1
      kind: Pipeline
      metadata: {name: %1$s}
      spec:
        tasks:
        - name: steady
          function: {app: %2$s, isolated: true, scale: {max: 1, concurrency: 200}}
          delivery: {attempts: 100, backoff: {delay: 100ms, max: 1s}, maxInFlight: %3$d}
          inputs: [{name: name, link: steady}]
          outputs: [{name: result, link: steady-done}]
        - name: trouble
          function: {app: %2$s, isolated: true, scale: {max: 1, concurrency: 200}}
          delivery: {attempts: 100, backoff: {delay: 100ms, max: 1s}, maxInFlight: %3$d}
          inputs: [{name: name, link: trouble}]
          outputs: [{name: result, link: trouble-done}]
      """
          .formatted(PIPELINE, APP, MAX_IN_FLIGHT);

  private final List<String> notes = new ArrayList<>();

  @Override
  public String name() {
    return "isolation";
  }

  @Override
  public String summary() {
    return "a function slows down, fails, dies under load: what another one notices, what follows";
  }

  @Override
  public int defaultRuns() {
    return 3;
  }

  /** How it is with the function in trouble, one after the other. */
  private enum Phase {
    WARM_UP("warm-up", "fine"),
    FINE("fine", "fine"),
    SLOW("ten times slower", "slow"),
    AFTER_SLOW("fine after slow", "fine"),
    FAILING("failing", "failing"),
    AFTER_FAILING("fine after failing", "fine"),
    DYING("dying", "dying"),
    AFTER_DYING("fine after dying", "fine");

    private final String title;
    private final String mode;

    Phase(String title, String mode) {
      this.title = title;
      this.mode = mode;
    }

    /** Whether the function has just recovered. */
    boolean recovers() {
      return ordinal() > FINE.ordinal() && mode.equals("fine");
    }

    /** Whether it did not answer at all before: one that is slow goes on with the calls it has. */
    boolean begins() {
      return this == AFTER_FAILING || this == AFTER_DYING;
    }
  }

  /** What was found in a phase, a value for each round. */
  private static final class Row {
    private final Map<String, List<Double>> values = new LinkedHashMap<>();

    void add(String metric, double value) {
      values.computeIfAbsent(metric, _ -> new ArrayList<>()).add(value);
    }

    List<Double> of(String metric) {
      return values.getOrDefault(metric, List.of());
    }
  }

  @Override
  public Report run(Run run) throws Exception {
    Machine machine = Machine.now();
    Map<Phase, Row> rows = new LinkedHashMap<>();
    Arrays.stream(Phase.values())
        .filter(phase -> phase != Phase.WARM_UP)
        .forEach(phase -> rows.put(phase, new Row()));
    run.progress("starting broker, gateway, router");
    Map<String, Path> apps = Map.of(APP, run.home().resolve("benchmarks/app"));
    try (Platform platform = new Platform(run.scratch(), true, apps, 1);
        Admin admin =
            Admin.create(Map.of("bootstrap.servers", platform.broker().bootstrapServers()))) {
      platform.apply(PIPELINE, YAML);
      try (Bench bench = new Bench(platform, run.scratch().resolve("mode"))) {
        for (int round = 1; round <= run.rounds(); round++) {
          notes.clear();
          bench.measure(rows);
          run.progress("round %d of %d: %s", round, run.rounds(), String.join("; ", notes));
        }
        Quiet.await(admin, List.of(topic(STEADY + "-done"), topic(TROUBLE + "-done")));
        notes.addFirst(
            "%,d events on each of the two links: one result each, none twice, no dead letter."
                .formatted(bench.next));
      }
    }
    return report(run, machine.after(), rows);
  }

  private static String topic(String link) {
    return "koalja." + PIPELINE + "." + link;
  }

  /** What runs, and how it is measured. */
  private final class Bench implements AutoCloseable {
    private final Platform platform;
    private final Path mode;
    private final LinkWriter writer;
    private final Queue<Recovery.Call> calls = new ConcurrentLinkedQueue<>();
    private final Watch steady;
    private final Watch trouble;
    private int next;

    Bench(Platform platform, Path mode) throws InterruptedException {
      this.platform = platform;
      this.mode = mode;
      String servers = platform.broker().bootstrapServers();
      writer = new LinkWriter(servers);
      steady = new Watch(servers, List.of(topic(STEADY + "-done")), Event::numberOf);
      trouble = new Watch(servers, List.of(topic(TROUBLE + "-done")), this::called);
    }

    /** Notes what a result says of its call: {@code Hello, 000000042! 7 1700000000000}. */
    private int called(byte[] result) {
      String[] words = new String(result, StandardCharsets.UTF_8).split(" ", -1);
      calls.add(new Recovery.Call(Integer.parseInt(words[2]), Long.parseLong(words[3])));
      return Event.numberOf(result);
    }

    void measure(Map<Phase, Row> rows) throws Exception {
      int count = RATE * SECONDS * Phase.values().length;
      int first = next;
      next += count;
      calls.clear();
      steady.expect(first, count);
      trouble.expect(first, count);
      set(Phase.WARM_UP);
      // the two take turns in one load
      OpenLoop load = OpenLoop.soon(2 * RATE, 2 * count);
      Map<Phase, Long> switched = new LinkedHashMap<>();
      try (ExecutorService sender = Executors.newSingleThreadExecutor()) {
        Future<?> sending =
            sender.submit(
                () -> {
                  load.run(1, () -> index -> writer.write(event(index, first + index / 2)));
                  return null;
                });
        for (Phase phase : Phase.values()) {
          long begin = begin(load, phase);
          sleepUntil(begin);
          set(phase);
          switched.put(phase, System.currentTimeMillis());
          MACHINE.getCpuLoad(); // the next answer is about the time since this one
          sleepUntil(begin + SECONDS * 800_000_000L);
          rows.getOrDefault(phase, new Row()).add("busy", 100 * MACHINE.getCpuLoad());
          if (!phase.mode.equals("fine")) {
            notes.add(status(phase));
          }
        }
        sending.get();
      }
      long[] steadySeen = steady.await(LIMIT);
      long[] troubleSeen = trouble.await(LIMIT);
      writer.check();
      rows.forEach(
          (phase, row) -> {
            note(row, "steady ", load, begin(load, phase), steadySeen, 0);
            note(row, "trouble ", load, begin(load, phase), troubleSeen, 1);
            if (phase.recovers()) {
              recovery(phase, row, load, switched.getOrDefault(phase, 0L), troubleSeen);
            }
          });
    }

    private ProducerRecord<byte[], byte[]> event(int index, int number) {
      return index % 2 == 0
          ? Event.record(topic(STEADY), number, SIZE, Event.KEYS)
          : Event.record(
              topic(TROUBLE),
              number,
              "%09d%s".formatted(number, mode).getBytes(StandardCharsets.UTF_8),
              Event.KEYS);
    }

    /** The function reads the file with each call, so it must never be half written. */
    private void set(Phase phase) throws IOException {
      Path written = Files.writeString(mode.resolveSibling("mode.new"), phase.mode);
      Files.move(written, mode, StandardCopyOption.ATOMIC_MOVE);
    }

    private String status(Phase phase) throws IOException, InterruptedException {
      JsonNode reader =
          StreamSupport.stream(platform.readers(0).spliterator(), false)
              .filter(each -> each.path("task").asText().equals(TROUBLE))
              .findFirst()
              .orElseThrow();
      return "%s: circuitOpen %s, %s, %d in flight, %,d buffered, %d retrying, lag %,d"
          .formatted(
              phase.title,
              reader.path("circuitOpen").asBoolean(),
              reader.path("reason").asText("no reason"),
              reader.path("inFlight").asInt(),
              reader.path("buffered").asInt(),
              reader.path("retrying").asInt(),
              reader.path("lag").asLong());
    }

    private void recovery(Phase phase, Row row, OpenLoop load, long switched, long[] seen) {
      List<Recovery.Call> since = calls.stream().filter(each -> each.begin() >= switched).toList();
      row.add("first call", (Recovery.first(since) - switched) / 1e3);
      row.add("side by side", since.stream().mapToInt(Recovery.Call::sideBySide).max().orElse(0));
      row.add("crowd", Recovery.crowd(since, 2 * MAX_IN_FLIGHT));
      // what was due before the phase has waited
      long begin = begin(load, phase);
      int waited = phase.ordinal() * SECONDS * RATE;
      long last = Arrays.stream(seen, 0, waited).max().orElseThrow();
      row.add("caught up", Math.max(0, last - begin) / 1e9);
    }

    @Override
    public void close() {
      writer.close();
      trouble.close();
      steady.close();
    }
  }

  private static void sleepUntil(long nanos) throws InterruptedException {
    Duration rest = Duration.ofNanos(nanos - System.nanoTime());
    if (rest.isPositive()) {
      Thread.sleep(rest);
    }
  }

  private static long begin(OpenLoop load, Phase phase) {
    return load.begin() + phase.ordinal() * SECONDS * 1_000_000_000L;
  }

  /** Rate: what was seen in the phase, late or not; latency: of what was due in it. */
  private static void note(
      Row row, String task, OpenLoop load, long begin, long[] seen, int offset) {
    long end = begin + SECONDS * 1_000_000_000L;
    Histogram micros = new Histogram(3);
    for (int index = 0; index < seen.length; index++) {
      long due = load.due(2 * index + offset);
      if (due >= begin && due < end) {
        micros.recordValue(Math.max(0, (seen[index] - due) / 1000));
      }
    }
    long came = Arrays.stream(seen).filter(each -> each >= begin && each < end).count();
    row.add(task + "rate", (double) came / SECONDS);
    row.add(task + "p99", micros.getValueAtPercentile(99) / 1e3);
  }

  private Report report(Run run, Machine machine, Map<Phase, Row> rows) {
    List<Series> series = new ArrayList<>();
    List<Aim> aims = new ArrayList<>();
    Row fine = rows.getOrDefault(Phase.FINE, new Row());
    for (Map.Entry<String, String> metric :
        Map.of("steady rate", "events/s", "steady p99", "ms").entrySet().stream()
            .sorted(Map.Entry.<String, String>comparingByKey().reversed())
            .toList()) {
      Series reference =
          Series.reference(
              Phase.FINE.title, metric.getKey(), metric.getValue(), fine.of(metric.getKey()));
      rows.forEach(
          (phase, row) ->
              series.add(
                  phase == Phase.FINE
                      ? reference
                      : Series.compared(phase.title, reference, row.of(metric.getKey()))));
    }
    rows.forEach(
        (phase, row) -> {
          series.add(
              Series.reference(phase.title, "trouble rate", "events/s", row.of("trouble rate")));
          series.add(Series.reference(phase.title, "processors busy", "%", row.of("busy")));
          if (phase.recovers()) {
            series.add(
                Series.reference(phase.title, "side by side", "calls", row.of("side by side")));
            series.add(Series.reference(phase.title, "first call", "s", row.of("first call")));
            series.add(Series.reference(phase.title, "caught up", "s", row.of("caught up")));
          }
        });
    // more than was sent is what had waited
    double usual = Math.min(RATE, Quartiles.of(fine.of("steady rate")).median());
    rows.forEach(
        (phase, row) -> {
          if (phase != Phase.FINE) {
            aims.add(
                Aim.atLeast(
                    "rate of the other task, %s / fine".formatted(phase.title),
                    Quartiles.of(row.of("steady rate")).median() / usual,
                    HELD));
          }
        });
    rows.forEach(
        (phase, row) -> {
          if (phase.begins()) {
            aims.add(
                Aim.atMost(
                    "%s: calls side by side / one more with each answer".formatted(phase.title),
                    Quartiles.of(row.of("crowd")).median(),
                    1));
          }
        });
    List<String> text = new ArrayList<>();
    text.add(
        "%d events a second on each link, %d s for each phase after a warm-up as long; maxInFlight %d, one process for each task."
            .formatted(RATE, SECONDS, MAX_IN_FLIGHT));
    text.add(notes.getFirst());
    notes.stream().skip(1).forEach(note -> text.add("Last round, " + note + "."));
    return new Report(name(), Instant.now(), run.rounds(), machine, series, aims, text);
  }
}
