package dev.koalja.benchmarks.routers;

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
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * A second router joins under a steady load, leaves, joins again and is killed: how long an event
 * waits at most, and how long with two plain members of a consumer group.
 */
public final class Routers implements Measurement {
  private static final String APP = "koalja-benchmark-circuit";
  private static final String PIPELINE = "routers";
  private static final String INPUT = "koalja." + PIPELINE + ".steady";
  private static final String OUTPUT = "koalja." + PIPELINE + ".steady-done";
  private static final String BARE_INPUT = "bare-in";
  private static final String BARE_OUTPUT = "bare-out";
  private static final int RATE = Integer.getInteger("koalja.rate", 300);
  private static final int SECONDS = Integer.getInteger("koalja.seconds", 15);
  private static final int PARTITIONS = 8;
  private static final int SIZE = 100;
  private static final Duration LIMIT = Duration.ofMinutes(3);

  /** What a function that starts from zero at the new router may add to what Kafka takes. */
  private static final double MORE_MILLIS = 1000;

  private static final String AROUND = "around the change";
  private static final String BEFORE = "undisturbed before";

  private static final String YAML =
      """
      apiVersion: koalja.dev/v1alpha1
      kind: Pipeline
      metadata: {name: %s}
      spec:
        links:
        - {name: steady, partitions: %d}
        - {name: steady-done, partitions: %d}
        tasks:
        - name: steady
          function: {app: %s}
          inputs: [{name: name, link: steady}]
          outputs: [{name: result, link: steady-done}]
      """
          .formatted(PIPELINE, PARTITIONS, PARTITIONS, APP);

  @Override
  public String name() {
    return "routers";
  }

  @Override
  public String summary() {
    return "a second router joins, leaves, joins, is killed under load: how long events wait";
  }

  @Override
  public int defaultRuns() {
    return 3;
  }

  private enum Way {
    BARE("bare Kafka transactions"),
    KOALJA("Koalja");

    private final String title;

    Way(String title) {
      this.title = title;
    }
  }

  /** Highest latencies of one way by phase, a value for each round. */
  private static final class Row {
    private final Map<Phase, List<Double>> millis = new EnumMap<>(Phase.class);

    void add(Phase phase, double value) {
      millis.computeIfAbsent(phase, _ -> new ArrayList<>()).add(value);
    }

    List<Double> of(Phase phase) {
      return millis.getOrDefault(phase, List.of());
    }
  }

  @Override
  public Report run(Run run) throws Exception {
    Machine machine = Machine.now();
    Map<Way, Row> rows = new EnumMap<>(Way.class);
    Stream.of(Way.values()).forEach(way -> rows.put(way, new Row()));
    int events;
    run.progress("starting broker, gateway, two routers");
    Map<String, Path> apps = Map.of(APP, run.home().resolve("benchmarks/app"));
    try (Platform platform = new Platform(run.scratch(), true, apps, 2);
        Admin admin =
            Admin.create(Map.of("bootstrap.servers", platform.broker().bootstrapServers()))) {
      platform.apply(PIPELINE, YAML);
      admin
          .createTopics(
              Stream.of(BARE_INPUT, BARE_OUTPUT)
                  .map(topic -> new NewTopic(topic, PARTITIONS, (short) 1))
                  .toList())
          .all()
          .get();
      try (Bench bench = new Bench(platform, run.scratch())) {
        for (int round = 1; round <= run.rounds(); round++) {
          for (Map.Entry<Way, Row> each : rows.entrySet()) {
            String found = bench.measure(each.getKey(), each.getValue());
            run.progress("round %d of %d, %s: %s", round, run.rounds(), each.getKey().title, found);
          }
        }
        Quiet.await(admin, List.of(OUTPUT, BARE_OUTPUT));
        events = bench.next;
      }
    }
    return report(run, machine.after(), rows, events);
  }

  /** What runs, and how it is measured. */
  private static final class Bench implements AutoCloseable {
    private final Member router;
    private final List<Member.Bare> members;
    private final LinkWriter writer;
    private final Watch results;
    private final Watch bareResults;
    private int next;

