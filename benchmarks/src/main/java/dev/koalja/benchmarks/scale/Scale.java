package dev.koalja.benchmarks.scale;

import com.sun.management.OperatingSystemMXBean;
import dev.koalja.benchmarks.Aim;
import dev.koalja.benchmarks.Machine;
import dev.koalja.benchmarks.Measurement;
import dev.koalja.benchmarks.Quartiles;
import dev.koalja.benchmarks.Report;
import dev.koalja.benchmarks.Run;
import dev.koalja.benchmarks.Series;
import dev.koalja.benchmarks.kafka.Backlog;
import dev.koalja.benchmarks.kafka.Event;
import dev.koalja.benchmarks.kafka.LinkWriter;
import dev.koalja.benchmarks.kafka.ProcessFigures;
import dev.koalja.benchmarks.kafka.Quiet;
import dev.koalja.benchmarks.kafka.Results;
import dev.koalja.benchmarks.kafka.Watch;
import dev.koalja.benchmarks.load.OpenLoop;
import dev.koalja.pipeline.Json;
import dev.koalja.platform.Platform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.admin.Admin;

/**
 * Circuits of 10, 100 and 1,000 tasks, of which all but one in a hundred have nothing to do, in one
 * router: what an idle task costs, how long the router takes to start, and how the busy ones fare.
 */
public final class Scale implements Measurement {
  private static final List<Integer> TASKS =
      Arrays.stream(System.getProperty("koalja.tasks", "10,100,1000").split(",", -1))
          .map(Integer::valueOf)
          .toList();
  private static final int PARTITIONS = Integer.getInteger("koalja.partitions", 1);

  /** How long idling is watched. */
  private static final Duration IDLE = Duration.ofSeconds(Integer.getInteger("koalja.idle", 30));

  private static final int EVENTS = Integer.getInteger("koalja.events", 10_000);
  private static final int RATE = 200;
  private static final int SECONDS = 5;
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private static final String ROUTER_MEMORY = "router memory";
  private static final String HEAP = "heap";
  private static final String THREADS = "threads";
  private static final String ROUTER_IDLE = "router idle";
  private static final String BROKER_IDLE = "broker idle";
  private static final String BROKER_MEMORY = "broker memory";
  private static final String START = "start-up";
  private static final String BUSY = "start-up, processors busy";
  private static final String ROUTER_START = "start-up, router's processor time";
  private static final String BROKER_START = "start-up, broker's processor time";

  private static final OperatingSystemMXBean MACHINE =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private final List<String> notes = new ArrayList<>();

  @Override
  public String name() {
    return "scale";
  }

  @Override
  public String summary() {
    return "10 to 1,000 idle tasks in one router: memory, processor time, start-up, a few that work";
  }

  @Override
  public int defaultRuns() {
    return 3;
  }

  /** What was found with one number of tasks, a value for each round. */
  private static final class Row {
    private final Circuit circuit;
    private final Map<String, List<Double>> values = new LinkedHashMap<>();
    private final Map<String, String> units = new LinkedHashMap<>();

    Row(int tasks) {
      this.circuit = new Circuit(tasks, PARTITIONS);
    }

    void add(String metric, String unit, double value) {
      values.computeIfAbsent(metric, _ -> new ArrayList<>()).add(value);
      units.put(metric, unit);
    }

    double median(String metric) {
      return Quartiles.of(values.getOrDefault(metric, List.of())).median();
    }

    /** What each task costs that this row has more than the other. */
    double costPerTask(String metric, Row fewer) {
      return (median(metric) - fewer.median(metric)) / (circuit.tasks() - fewer.circuit.tasks());
    }
  }

  @Override
  public Report run(Run run) throws Exception {
    Machine machine = Machine.now();
    List<Row> rows = TASKS.stream().map(Row::new).toList();
    for (int round = 1; round <= run.rounds(); round++) {
      for (Row row : rows) {
        Path folder = run.scratch().resolve("%d-%d".formatted(round, row.circuit.tasks()));
        try (Bench bench = new Bench(run, folder, row)) {
          bench.measure();
        }
        run.progress(
            "round %d of %d: %,d tasks: %s",
            round, run.rounds(), row.circuit.tasks(), notes.removeLast());
      }
    }
    return report(run, machine.after(), rows);
  }

