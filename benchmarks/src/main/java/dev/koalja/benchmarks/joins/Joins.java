package dev.koalja.benchmarks.joins;

import dev.koalja.benchmarks.Aim;
import dev.koalja.benchmarks.Machine;
import dev.koalja.benchmarks.Measurement;
import dev.koalja.benchmarks.Report;
import dev.koalja.benchmarks.Run;
import dev.koalja.benchmarks.Series;
import dev.koalja.benchmarks.kafka.Backlog;
import dev.koalja.benchmarks.kafka.BareLoop;
import dev.koalja.benchmarks.kafka.ProcessorTime;
import dev.koalja.benchmarks.kafka.Quiet;
import dev.koalja.benchmarks.kafka.Results;
import dev.koalja.platform.Platform;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * Joins of two links by key, exactly once, while 1, 100 and 10,000 keys wait for their other side:
 * joins a second, what the waiting takes, and how soon after a kill the first of it is joined.
 * Beside it the same join with Kafka Streams, and in a bare transaction loop that keeps nothing.
 */
public final class Joins implements Measurement {
  private static final List<Integer> OPEN = List.of(1, 100, 10_000);
  private static final int JOINS = Integer.getInteger("koalja.joins", 3_000);

  /** Events of one key follow each other one by one: fewer are enough. */
  private static final int JOINS_OF_ONE_KEY = JOINS / 6;

  private static final int PARTITIONS = 8;
  private static final int WARM_UPS = 2;
  private static final String OURS = "Koalja";
  private static final String STREAMS = "Kafka Streams";
  private static final String BARE = "bare Kafka, nothing kept";

  private final List<String> notes = new ArrayList<>();

  @Override
  public String name() {
    return "joins";
  }

  @Override
  public String summary() {
    return "joins a second, state and restore at 1 to 10,000 open keys: beside Kafka Streams";
  }

  @Override
  public int defaultRuns() {
    return 5;
  }

  /** The three of one number of open keys. */
  private record Trio(int keys, Subject ours, Subject streams, Subject bare) {
    List<Subject> all() {
      return List.of(ours, streams, bare);
    }
  }

  @Override
  public Report run(Run run) throws Exception {
    Machine machine = Machine.now();
    run.progress("starting broker, gateway, router");
    Path app = run.home().resolve("cli/soak/app");
    List<Trio> trios = new ArrayList<>();
    try (Platform platform = new Platform(run.scratch(), true, Map.of(Koalja.APP, app), 1);
        Admin admin =
            Admin.create(Map.of("bootstrap.servers", platform.broker().bootstrapServers()))) {
      Bench bench = new Bench(run, platform, admin);
      try (bench) {
        for (int keys : OPEN) {
          trios.add(bench.trio(keys));
        }
        bench.startStreams(trios);
        bench.open(trios);
        for (int round = 0; round < WARM_UPS + run.rounds(); round++) {
          boolean counts = round >= WARM_UPS;
          notes.clear();
          for (Trio trio : trios) {
            for (Subject subject : trio.all()) {
              bench.rate(subject, counts);
            }
          }
          run.progress(
              "%s: %s",
              counts
                  ? "round %d of %d".formatted(round - WARM_UPS + 1, run.rounds())
                  : "warm-up %d of %d".formatted(round + 1, WARM_UPS),
              String.join("; ", notes));
        }
        for (Trio trio : trios) {
          bench.alone(trio, trios);
          for (int round = 1; round <= run.rounds(); round++) {
            bench.restore(trio.ours());
            bench.restore(trio.streams());
            run.progress("%,d open keys: restore %d of %d", trio.keys(), round, run.rounds());
          }
        }
        for (Trio trio : trios) {
          for (Subject subject : trio.all()) {
            subject.results.audit(subject.joined);
          }
        }
      }
    }
    return report(run, machine.after(), trios);
  }

  /** Something that joins, at one number of open keys. */
  private static final class Subject {
    private final String name;
    private final int keys;
    private final String topics;
    private final List<String> quiet;
    private final String state;
    private final Results results;
    private final List<Double> rates = new ArrayList<>();
    private final List<Double> bytesPerKey = new ArrayList<>();
    private final List<Double> firstResult = new ArrayList<>();
    private final List<Double> firstSnapshot = new ArrayList<>();

    /** Numbers below are joined; from here so many as there are keys wait with their left side. */
    private int joined;

    Subject(
        String name, int keys, String topics, List<String> quiet, String state, Results results) {
      this.name = name;
      this.keys = keys;
      this.topics = topics;
      this.quiet = quiet;
      this.state = state;
      this.results = results;
    }

    int joins() {
      return keys == 1 ? JOINS_OF_ONE_KEY : JOINS;
    }

    String row() {
      return "%s, %,d open".formatted(name, keys);
    }
  }

  /** What runs, and how it is measured. */
  private final class Bench implements AutoCloseable {
    private final Run run;
    private final Platform platform;
    private final Admin admin;
    private final String servers;
    private final Backlog backlog;
    private final List<Runnable> toClose = new ArrayList<>();
    private StreamsProcess streams;

