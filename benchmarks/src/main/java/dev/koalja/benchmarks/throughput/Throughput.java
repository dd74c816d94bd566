package dev.koalja.benchmarks.throughput;

import dev.koalja.benchmarks.Aim;
import dev.koalja.benchmarks.Machine;
import dev.koalja.benchmarks.Measurement;
import dev.koalja.benchmarks.Quartiles;
import dev.koalja.benchmarks.Report;
import dev.koalja.benchmarks.Run;
import dev.koalja.benchmarks.Series;
import dev.koalja.benchmarks.kafka.Backlog;
import dev.koalja.benchmarks.kafka.BareLoop;
import dev.koalja.benchmarks.kafka.Event;
import dev.koalja.benchmarks.kafka.ProcessorTime;
import dev.koalja.benchmarks.kafka.Quiet;
import dev.koalja.benchmarks.kafka.Results;
import dev.koalja.platform.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Events per second through one function, exactly once, for events of 100 B, 1 KB and 10 KB: a
 * backlog on the input link until the last result is on the output link, read committed. Beside it
 * a bare transaction loop on the same broker, and requests to the same function without any Kafka.
 */
public final class Throughput implements Measurement {
  private static final String APP = "hello";
  private static final Topics OURS = new Topics("koalja.hello.name", "koalja.hello.greeting");
  private static final String BATCHES = "batches";
  private static final String CIRCUIT = "koalja-benchmark-circuit";
  private static final Topics MANY = new Topics("koalja.batches.many", "koalja.batches.many-done");

  /** The same function for up to 500 events in one call. */
  private static final String BATCH_PIPELINE =
      """
      apiVersion: koalja.dev/v1alpha1
      kind: Pipeline
      metadata: {name: %s}
      spec:
        tasks:
        - name: many
          function: {app: %s}
          delivery: {maxInFlight: 2000, batch: {max: 500, linger: 5ms}}
          inputs: [{name: names, link: many}]
          outputs: [{name: result, link: many-done}]
        links:
        - {name: many, partitions: %d}
        - {name: many-done, partitions: %d}
      """;

  private static final Topics BARE = new Topics("bare.name", "bare.greeting");
  private static final int PARTITIONS = 8;
  private static final List<Integer> SIZES =
      Arrays.stream(System.getProperty("koalja.sizes", "100,1024,10240").split(",", -1))
          .map(Integer::valueOf)
          .toList();
  private static final int EVENTS = Integer.getInteger("koalja.events", 60_000);

  /** Of large events fewer are enough, and a backlog has to fit into the page cache. */
  private static final int LARGE = 4096;

  private static final int WARM_UPS = 2;

  private final List<String> notes = new ArrayList<>();

  @Override
  public String name() {
    return "throughput";
  }

  @Override
  public String summary() {
    return "events a second through one function, exactly once: beside a bare Kafka transaction loop";
  }

  @Override
  public int defaultRuns() {
    return 5;
  }

  /** Where a subject reads and writes. */
  private record Topics(String input, String output) {}

  /** What one subject did with events of one size. */
  private static final class Row {
    private final String name;
    private final int size;
    private final List<Double> rates = new ArrayList<>();
    private final List<Double> processor = new ArrayList<>();

    Row(String name, int size) {
      this.name = name;
      this.size = size;
    }

    int events() {
      return size < LARGE ? EVENTS : EVENTS / 5;
    }

    String title() {
      return "%s, %,d B".formatted(name, size);
    }
  }

  /** The subjects at one size, ours first: another way of ours to do it is another row here. */
  private record Rows(Row ours, Row batches, Row bare, Row requests) {
    static Rows of(int size) {
      return new Rows(
          new Row("Koalja, exactly once", size),
          new Row("Koalja, batches of 500, exactly once", size),
          new Row("bare Kafka transactions", size),
          new Row("one request per event, no Kafka", size));
    }

    int size() {
      return ours.size;
    }
  }