  /** One platform with one circuit, from nothing. */
  private final class Bench implements AutoCloseable {
    private final Row row;
    private final Circuit circuit;
    private final Platform platform;
    private final Admin admin;
    private final Backlog backlog;
    private int called;

    Bench(Run run, Path folder, Row row) {
      this.row = row;
      this.circuit = row.circuit;
      platform =
          new Platform(folder, true, Map.of(Circuit.APP, run.home().resolve("benchmarks/app")), 1);
      String servers = platform.broker().bootstrapServers();
      admin = Admin.create(Map.of("bootstrap.servers", servers));
      backlog = new Backlog(servers);
    }

    void measure() throws Exception {
      long begin = System.nanoTime();
      platform.apply(Circuit.PIPELINE, circuit.yaml());
      row.add("apply", "s", (System.nanoTime() - begin) / 1e9);
      try (Results journal =
          new Results(
              platform.broker().bootstrapServers(), admin, Circuit.journal(), Scale::called)) {
        call();
        row.add("running", "s", (journal.await(circuit.tasks(), () -> {}).end() - begin) / 1e9);
        idle();
        platform.routers().getFirst().kill9();
        call();
        start(journal);
        journal.audit(called);
      }
      work();
    }

    /** The router starts again; who uses the processors until every task has answered. */
    private void start(Results journal) throws Exception {
      long broker = platform.broker().process().pid();
      Duration brokerBegin = ProcessFigures.processorTime(broker);
      MACHINE.getCpuLoad(); // the next answer is about the time since this one
      long begin = System.nanoTime();
      platform.routers().getFirst().restart();
      row.add(START, "s", (journal.await(circuit.tasks(), () -> {}).end() - begin) / 1e9);
      row.add(BUSY, "%", 100 * MACHINE.getCpuLoad());
      long router = platform.routers().getFirst().process().pid();
      row.add(ROUTER_START, "s", ProcessFigures.processorTime(router).toMillis() / 1e3);
      row.add(
          BROKER_START,
          "s",
          ProcessFigures.processorTime(broker).minus(brokerBegin).toMillis() / 1e3);
    }

    private void call() {
      backlog.write(circuit.calls(called));
      called += circuit.tasks();
      backlog.release();
    }

    private void idle() throws Exception {
      long router = platform.routers().getFirst().process().pid();
      long broker = platform.broker().process().pid();
      Quiet.await(platform.gateway().process().pid());
      long begin = System.nanoTime();
      Duration routerBegin = ProcessFigures.processorTime(router);
      Duration brokerBegin = ProcessFigures.processorTime(broker);
      Thread.sleep(IDLE);
      double minutes = (System.nanoTime() - begin) / 60e9;
      row.add(
          ROUTER_IDLE,
          "s/min",
          ProcessFigures.processorTime(router).minus(routerBegin).toMillis() / 1e3 / minutes);
      row.add(
          BROKER_IDLE,
          "s/min",
          ProcessFigures.processorTime(broker).minus(brokerBegin).toMillis() / 1e3 / minutes);
      ProcessFigures figures = ProcessFigures.of(router);
      ProcessFigures ofBroker = ProcessFigures.of(broker);
      row.add(ROUTER_MEMORY, "MiB", figures.residentMib());
      row.add(HEAP, "MiB", figures.heapMib());
      row.add(THREADS, "", figures.threads());
      row.add(BROKER_MEMORY, "MiB", ofBroker.residentMib());
      notes.add(
          "open files: router %,d, broker %,d; heap of the broker %.0f MiB"
              .formatted(figures.files(), ofBroker.files(), ofBroker.heapMib()));
    }

