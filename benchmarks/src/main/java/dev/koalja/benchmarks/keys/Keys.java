package dev.koalja.benchmarks.keys;

import dev.koalja.benchmarks.Aim;
import dev.koalja.benchmarks.Machine;
import dev.koalja.benchmarks.Measurement;
import dev.koalja.benchmarks.Report;
import dev.koalja.benchmarks.Run;
import dev.koalja.benchmarks.Series;
import dev.koalja.benchmarks.kafka.Backlog;
import dev.koalja.benchmarks.kafka.Event;
import dev.koalja.benchmarks.kafka.ProcessorTime;
import dev.koalja.benchmarks.kafka.Quiet;
import dev.koalja.benchmarks.kafka.Results;
import dev.koalja.platform.Platform;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;

/**
 * One partition, 500 keys, a function that takes 50 ms: in order of each key, and in order of the
 * whole partition, which is what one gets from a consumer that calls and commits one by one.
 */
public final class Keys implements Measurement {
  private static final String APP = "koalja-benchmark-circuit";
  private static final int KEYS = 500;
  private static final int MILLIS = 50;
  private static final int SIZE = 100;

  /** Forty rounds of all keys: two seconds at best. */
  private static final int EVENTS = Integer.getInteger("koalja.events", 40 * KEYS);

  /** In order of the partition it takes five seconds for a hundred, however many there are. */
  private static final int ONE_BY_ONE = 100;

  private static final int WARM_UPS = 2;

  /** One process takes all the calls; a second one would not make them shorter. */
  private static final String PIPELINE =
      """
      apiVersion: koalja.dev/v1alpha1
      kind: Pipeline
      metadata: {name: %s}
      spec:
        tasks:
        - name: slow
          function: {app: %s, scale: {max: 1, concurrency: 1000}}
          delivery: {order: %s, maxInFlight: %d}
          inputs: [{name: name, link: slow}]
          outputs: [{name: result, link: slow-done}]
        links:
        - {name: slow, partitions: 1}
        - {name: slow-done, partitions: 1}
      """;

  private final List<String> notes = new ArrayList<>();

  @Override
  public String name() {
    return "keys";
  }

  @Override
  public String summary() {
    return "one partition, 500 keys, a function of 50 ms: order per key beside order of the partition";
  }

  @Override
  public int defaultRuns() {
    return 5;
  }

  /** One order of delivery. */
  private static final class Subject implements AutoCloseable {
    private final String name;
    private final String pipeline;
    private final int events;
    private final Results results;
    private final List<Double> rates = new ArrayList<>();
    private int next;

    Subject(Platform platform, Admin admin, String name, String order, int events)
        throws Exception {
      this.name = name;
      this.pipeline = "keys-" + order;
      this.events = events;
      platform.apply(pipeline, PIPELINE.formatted(pipeline, APP, order, KEYS));
      this.results =
          new Results(
              platform.broker().bootstrapServers(),
              admin,
              "koalja." + pipeline + ".slow-done",
              new KeyOrder(KEYS)::numberOf);
    }

    @Override
    public void close() {
      results.close();
    }
  }

  @Override
  public Report run(Run run) throws Exception {
    Machine machine = Machine.now();
    run.progress("starting broker, gateway, router");
    try (Platform platform =
            new Platform(
                run.scratch(), true, Map.of(APP, run.home().resolve("benchmarks/app")), 1);
        Admin admin =
            Admin.create(Map.of("bootstrap.servers", platform.broker().bootstrapServers()));
        Backlog backlog = new Backlog(platform.broker().bootstrapServers());
        Subject byKey = new Subject(platform, admin, "order of each key", "key", EVENTS);
        Subject inOrder =
            new Subject(platform, admin, "order of the partition", "ordered", ONE_BY_ONE)) {
      for (int round = 0; round < WARM_UPS + run.rounds(); round++) {
        boolean counts = round >= WARM_UPS;
        notes.clear();
        rate(platform, backlog, byKey, counts);
        rate(platform, backlog, inOrder, counts);
        run.progress(
            "%s: %s",
            counts
                ? "round %d of %d".formatted(round - WARM_UPS + 1, run.rounds())
                : "warm-up %d of %d".formatted(round + 1, WARM_UPS),
            String.join("; ", notes));
      }
      for (Subject each : List.of(byKey, inOrder)) {
        Quiet.await(admin, List.of("koalja." + each.pipeline + ".slow-done"));
        each.results.audit(each.next);
      }
      return report(run, machine.after(), byKey, inOrder);
    }
  }

  private void rate(Platform platform, Backlog backlog, Subject subject, boolean counts)
      throws Exception {
    String topic = "koalja." + subject.pipeline + ".slow";
    int to = subject.next + subject.events;
    backlog.write(
        IntStream.range(subject.next, to)
            .mapToObj(number -> Event.record(topic, number, SIZE, KEYS)));
    subject.next = to;
    ProcessorTime processor = new ProcessorTime(platform::processes);
    long begin = System.nanoTime();
    backlog.release();
    Results.Drained drained = subject.results.await(subject.events, processor::look);
    double rate = subject.events / ((drained.end() - begin) / 1e9);
    Map<String, Double> micros = processor.microsPer(subject.events);
    List<String> parts = new ArrayList<>();
    new TreeMap<>(micros).forEach((part, each) -> parts.add("%s %.0f".formatted(part, each)));
    notes.add(
        "%s: %,.1f/s, on average %.1f calls under way, processor µs an event: %s"
            .formatted(subject.name, rate, rate * MILLIS / 1000, String.join(", ", parts)));
    if (counts) {
      subject.rates.add(rate);
    }
    // the journal is indexed behind: not on the time of the next
    Quiet.await(platform.gateway().process().pid());
  }

  private Report report(Run run, Machine machine, Subject byKey, Subject inOrder) {
    // the slow one is what ratios are to: they are easier to read that way
    Series ordered = Series.reference(inOrder.name, "rate", "events/s", inOrder.rates);
    Series rate = Series.compared(byKey.name, ordered, byKey.rates);
    List<String> text = new ArrayList<>();
    text.add(
        "%,d events each round in order of %d keys, %d in order of the partition, %,d in all: one result each, none twice, those of each key in order."
            .formatted(EVENTS, KEYS, ONE_BY_ONE, byKey.next + inOrder.next));
    text.add(
        "At most %,d/s are possible with %d keys and %d ms, and %d/s in order of the partition."
            .formatted(KEYS * 1000 / MILLIS, KEYS, MILLIS, 1000 / MILLIS));
    notes.forEach(note -> text.add("Last round: " + note + "."));
    return new Report(
        name(),
        Instant.now(),
        run.rounds(),
        machine,
        List.of(ordered, rate),
        List.of(
            Aim.atLeast(
                "rate, order of each key / order of the partition",
                rate.ratios().orElseThrow().median(),
                200)),
        text);
  }
}