  @Override
  public Report run(Run run) throws Exception {
    Machine machine = Machine.now();
    Path project = run.home().resolve("examples/hello");
    List<Rows> all = SIZES.stream().map(Rows::of).toList();
    run.progress("starting broker, gateway, router");
    try (Platform platform =
            new Platform(
                run.scratch(),
                true,
                Map.of(APP, project, CIRCUIT, run.home().resolve("benchmarks/app")),
                1);
        Admin admin =
            Admin.create(Map.of("bootstrap.servers", platform.broker().bootstrapServers()))) {
      platform.apply(APP, Files.readString(project.resolve("target/koalja/pipeline.yaml")));
      platform.apply(BATCHES, BATCH_PIPELINE.formatted(BATCHES, CIRCUIT, PARTITIONS, PARTITIONS));
      admin
          .createTopics(
              Stream.of(BARE.input(), BARE.output())
                  .map(topic -> new NewTopic(topic, PARTITIONS, (short) 1))
                  .toList())
          .all()
          .get();
      try (Bench bench = new Bench(platform, admin, run, project)) {
        for (int round = 0; round < WARM_UPS + run.rounds(); round++) {
          boolean counts = round >= WARM_UPS;
          notes.clear();
          for (Rows rows : all) {
            bench.koalja(rows.ours(), counts);
            bench.batches(rows.batches(), counts);
            bench.bare(rows.bare(), counts);
            bench.requests(rows.requests(), counts);
          }
          run.progress(
              "%s: %s",
              counts
                  ? "round %d of %d".formatted(round - WARM_UPS + 1, run.rounds())
                  : "warm-up %d of %d".formatted(round + 1, WARM_UPS),
              String.join("; ", notes));
        }
        int total =
            (WARM_UPS + run.rounds()) * all.stream().mapToInt(each -> each.ours().events()).sum();
        bench.audit(total);
        notes.addFirst(
            "%s each round, %,d in all: one result each, none twice."
                .formatted(
                    String.join(
                        ", ",
                        all.stream()
                            .map(
                                rows ->
                                    "%,d events of %,d bytes"
                                        .formatted(rows.ours().events(), rows.size()))
                            .toList()),
                    total));
      }
    }
    return report(run, machine.after(), all);
  }

  /** What runs, and how it is measured. */
  private final class Bench implements AutoCloseable {
    private final Platform platform;
    private final Admin admin;
    private final Backlog backlog;
    private final Results results;
    private final Results manyResults;
    private final Results bareResults;
    private final BareLoop loop;
    private final HttpDispatch dispatch;
    private int next;
    private int manyNext;
    private int bareNext;

    Bench(Platform platform, Admin admin, Run run, Path project) throws Exception {
      this.platform = platform;
      this.admin = admin;
      String servers = platform.broker().bootstrapServers();
      backlog = new Backlog(servers);
      results = new Results(servers, admin, OURS.output(), Event::numberOf);
      manyResults = new Results(servers, admin, MANY.output(), Event::numberOf);
      bareResults = new Results(servers, admin, BARE.output(), Event::numberOf);
      loop =
          new BareLoop(
              servers,
              "bare-loop",
              List.of(BARE.input()),
              record -> Optional.of(Event.result(BARE.output(), record)));
      dispatch =
          new HttpDispatch(
              project.resolve("target/quarkus-app/quarkus-run.jar"),
              run.scratch().resolve("logs/function.log"));
    }

    void koalja(Row row, boolean counts) throws Exception {
      ours(OURS, next, results, row, counts);
      next += row.events();
      notes.add("function processes: %d".formatted(platform.functions().size()));
    }

    void batches(Row row, boolean counts) throws Exception {
      ours(MANY, manyNext, manyResults, row, counts);
      manyNext += row.events();
    }

    private void ours(Topics topics, int first, Results there, Row row, boolean counts)
        throws Exception {
      backlog.write(events(topics.input(), first, row));
      ProcessorTime processor = new ProcessorTime(platform::processes);
      long begin = System.nanoTime();
      backlog.release();
      Results.Drained drained = there.await(row.events(), processor::look);
      note(row, drained, begin, processor, counts);
      // the journal is indexed behind: not on the time of the next
      Quiet.await(platform.gateway().process().pid());
    }

    void bare(Row row, boolean counts) throws Exception {
      backlog.write(events(BARE.input(), bareNext, row));
      bareNext += row.events();
      ProcessorTime processor =
          new ProcessorTime(
              () ->
                  Map.of(
                      "loop",
                      List.of(ProcessHandle.current().pid()),
                      "broker",
                      List.of(platform.broker().process().pid())));
      long begin = System.nanoTime();
      backlog.release();
      Results.Drained drained = bareResults.await(row.events(), loop::check);
      note(row, drained, begin, processor, counts);
    }