    @SuppressWarnings("NullAway.Init") // the peer starts when its topics are there
    Bench(Run run, Platform platform, Admin admin) {
      this.run = run;
      this.platform = platform;
      this.admin = admin;
      this.servers = platform.broker().bootstrapServers();
      this.backlog = new Backlog(servers);
      toClose.add(backlog::close);
    }

    Trio trio(int keys) throws Exception {
      String pipeline = "joins-" + keys;
      String streamsName = "streams-" + keys;
      String bareName = "bare-" + keys;
      Koalja.join(platform, pipeline);
      for (String name : List.of(streamsName, bareName)) {
        admin
            .createTopics(
                Stream.of("left", "right", "joined")
                    .map(each -> new NewTopic(name + "." + each, PARTITIONS, (short) 1))
                    .toList())
            .all()
            .get();
      }
      Trio trio =
          new Trio(
              keys,
              subject(
                  OURS,
                  keys,
                  Koalja.links(pipeline),
                  List.of(
                      Koalja.arrivals(pipeline),
                      Koalja.state(pipeline),
                      Koalja.snapshots(pipeline)),
                  Koalja.state(pipeline)),
              subject(
                  STREAMS,
                  keys,
                  streamsName + ".",
                  List.of(StreamsJoin.changelog(streamsName)),
                  StreamsJoin.changelog(streamsName)),
              subject(BARE, keys, bareName + ".", List.of(bareName + ".joined"), ""));
      BareLoop loop =
          new BareLoop(
              servers,
              bareName,
              List.of(bareName + ".left", bareName + ".right"),
              new MemoryJoin(bareName + ".joined"));
      toClose.add(loop::close);
      return trio;
    }

    private Subject subject(String name, int keys, String topics, List<String> quiet, String state)
        throws Exception {
      Results results = new Results(servers, admin, topics + "joined", Pair::numberOf);
      toClose.add(results::close);
      return new Subject(name, keys, topics, quiet, state, results);
    }

    void startStreams(List<Trio> trios) {
      streams =
          new StreamsProcess(
              servers, run.scratch(), trios.stream().map(Bench::streamsName).toList());
      toClose.add(streams::close);
    }

    private static String streamsName(Trio trio) {
      return "streams-" + trio.keys();
    }

    /** One left side for every key. */
    void open(List<Trio> trios) throws Exception {
      for (Trio trio : trios) {
        for (Subject subject : trio.all()) {
          backlog.write(
              Pair.records(subject.topics, Pair.Side.LEFT, 0, subject.keys, subject.keys));
          backlog.release();
        }
      }
      for (Trio trio : trios) {
        for (Subject subject : trio.all()) {
          Quiet.await(admin, subject.quiet);
        }
      }
    }

    /** Each right side joins what waits for it, and each left side opens its key again. */
    void rate(Subject subject, boolean counts) throws Exception {
      int from = subject.joined;
      int joins = subject.joins();
      int to = from + joins;
      int open = subject.keys;
      backlog.write(
          Stream.concat(
              Pair.records(subject.topics, Pair.Side.RIGHT, from, to, open),
              Pair.records(subject.topics, Pair.Side.LEFT, from + open, to + open, open)));
      ProcessorTime processor = new ProcessorTime(() -> parts(subject));
      long begin = System.nanoTime();
      backlog.release();
      Results.Drained drained = subject.results.await(joins, processor::look);
      double rate = joins / ((drained.end() - begin) / 1e9);
      subject.joined = to;
      Quiet.await(admin, subject.quiet);
      List<String> parts = new ArrayList<>();
      new TreeMap<>(processor.microsPer(joins))
          .forEach((part, micros) -> parts.add("%s %.0f".formatted(part, micros)));
      notes.add(
          "%s %,.0f/s, processor µs a join: %s"
              .formatted(subject.row(), rate, String.join(", ", parts)));
      if (counts) {
        subject.rates.add(rate);
      }
    }

    private Map<String, List<Long>> parts(Subject subject) throws InterruptedException {
      long broker = platform.broker().process().pid();
      return switch (subject.name) {
        case OURS -> platform.processes();
        case STREAMS -> Map.of("broker", List.of(broker), "streams", List.of(streams.pid()));
        default ->
            Map.of("broker", List.of(broker), "loop", List.of(ProcessHandle.current().pid()));
      };
    }

    /** Only the joins of this number of open keys are run by whoever starts from now on. */
    void alone(Trio trio, List<Trio> trios) throws Exception {
      for (Trio each : trios) {
        String pipeline = "joins-" + each.keys();
        if (each.keys() == trio.keys()) {
          Koalja.join(platform, pipeline);
        } else {
          Koalja.rest(platform, pipeline);
        }
      }
      streams.kill9();
      streams.restart(List.of(streamsName(trio)));
    }