    /** The busy tasks get a backlog, twice to be warm, then a load that leaves them time. */
    private void work() throws Exception {
      String servers = platform.broker().bootstrapServers();
      try (Watch results = new Watch(servers, circuit.outputs(), Event::numberOf);
          LinkWriter writer = new LinkWriter(servers)) {
        int next = 0;
        double rate = 0;
        for (int turn = 0; turn < 3; turn++) {
          results.expect(next, EVENTS);
          backlog.write(IntStream.range(next, next + EVENTS).mapToObj(circuit::work));
          long begin = System.nanoTime();
          backlog.release();
          long end = Arrays.stream(results.await(LIMIT)).max().orElseThrow();
          rate = EVENTS / ((end - begin) / 1e9);
          next += EVENTS;
        }
        row.add("rate", "events/s", rate);
        Quiet.await(platform.gateway().process().pid());
        int count = RATE * SECONDS;
        int first = next;
        results.expect(first, count);
        OpenLoop load = OpenLoop.soon(RATE, count);
        load.run(1, () -> index -> writer.write(circuit.work(first + index)));
        long[] seen = results.await(LIMIT);
        writer.check();
        Histogram micros = new Histogram(3);
        for (int index = RATE; index < count; index++) {
          micros.recordValue(Math.max(0, (seen[index] - load.due(index)) / 1000));
        }
        row.add("p50", "ms", micros.getValueAtPercentile(50) / 1e3);
        row.add("p99", "ms", micros.getValueAtPercentile(99) / 1e3);
      }
    }

    @Override
    public void close() {
      backlog.close();
      admin.close();
      platform.close();
    }
  }

  /** Which call a journal record is about. */
  private static int called(byte[] journal) {
    try {
      return Json.MAPPER.readTree(journal).path("inputs").path(0).path("id").asInt(-1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Report report(Run run, Machine machine, List<Row> rows) {
    List<Series> series = new ArrayList<>();
    for (Row row : rows) {
      row.values.forEach(
          (metric, values) ->
              series.add(
                  Series.reference(
                      "%,d tasks".formatted(row.circuit.tasks()),
                      metric,
                      row.units.getOrDefault(metric, ""),
                      values)));
    }
    List<String> text = new ArrayList<>();
    text.add(
        "Links of %d partitions, idle for %d s; %,d events for one task in a hundred, then %d a second."
            .formatted(PARTITIONS, IDLE.toSeconds(), EVENTS, RATE));
    List<Aim> aims = new ArrayList<>();
    if (rows.size() > 1) {
      Row few = rows.getFirst();
      Row many = rows.getLast();
      text.add(costs(few, many));
      text.add(
          "Start-up of %,d tasks: the processors were %.0f %% busy, %.0f s of it in the router and %.0f s in the broker; a reader that has started goes on with its heartbeats and fetches, which took %.1f processors of both when all had (ADR 15)."
              .formatted(
                  many.circuit.tasks(),
                  many.median(BUSY),
                  many.median(ROUTER_START),
                  many.median(BROKER_START),
                  (many.median(ROUTER_IDLE) + many.median(BROKER_IDLE)) / 60));
      if (rows.size() > 2) {
        Row some = rows.get(rows.size() - 2);
        for (String metric :
            List.of(ROUTER_MEMORY, HEAP, THREADS, ROUTER_IDLE, BROKER_IDLE, BROKER_MEMORY, START)) {
          double before = some.costPerTask(metric, few);
          if (before <= 0) {
            text.add(
                "%s: what a further task costs, of %,d, was less than the noise."
                    .formatted(metric, some.circuit.tasks()));
          } else {
            aims.add(
                Aim.atMost(
                    "%s for each further task, of %,d / of %,d"
                        .formatted(metric, many.circuit.tasks(), some.circuit.tasks()),
                    many.costPerTask(metric, few) / before,
                    1.5));
          }
        }
      }
    }
    return new Report(name(), Instant.now(), run.rounds(), machine, series, aims, text);
  }

  private static String costs(Row few, Row many) {
    return "A further idle task costs, at %,d: %.0f KiB of the router's memory (%.0f KiB of heap), %.1f threads, %.1f ms of processor time a minute in the router and %.1f ms in the broker, %.0f KiB there, %.1f ms of start-up."
        .formatted(
            many.circuit.tasks(),
            many.costPerTask(ROUTER_MEMORY, few) * 1024,
            many.costPerTask(HEAP, few) * 1024,
            many.costPerTask(THREADS, few),
            many.costPerTask(ROUTER_IDLE, few) * 1000,
            many.costPerTask(BROKER_IDLE, few) * 1000,
            many.costPerTask(BROKER_MEMORY, few) * 1024,
            many.costPerTask(START, few) * 1000);
  }
}