    void requests(Row row, boolean counts) throws Exception {
      long begin = System.nanoTime();
      dispatch.send(row.events(), row.size);
      double rate = row.events() / ((System.nanoTime() - begin) / 1e9);
      notes.add("%s: %,.0f/s".formatted(row.title(), rate));
      if (counts) {
        row.rates.add(rate);
      }
    }

    void audit(int total) throws Exception {
      Quiet.await(admin, List.of(OURS.output(), MANY.output(), BARE.output()));
      results.audit(total);
      manyResults.audit(total);
      bareResults.audit(total);
    }

    @Override
    public void close() {
      dispatch.close();
      loop.close();
      bareResults.close();
      manyResults.close();
      results.close();
      backlog.close();
    }
  }

  private static Stream<ProducerRecord<byte[], byte[]>> events(String topic, int first, Row row) {
    return IntStream.range(first, first + row.events())
        .mapToObj(each -> Event.record(topic, each, row.size, Event.KEYS));
  }

  private void note(
      Row row, Results.Drained drained, long begin, ProcessorTime processor, boolean counts)
      throws Exception {
    int events = row.events();
    Map<String, Double> micros = processor.microsPer(events);
    double rate = events / ((drained.end() - begin) / 1e9);
    List<String> parts = new ArrayList<>();
    new TreeMap<>(micros).forEach((part, each) -> parts.add("%s %.0f".formatted(part, each)));
    notes.add(
        "%s: %,.0f/s, about %,d events a transaction, processor µs an event: %s"
            .formatted(
                row.title(), rate, events / drained.transactions(), String.join(", ", parts)));
    if (counts) {
      row.rates.add(rate);
      row.processor.add(micros.values().stream().mapToDouble(Double::doubleValue).sum());
    }
  }

  private Report report(Run run, Machine machine, List<Rows> all) {
    List<Series> series = new ArrayList<>();
    List<Aim> aims = new ArrayList<>();
    for (Rows rows : all) {
      Series rate = Series.reference(rows.ours().title(), "rate", "events/s", rows.ours().rates);
      Series batches = Series.compared(rows.batches().title(), rate, rows.batches().rates);
      Series bare = Series.compared(rows.bare().title(), rate, rows.bare().rates);
      Series requests = Series.compared(rows.requests().title(), rate, rows.requests().rates);
      Series processor =
          Series.reference(rows.ours().title(), "processor", "µs/event", rows.ours().processor);
      series.addAll(
          List.of(
              rate,
              batches,
              bare,
              requests,
              processor,
              Series.compared(rows.batches().title(), processor, rows.batches().processor),
              Series.compared(rows.bare().title(), processor, rows.bare().processor)));
      aims.add(
          Aim.atLeast(
              "rate at %,d B, batches / bare Kafka".formatted(rows.size()),
              batches.ratios().orElseThrow().median() / bare.ratios().orElseThrow().median(),
              0.5));
      aims.add(
          Aim.atLeast(
              "rate at %,d B, ours / bare Kafka".formatted(rows.size()),
              1 / bare.ratios().orElseThrow().median(),
              0.5));
      aims.add(
          Aim.atLeast(
              "rate at %,d B, ours / one request per event".formatted(rows.size()),
              1 / requests.ratios().orElseThrow().median(),
              5));
    }
    List<String> text = new ArrayList<>();
    text.add(notes.getFirst());
    text.add("Koalja also keeps order per key, retries and writes a journal record per event.");
    all.forEach(rows -> text.add(limit(rows, machine.processors())));
    notes.stream().skip(1).map(note -> "Last round: " + note + ".").forEach(text::add);
    return new Report(name(), Instant.now(), run.rounds(), machine, series, aims, text);
  }

  /** What bounds the rate: what all processes together take of the processors for an event. */
  private static String limit(Rows rows, int processors) {
    return "The limit at %,d B is processor time: %s. Of one event the bare loop takes %.0f µs, so no way that takes more per event reaches its rate here (ADR 13 has where the time goes)."
        .formatted(
            rows.size(),
            Stream.of(rows.ours(), rows.batches())
                .map(row -> limit(row, processors))
                .collect(Collectors.joining("; ")),
            Quartiles.of(rows.bare().processor).median());
  }

  private static String limit(Row row, int processors) {
    double micros = Quartiles.of(row.processor).median();
    double most = processors * 1e6 / micros;
    return "%s takes %.0f µs of an event, so %d processors allow %,.0f/s, of which it reached %.0f %%"
        .formatted(
            row.name, micros, processors, most, 100 * Quartiles.of(row.rates).median() / most);
  }
}