    Bench(Platform platform, Path folder) throws InterruptedException {
      String servers = platform.broker().bootstrapServers();
      router = Member.of(platform.routers().getLast());
      router.stop();
      members =
          IntStream.range(0, 2)
              .mapToObj(slot -> new Member.Bare(servers, slot, BARE_INPUT, BARE_OUTPUT, folder))
              .toList();
      members.getFirst().start();
      writer = new LinkWriter(servers);
      results = new Watch(servers, List.of(OUTPUT), Event::numberOf);
      bareResults = new Watch(servers, List.of(BARE_OUTPUT), Event::numberOf);
    }

    /** One round of one way; what it found in words. */
    String measure(Way way, Row row) throws Exception {
      String topic = way == Way.BARE ? BARE_INPUT : INPUT;
      Watch watch = way == Way.BARE ? bareResults : results;
      Member second = way == Way.BARE ? members.getLast() : router;
      int count = RATE * SECONDS * Phase.values().length;
      int first = next;
      next += count;
      watch.expect(first, count);
      OpenLoop load = OpenLoop.soon(RATE, count);
      try (ExecutorService sender = Executors.newSingleThreadExecutor()) {
        Future<?> sending =
            sender.submit(
                () -> {
                  load.run(
                      1,
                      () ->
                          index ->
                              writer.write(Event.record(topic, first + index, SIZE, Event.KEYS)));
                  return null;
                });
        for (Phase phase : Phase.values()) {
          sleepUntil(load.due(phase.ordinal() * RATE * SECONDS));
          phase.begin(second);
        }
        sending.get();
      }
      long[] seen = watch.await(LIMIT);
      writer.check();
      List<String> words = new ArrayList<>();
      for (Phase phase : Phase.values()) {
        double highest = phase.highest(load, seen);
        row.add(phase, highest);
        words.add("%s %.0f ms".formatted(phase.change().orElse("undisturbed"), highest));
      }
      return String.join(", ", words);
    }

    @Override
    public void close() {
      writer.close();
      members.forEach(Member.Bare::close);
      bareResults.close();
      results.close();
    }
  }

  private static void sleepUntil(long nanos) throws InterruptedException {
    Duration rest = Duration.ofNanos(nanos - System.nanoTime());
    if (rest.isPositive()) {
      Thread.sleep(rest);
    }
  }

  private Report report(Run run, Machine machine, Map<Way, Row> rows, int events) {
    List<Series> series = new ArrayList<>();
    List<Aim> aims = new ArrayList<>();
    Row bare = rows.getOrDefault(Way.BARE, new Row());
    Row ours = rows.getOrDefault(Way.KOALJA, new Row());
    for (Phase phase : Phase.values()) {
      if (phase.change().isEmpty()) {
        continue;
      }
      String change = phase.change().get();
      Map<String, Phase> columns = Map.of(AROUND, phase, BEFORE, phase.before());
      for (String metric : List.of(AROUND, BEFORE)) {
        Phase of = columns.getOrDefault(metric, phase);
        Series reference =
            Series.reference(change + ", " + Way.BARE.title, metric, "ms", bare.of(of));
        series.add(reference);
        series.add(Series.compared(change + ", " + Way.KOALJA.title, reference, ours.of(of)));
      }
      aims.add(
          Aim.atMost(
              "%s: highest latency, Koalja - bare, ms".formatted(change),
              Quartiles.of(
                      IntStream.range(0, run.rounds())
                          .mapToObj(round -> ours.of(phase).get(round) - bare.of(phase).get(round))
                          .toList())
                  .median(),
              MORE_MILLIS));
    }
    List<String> text =
        List.of(
            "Highest latency of an event that was due in the %d s from a second before the change on, and in the %d s before that."
                .formatted(SECONDS, SECONDS),
            "%d events a second, %d partitions; %,d events in all: one result each, none twice."
                .formatted(RATE, PARTITIONS, events),
            "Session time-out 6 s, transactions 10 s: what a killed member left open hides what comes behind it so long.");
    return new Report(name(), Instant.now(), run.rounds(), machine, series, aims, text);
  }
}
