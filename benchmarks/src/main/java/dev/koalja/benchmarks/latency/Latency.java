package dev.koalja.benchmarks.latency;

import com.sun.management.OperatingSystemMXBean;
import dev.koalja.benchmarks.Aim;
import dev.koalja.benchmarks.Machine;
import dev.koalja.benchmarks.Measurement;
import dev.koalja.benchmarks.Quartiles;
import dev.koalja.benchmarks.Report;
import dev.koalja.benchmarks.Run;
import dev.koalja.benchmarks.Series;
import dev.koalja.benchmarks.kafka.BareLoop;
import dev.koalja.benchmarks.kafka.Event;
import dev.koalja.benchmarks.kafka.LinkWriter;
import dev.koalja.benchmarks.kafka.Quiet;
import dev.koalja.benchmarks.kafka.Watch;
import dev.koalja.benchmarks.load.KeptConnection;
import dev.koalja.benchmarks.load.OpenLoop;
import dev.koalja.platform.Platform;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * How long an event takes from the moment it was to be sent to the moment its result is visible, at
 * fixed rates, everything warm: posted at the gateway, appended to the input link, and through a
 * bare transaction loop on the same broker.
 */
public final class Latency implements Measurement {
  private static final String APP = "hello";
  private static final String INPUT = "koalja.hello.name";
  private static final String OUTPUT = "koalja.hello.greeting";
  private static final String BARE_INPUT = "bare.name";
  private static final String BARE_OUTPUT = "bare.greeting";
  private static final String PATH = "/events/hello/name";
  private static final int PARTITIONS = 8;
  private static final int SIZE = 1024;
  private static final List<Integer> RATES =
      Arrays.stream(System.getProperty("koalja.rates", "100,1000,5000").split(",", -1))
          .map(Integer::valueOf)
          .toList();
  private static final int SECONDS = Integer.getInteger("koalja.seconds", 10);

  /** Seconds at the same rate before that, which do not count. */
  private static final int LEAD = 2;

  private static final int CONNECTIONS = 128;
  private static final int WARM_UPS = 1;
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final Duration REFUSED = Duration.ofMillis(10);

  /** Whoever is further behind at the end than that did not hold the rate. */
  private static final double HELD = 95;

  private static final Map<String, Double> PERCENTILES = percentiles();

  private final List<String> notes = new ArrayList<>();

  private static Map<String, Double> percentiles() {
    Map<String, Double> all = new LinkedHashMap<>();
    all.put("p50", 50.0);
    all.put("p90", 90.0);
    all.put("p99", 99.0);
    all.put("p99.9", 99.9);
    all.put("max", 100.0);
    return all;
  }

  @Override
  public String name() {
    return "latency";
  }

  @Override
  public String summary() {
    return "from the gateway to the output link at 100 to 5,000 events a second: beside a bare Kafka transaction loop";
  }

  @Override
  public int defaultRuns() {
    return 5;
  }

  /** A way of events to their results. */
  private enum Way {
    POST("Koalja, posted at the gateway"),
    APPEND("Koalja, appended to the link"),
    BARE("bare Kafka transactions");

    private final String title;

    Way(String title) {
      this.title = title;
    }
  }

  /** What one way did at one rate, a value for each round. */
  private static final class Row {
    private final Way way;
    private final int rate;
    private final Map<String, List<Double>> millis = new LinkedHashMap<>();
    private final List<Double> held = new ArrayList<>();
    private final List<Double> busy = new ArrayList<>();

    Row(Way way, int rate) {
      this.way = way;
      this.rate = rate;
      PERCENTILES.keySet().forEach(each -> millis.put(each, new ArrayList<>()));
    }

    String title() {
      return "%s, %,d/s%s"
          .formatted(way.title, rate, Quartiles.of(held).median() < HELD ? ": RATE NOT HELD" : "");
    }

    double median(String percentile) {
      return Quartiles.of(at(percentile)).median();
    }

    List<Double> at(String percentile) {
      return millis.getOrDefault(percentile, List.of());
    }
  }