    /** Kills it; what one key still waits for lies there when it starts again. */
    void restore(Subject subject) throws Exception {
      boolean ours = subject.name.equals(OURS);
      Quiet.await(admin, subject.quiet);
      LiveState state = LiveState.of(servers, subject.state);
      if (state.waiting() != subject.keys) {
        throw new IllegalStateException(
            "%s: %d events wait".formatted(subject.row(), state.waiting()));
      }
      subject.bytesPerKey.add((double) state.bytes() / subject.keys);
      if (ours) {
        platform.routers().getFirst().kill9();
      } else {
        streams.kill9();
      }
      int number = subject.joined;
      // and the key is opened again: the next round finds as many as this one
      backlog.write(
          Stream.concat(
              Pair.records(subject.topics, Pair.Side.RIGHT, number, number + 1, subject.keys),
              Pair.records(
                  subject.topics,
                  Pair.Side.LEFT,
                  number + subject.keys,
                  number + subject.keys + 1,
                  subject.keys)));
      backlog.release();
      try (Results snapshots =
          ours ? new Results(servers, admin, subject.quiet.getLast(), _ -> 0) : null) {
        long begin = System.nanoTime();
        CompletableFuture<Void> started =
            CompletableFuture.runAsync(
                () -> {
                  if (ours) {
                    platform.routers().getFirst().restart();
                  } else {
                    streams.restart(List.of("streams-" + subject.keys));
                  }
                });
        if (snapshots != null) {
          subject.firstSnapshot.add((snapshots.await(1, () -> {}).end() - begin) / 1e6);
        }
        subject.firstResult.add((subject.results.await(1, () -> {}).end() - begin) / 1e6);
        started.join();
      }
      subject.joined++;
      notes.removeIf(note -> note.startsWith(subject.row() + ":"));
      notes.add(
          "%s: %,d bytes wait, in %,d records not yet compacted; a plain consumer reads them in %.0f ms"
              .formatted(subject.row(), state.bytes(), state.records(), state.readMillis()));
    }

    @Override
    public void close() {
      toClose.reversed().forEach(Runnable::run);
    }
  }

  private Report report(Run run, Machine machine, List<Trio> trios) {
    List<Series> series = new ArrayList<>();
    for (Trio trio : trios) {
      Subject ours = trio.ours();
      Series rate = Series.reference(ours.row(), "rate", "joins/s", ours.rates);
      Series bytes = Series.reference(ours.row(), "state", "bytes/key", ours.bytesPerKey);
      Series result = Series.reference(ours.row(), "first result", "ms", ours.firstResult);
      Subject streamsSubject = trio.streams();
      series.addAll(
          List.of(
              rate,
              bytes,
              result,
              Series.compared(streamsSubject.row(), rate, streamsSubject.rates),
              Series.compared(streamsSubject.row(), bytes, streamsSubject.bytesPerKey),
              Series.compared(streamsSubject.row(), result, streamsSubject.firstResult),
              Series.compared(trio.bare().row(), rate, trio.bare().rates),
              Series.reference(ours.row(), "first snapshot", "ms", ours.firstSnapshot)));
    }
    return new Report(
        name(), Instant.now(), run.rounds(), machine, series, aims(trios), notes(trios));
  }

  private static List<Aim> aims(List<Trio> trios) {
    Subject few = trios.getFirst().ours();
    Subject many = trios.getLast().ours();
    Subject streams = trios.getLast().streams();
    return List.of(
        Aim.atLeast(
            "rate, 10,000 open / 100 open", ratio(many.rates, trios.get(1).ours().rates), 0.8),
        Aim.atLeast(
            "rate at 10,000 open, ours / Kafka Streams", ratio(many.rates, streams.rates), 0.5),
        Aim.atMost(
            "state per key at 10,000 open / data of an event",
            ratio(
                many.bytesPerKey, many.bytesPerKey.stream().map(_ -> (double) Pair.BYTES).toList()),
            1.5),
        Aim.atMost(
            "first result after a kill, 10,000 open / 1 open",
            ratio(many.firstResult, few.firstResult),
            1.5),
        Aim.atMost(
            "first result after a kill at 10,000 open, ours / Kafka Streams",
            ratio(many.firstResult, streams.firstResult),
            1));
  }

  private static double ratio(List<Double> one, List<Double> other) {
    return Series.compared("", Series.reference("", "", "", other), one)
        .ratios()
        .orElseThrow()
        .median();
  }

  private List<String> notes(List<Trio> trios) {
    List<String> all = new ArrayList<>();
    all.add(
        "%,d joins each round (of one key %,d) of events of %,d bytes, %,d in all: each pair joined once, as many keys open at the end."
            .formatted(
                JOINS,
                JOINS_OF_ONE_KEY,
                Pair.BYTES,
                trios.stream()
                    .flatMap(trio -> trio.all().stream())
                    .mapToInt(each -> each.joined)
                    .sum()));
    all.add(
        "Koalja also calls a function process, keeps order per key, retries and writes a journal record per join.");
    notes.stream().map(note -> "Last round: " + note + ".").forEach(all::add);
    return all;
  }
}
