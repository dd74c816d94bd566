package dev.koalja.benchmarks.throughput;

import dev.koalja.benchmarks.Aim;
import dev.koalja.benchmarks.Machine;
import dev.koalja.benchmarks.Measurement;
import dev.koalja.benchmarks.Report;
import dev.koalja.benchmarks.Run;
import dev.koalja.benchmarks.Series;
import dev.koalja.benchmarks.kafka.Backlog;
import dev.koalja.benchmarks.kafka.BareLoop;
import dev.koalja.benchmarks.kafka.ProcessorTime;
import dev.koalja.benchmarks.kafka.Results;
import dev.koalja.platform.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Events per second through one function, exactly once: a backlog on the input link until the last
 * result is on the output link, read committed. Beside it a bare transaction loop on the same
 * broker, and requests to the same function without any Kafka.
 */
public final class Throughput implements Measurement {
  private static final String APP = "hello";
  private static final String INPUT = "koalja.hello.name";
  private static final String OUTPUT = "koalja.hello.greeting";
  private static final String BARE_INPUT = "bare.name";
  private static final String BARE_OUTPUT = "bare.greeting";
  private static final int PARTITIONS = 8;
  private static final int EVENTS = Integer.getInteger("koalja.events", 20_000);
  private static final int WARM_UPS = 4;

  private final List<Double> ours = new ArrayList<>();
  private final List<Double> bare = new ArrayList<>();
  private final List<Double> requests = new ArrayList<>();
  private final List<Double> oursProcessor = new ArrayList<>();
  private final List<Double> bareProcessor = new ArrayList<>();
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

  @Override
  public Report run(Run run) throws Exception {
    Machine machine = Machine.now();
    Path project = run.home().resolve("examples/hello");
    run.progress("starting broker, gateway, router");
    try (Platform platform = new Platform(run.scratch(), true, Map.of(APP, project), 1);
        Admin admin =
            Admin.create(Map.of("bootstrap.servers", platform.broker().bootstrapServers()));
        Backlog backlog = new Backlog(platform.broker().bootstrapServers())) {
      platform.apply(APP, Files.readString(project.resolve("target/koalja/pipeline.yaml")));
      admin
          .createTopics(
              List.of(
                  new NewTopic(BARE_INPUT, PARTITIONS, (short) 1),
                  new NewTopic(BARE_OUTPUT, PARTITIONS, (short) 1)))
          .all()
          .get();
      try (Results results =
              new Results(platform.broker().bootstrapServers(), admin, OUTPUT, Event::numberOf);
          Results bareResults =
              new Results(
                  platform.broker().bootstrapServers(), admin, BARE_OUTPUT, Event::numberOf);
          BareLoop loop =
              new BareLoop(
                  platform.broker().bootstrapServers(),
                  "bare-loop",
                  List.of(BARE_INPUT),
                  record -> Optional.of(Event.result(BARE_OUTPUT, record)));
          HttpDispatch dispatch =
              new HttpDispatch(
                  project.resolve("target/quarkus-app/quarkus-run.jar"),
                  run.scratch().resolve("logs/function.log"))) {
        for (int round = 0; round < WARM_UPS + run.rounds(); round++) {
          boolean counts = round >= WARM_UPS;
          int first = round * EVENTS;
          notes.clear();
          koalja(platform, backlog, results, first, counts);
          bare(platform, backlog, bareResults, loop, first, counts);
          requests(dispatch, counts);
          run.progress(
              "%s: %s",
              counts
                  ? "round %d of %d".formatted(round - WARM_UPS + 1, run.rounds())
                  : "warm-up %d of %d".formatted(round + 1, WARM_UPS),
              String.join("; ", notes));
        }
        int total = (WARM_UPS + run.rounds()) * EVENTS;
        results.audit(total);
        bareResults.audit(total);
        notes.addFirst(
            "%,d events of %,d bytes each round, %,d in all: one result each, none twice."
                .formatted(EVENTS, Event.BYTES, total));
      }
    } catch (Exception e) {
      keepLogs(run);
      throw e;
    }
    return report(run, machine.after());
  }