  @Override
  public Report run(Run run) throws Exception {
    Machine machine = Machine.now();
    Path project = run.home().resolve("examples/hello");
    List<Row> rows =
        RATES.stream()
            .flatMap(rate -> Stream.of(Way.values()).map(way -> new Row(way, rate)))
            .toList();
    run.progress("starting broker, gateway, router");
    try (Platform platform = new Platform(run.scratch(), true, Map.of(APP, project), 1);
        Admin admin =
            Admin.create(Map.of("bootstrap.servers", platform.broker().bootstrapServers()))) {
      platform.apply(APP, Files.readString(project.resolve("target/koalja/pipeline.yaml")));
      admin
          .createTopics(
              Stream.of(BARE_INPUT, BARE_OUTPUT)
                  .map(topic -> new NewTopic(topic, PARTITIONS, (short) 1))
                  .toList())
          .all()
          .get();
      try (Bench bench = new Bench(platform)) {
        for (int round = 0; round < WARM_UPS + run.rounds(); round++) {
          boolean counts = round >= WARM_UPS;
          notes.clear();
          for (Row row : rows) {
            bench.measure(row, counts);
          }
          run.progress(
              "%s: %s",
              counts
                  ? "round %d of %d".formatted(round - WARM_UPS + 1, run.rounds())
                  : "warm-up %d of %d".formatted(round + 1, WARM_UPS),
              String.join("; ", notes));
        }
        Quiet.await(admin, List.of(OUTPUT, BARE_OUTPUT));
        notes.addFirst(
            "%d s at each rate after %d s that do not count; %,d events of %,d bytes in all: one result each, none twice."
                .formatted(SECONDS, LEAD, bench.next + bench.bareNext, SIZE));
      }
    }
    return report(run, machine.after(), rows);
  }

  /** What runs, and how it is measured. */
  private final class Bench implements AutoCloseable {
    private final Platform platform;
    private final int ingress;
    private final LinkWriter writer;
    private final Watch results;
    private final Watch bareResults;
    private final BareLoop loop;
    private int next;
    private int bareNext;

    Bench(Platform platform) throws Exception {
      this.platform = platform;
      String servers = platform.broker().bootstrapServers();
      // "koalja: gateway ready on http://127.0.0.1:8080 control …"
      ingress =
          URI.create(platform.gateway().readyLine().replaceAll(".* ready on (\\S+).*", "$1"))
              .getPort();
      writer = new LinkWriter(servers);
      results = new Watch(servers, List.of(OUTPUT), Event::numberOf);
      bareResults = new Watch(servers, List.of(BARE_OUTPUT), Event::numberOf);
      loop =
          new BareLoop(
              servers,
              "bare-loop",
              List.of(BARE_INPUT),
              record -> Optional.of(Event.result(BARE_OUTPUT, record)));
    }

    void measure(Row row, boolean counts) throws Exception {
      int count = row.rate * (LEAD + SECONDS);
      boolean bare = row.way == Way.BARE;
      int first = bare ? bareNext : next;
      Watch watch = bare ? bareResults : results;
      watch.expect(first, count);
      OpenLoop load = OpenLoop.soon(row.rate, count);
      machineLoad(); // the next one is about the time since
      switch (row.way) {
        case POST -> load.run(CONNECTIONS, () -> post(first));
        case APPEND -> load.run(1, () -> append(INPUT, first));
        case BARE -> load.run(1, () -> append(BARE_INPUT, first));
      }
      long[] seen = watch.await(LIMIT);
      double busy = machineLoad();
      writer.check();
      loop.check();
      if (bare) {
        bareNext += count;
      } else {
        next += count;
      }
      note(row, load, seen, busy, counts);
      // the journal is indexed behind: not on the time of the next
      Quiet.await(platform.gateway().process().pid());
    }

    private OpenLoop.Sender append(String topic, int first) {
      return index -> writer.write(Event.record(topic, first + index, SIZE, Event.KEYS));
    }

    private OpenLoop.Sender post(int first) throws IOException {
      KeptConnection connection = new KeptConnection(ingress);
      return new OpenLoop.Sender() {
        @Override
        public void send(int index) throws IOException {
          int status;
          do {
            status = connection.post(PATH, first + index, SIZE, Event.KEYS).status();
            if (status == 429) { // too much at the moment: nothing of it was taken
              LockSupport.parkNanos(REFUSED.toNanos());
            }
          } while (status == 429);
          if (status / 100 != 2) {
            throw new IOException("the gateway answered " + status);
          }
        }

        @Override
        public void close() throws IOException {
          connection.close();
        }
      };
    }

    @Override
    public void close() {
      writer.close();
      loop.close();
      bareResults.close();
      results.close();
    }
  }

  /** How busy all processors were since it was last asked, in percent. */
  private static double machineLoad() {
    return 100 * ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getCpuLoad();
  }

  private void note(Row row, OpenLoop load, long[] seen, double busy, boolean counts) {
    int from = row.rate * LEAD;
    Histogram micros = new Histogram(3);
    long last = 0;
    for (int index = from; index < seen.length; index++) {
      micros.recordValue(Math.max(0, (seen[index] - load.due(index)) / 1000));
      last = Math.max(last, seen[index]);
    }
    double window = SECONDS * 1e9;
    double held = 100 * window / Math.max(window, last - load.due(from));
    notes.add(
        "%s at %,d/s: p50 %.1f ms, p99 %.1f ms%s"
            .formatted(
                row.way.title,
                row.rate,
                micros.getValueAtPercentile(50) / 1e3,
                micros.getValueAtPercentile(99) / 1e3,
                held < HELD ? ", held %.0f %% of the rate".formatted(held) : ""));
    if (counts) {
      PERCENTILES.forEach(
          (name, percentile) -> row.at(name).add(micros.getValueAtPercentile(percentile) / 1e3));
      row.held.add(held);
      row.busy.add(busy);
    }
  }

  private Report report(Run run, Machine machine, List<Row> rows) {
    List<Series> series = new ArrayList<>();
    List<Aim> aims = new ArrayList<>();
    for (Row row : rows) {
      row.millis.forEach(
          (percentile, values) ->
              series.add(Series.reference(row.title(), percentile, "ms", values)));
      series.add(Series.reference(row.title(), "held", "%", row.held));
      series.add(Series.reference(row.title(), "busy", "%", row.busy));
    }
    for (int rate : RATES) {
      Row ours = row(rows, Way.POST, rate);
      Row bare = row(rows, Way.BARE, rate);
      aims.add(atMost(ours, bare, "p50", 3));
      aims.add(atMost(ours, bare, "p99", 10));
    }
    List<String> text = new ArrayList<>();
    text.add(notes.getFirst());
    text.add(
        "Latency counts from when an event was to be sent, however late it could be. Koalja also calls a function process, keeps order per key and writes a journal record per event.");
    for (int rate : RATES) {
      text.add(wayOf(rate, rows));
    }
    return new Report(name(), Instant.now(), run.rounds(), machine, series, aims, text);
  }

  /** Where the time goes: what each further part adds, and how much of the machine is left. */
  private static String wayOf(int rate, List<Row> rows) {
    Row posted = row(rows, Way.POST, rate);
    double gateway = posted.median("p50") - row(rows, Way.APPEND, rate).median("p50");
    double router =
        row(rows, Way.APPEND, rate).median("p50") - row(rows, Way.BARE, rate).median("p50");
    return "%,d/s, of the p50 posted: gateway %.1f ms, router and function %.1f ms, Kafka and its transaction %.1f ms; the processors were busy %.0f %%, of what is more events wait for a processor."
        .formatted(
            rate,
            gateway,
            router,
            row(rows, Way.BARE, rate).median("p50"),
            Quartiles.of(posted.busy).median());
  }

  private static Row row(List<Row> rows, Way way, int rate) {
    return rows.stream()
        .filter(each -> each.way == way && each.rate == rate)
        .findFirst()
        .orElseThrow();
  }

  /** The difference, round by round. */
  private static Aim atMost(Row ours, Row bare, String percentile, double bound) {
    List<Double> differences = new ArrayList<>();
    for (int round = 0; round < ours.held.size(); round++) {
      differences.add(ours.at(percentile).get(round) - bare.at(percentile).get(round));
    }
    return Aim.atMost(
        "%s at %,d/s in ms, posted at the gateway − bare Kafka".formatted(percentile, ours.rate),
        Quartiles.of(differences).median(),
        bound);
  }
}