  private static Stream<ProducerRecord<byte[], byte[]>> events(String topic, int first) {
    return IntStream.range(first, first + EVENTS).mapToObj(each -> Event.record(topic, each));
  }

  private void koalja(
      Platform platform, Backlog backlog, Results results, int first, boolean counts)
      throws Exception {
    backlog.write(events(INPUT, first));
    ProcessorTime processor = new ProcessorTime(platform::processes);
    long begin = System.nanoTime();
    backlog.release();
    Results.Drained drained = results.await(EVENTS, processor::look);
    Map<String, Double> micros = processor.microsPer(EVENTS);
    double rate = EVENTS / ((drained.end() - begin) / 1e9);
    note("Koalja", rate, drained.transactions(), micros);
    notes.add("function processes: %d".formatted(platform.functions().size()));
    if (counts) {
      ours.add(rate);
      oursProcessor.add(sum(micros));
    }
  }

  private void bare(
      Platform platform, Backlog backlog, Results results, BareLoop loop, int first, boolean counts)
      throws Exception {
    backlog.write(events(BARE_INPUT, first));
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
    Results.Drained drained = results.await(EVENTS, loop::check);
    Map<String, Double> micros = processor.microsPer(EVENTS);
    double rate = EVENTS / ((drained.end() - begin) / 1e9);
    note("bare loop", rate, drained.transactions(), micros);
    if (counts) {
      bare.add(rate);
      bareProcessor.add(sum(micros));
    }
  }

  private void requests(HttpDispatch dispatch, boolean counts) throws Exception {
    long begin = System.nanoTime();
    dispatch.send(EVENTS);
    double rate = EVENTS / ((System.nanoTime() - begin) / 1e9);
    notes.add("requests without Kafka %,.0f/s".formatted(rate));
    if (counts) {
      requests.add(rate);
    }
  }

  private void note(String who, double rate, int transactions, Map<String, Double> micros) {
    List<String> parts = new ArrayList<>();
    new TreeMap<>(micros).forEach((part, each) -> parts.add("%s %.0f".formatted(part, each)));
    notes.add(
        "%s %,.0f/s, about %,d events a transaction, processor µs an event: %s"
            .formatted(who, rate, EVENTS / transactions, String.join(", ", parts)));
  }

  private static double sum(Map<String, Double> parts) {
    Collection<Double> values = parts.values();
    return values.stream().mapToDouble(Double::doubleValue).sum();
  }

  private Report report(Run run, Machine machine) {
    Series rate = Series.reference("Koalja, exactly once", "rate", "events/s", ours);
    Series bareRate = Series.compared("bare Kafka transactions", rate, bare);
    Series httpRate = Series.compared("one request per event, no Kafka", rate, requests);
    Series processor =
        Series.reference("Koalja, exactly once", "processor", "µs/event", oursProcessor);
    List<String> all = new ArrayList<>();
    all.add(notes.getFirst());
    all.add("Koalja also keeps order per key, retries and writes a journal record per event.");
    notes.stream().skip(1).map(note -> "Last round: " + note + ".").forEach(all::add);
    return new Report(
        name(),
        Instant.now(),
        run.rounds(),
        machine,
        List.of(
            rate,
            bareRate,
            httpRate,
            processor,
            Series.compared("bare Kafka transactions", processor, bareProcessor)),
        List.of(
            Aim.atLeast(
                "rate, ours / bare Kafka", 1 / bareRate.ratios().orElseThrow().median(), 0.5),
            Aim.atLeast(
                "rate, ours / one request per event",
                1 / httpRate.ratios().orElseThrow().median(),
                5)),
        all);
  }

  /** What the processes said is why it failed; it would go away with the folder. */
  private static void keepLogs(Run run) throws java.io.IOException {
    for (String log : List.of("router.log", "gateway.log")) {
      Path file = run.scratch().resolve("logs").resolve(log);
      if (Files.exists(file)) {
        List<String> lines = Files.readAllLines(file);
        run.progress("end of %s:", log);
        lines.stream()
            .skip(Math.max(0, lines.size() - 20))
            .forEach(line -> System.err.println("    " + line));
      }
    }
  }
}
