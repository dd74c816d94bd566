package dev.koalja.benchmarks.coldstart;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.benchmarks.Aim;
import dev.koalja.benchmarks.Machine;
import dev.koalja.benchmarks.Measurement;
import dev.koalja.benchmarks.Quartiles;
import dev.koalja.benchmarks.Report;
import dev.koalja.benchmarks.Run;
import dev.koalja.benchmarks.Series;
import dev.koalja.benchmarks.kafka.Event;
import dev.koalja.benchmarks.kafka.Quiet;
import dev.koalja.benchmarks.kafka.Watch;
import dev.koalja.benchmarks.load.KeptConnection;
import dev.koalja.knative.serving.StartPhase;
import dev.koalja.knative.serving.local.AppBuild;
import dev.koalja.platform.Platform;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How long an event takes from its POST to its result while all functions on its way are at zero:
 * one function, five in one app, five apps. Beside the same processes started bare.
 */
public final class FromZero implements Measurement {
  private static final int FIVE = 5;
  private static final int SIZE = 1024;
  private static final int WARM_UPS = 1;

  /** So many events go through the chain first: a gateway and a router that work are warm. */
  private static final int WARMING = 2_000;

  private static final String GREETING = "Hello, ";
  private static final int DIGITS = 9;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofMillis(100);

  private final Map<Way, List<Double>> millis = new EnumMap<>(Way.class);
  private final Map<Way, Map<StartPhase, List<Double>>> phases = new EnumMap<>(Way.class);

  /** What has its turn in each round. */
  private enum Way {
    BARE_ONE("one process started bare", 0, 1, ""),
    ONE("one function", 1, 1, ""),
    INSIDE("chain of five in one app", FIVE, 1, ""),
    BARE_FIVE("five processes started bare together", 0, FIVE, ""),
    WOKEN("chain of five apps, woken along the wires", FIVE, FIVE, ""),
    // what may be filtered is not woken; this filter lets everything pass
    ASLEEP(
        "chain of five apps, each started by its event",
        FIVE,
        FIVE,
        "{not: {exact: {type: never}}}");

    private final String title;
    private final int tasks;
    private final int processes;
    private final String filter;

    Way(String title, int tasks, int processes, String filter) {
      this.title = title;
      this.tasks = tasks;
      this.processes = processes;
      this.filter = filter;
    }

    boolean bare() {
      return tasks == 0;
    }

    String pipeline() {
      return name().toLowerCase(Locale.ROOT);
    }

    String app(int index) {
      return pipeline() + "-" + index;
    }

    String output() {
      return "koalja." + pipeline() + ".link-" + tasks;
    }

    String yaml() {
      return """
          apiVersion: koalja.dev/v1alpha1
          kind: Pipeline
          metadata: {name: %s}
          spec:
            tasks:
          """
              .formatted(pipeline())
          + IntStream.range(0, tasks)
              .mapToObj(
                  task ->
                      """
                        - name: task%d
                          function: {app: %s, scale: {idle: 2s}}
                          inputs: [{name: name, link: link-%d, filters: [%s]}]
                          outputs: [{name: result, link: link-%d}]
                      """
                          .formatted(task, app(task % processes), task, filter, task + 1))
              .collect(Collectors.joining())
          + "  links: [{name: link-0}]\n";
    }
  }

  @Override
  public String name() {
    return "from-zero";
  }

  @Override
  public String summary() {
    return "POST at the gateway to the result with all functions at zero, one and a chain of five: beside bare starts";
  }

  @Override
  public int defaultRuns() {
    return 11;
  }

  @Override
  public Report run(Run run) throws Exception {
    Machine machine = Machine.now();
    Path project = run.home().resolve("benchmarks/app");
    Map<String, Path> apps = new HashMap<>();
    for (Way way : Way.values()) {
      for (int app = 0; !way.bare() && app < way.processes; app++) {
        apps.put(way.app(app), project);
      }
    }
    run.progress("starting broker, gateway, router");
    try (Platform platform = new Platform(run.scratch(), true, apps, 1)) {
      List<Way> posted = List.of(Way.values()).stream().filter(way -> !way.bare()).toList();
      for (Way way : posted) {
        platform.apply(way.pipeline(), way.yaml());
      }
      List<String> outputs = posted.stream().map(Way::output).toList();
      try (Watch results =
          new Watch(platform.broker().bootstrapServers(), outputs, FromZero::numberOf)) {
        Bench bench = new Bench(platform, results, subject(project), run.scratch());
        run.progress("%d events through the chain of five".formatted(WARMING));
        bench.warm();
        List<Way> turns = new ArrayList<>(List.of(Way.values()));
        for (int round = 0; round < WARM_UPS + run.rounds(); round++) {
          Collections.rotate(turns, 1); // nobody always follows the same one
          boolean counts = round >= WARM_UPS;
          for (Way way : turns) {
            bench.measure(way, counts);
          }
          run.progress(
              counts
                  ? "round %d of %d".formatted(round - WARM_UPS + 1, run.rounds())
                  : "warm-up %d of %d".formatted(round + 1, WARM_UPS));
        }
        return report(run, machine.after(), platform.apps(0));
      }
    }
  }

  private List<Double> millis(Way way) {
    return millis.computeIfAbsent(way, _ -> new ArrayList<>());
  }

  private Map<StartPhase, List<Double>> phases(Way way) {
    return phases.computeIfAbsent(way, _ -> new EnumMap<>(StartPhase.class));
  }

  private static Subject subject(Path project) {
    Path jar = project.resolve("target/quarkus-app/quarkus-run.jar").toAbsolutePath();
    return Subject.flagged(
            "the function's process",
            jar,
            Map.of(
                "KOALJA_HOST", "127.0.0.1",
                "KOALJA_WATCH_PARENT", "true",
                "K_SERVICE", "bare",
                "K_CONFIGURATION", "bare",
                "K_REVISION", "benchmark"))
        .cached("the function's process", jar.resolveSibling("app.aot"));
  }

  /** The last greeting is the first function's. */
  private static int numberOf(byte[] result) {
    String text = new String(result, StandardCharsets.US_ASCII);
    int begin = text.lastIndexOf(GREETING) + GREETING.length();
    return Integer.parseInt(text.substring(begin, begin + DIGITS));
  }

  /** What runs, and how it is measured. */
  private final class Bench {
    private final Platform platform;
    private final Watch results;
    private final Subject subject;
    private final Path scratch;
    private final int ingress;
    private int next;

    Bench(Platform platform, Watch results, Subject subject, Path scratch) {
      this.platform = platform;
      this.results = results;
      this.subject = subject;
      this.scratch = scratch;
      // "koalja: gateway ready on http://127.0.0.1:8080 control …"
      this.ingress =
          URI.create(platform.gateway().readyLine().replaceAll(".* ready on (\\S+).*", "$1"))
              .getPort();
    }

    void warm() throws Exception {
      results.expect(next, WARMING);
      try (KeptConnection connection = new KeptConnection(ingress)) {
        for (int i = 0; i < WARMING; i++) {
          post(connection, Way.INSIDE, next + i);
        }
        results.await(LIMIT);
      }
      next += WARMING;
    }

    private void post(KeptConnection connection, Way way, int number) throws IOException {
      String path = "/events/" + way.pipeline() + "/link-0";
      int status = connection.post(path, number, SIZE, Event.KEYS).status();
      if (status / 100 != 2) {
        throw new IOException("the gateway answered " + status);
      }
    }

    void measure(Way way, boolean counts) throws Exception {
      awaitZero();
      double took = way.bare() ? bare(way.processes) : posted(way, counts);
      if (counts) {
        millis(way).add(took);
      }
    }

    private void awaitZero() throws InterruptedException {
      long end = System.nanoTime() + LIMIT.toNanos();
      while (!platform.functions().isEmpty()) {
        if (System.nanoTime() > end) {
          throw new IllegalStateException("functions never go to zero");
        }
        Thread.sleep(LOOK);
      }
      // what was done before is indexed and committed: not on the time of this one
      Quiet.await(platform.gateway().process().pid());
      Quiet.await(platform.routers().getFirst().process().pid());
    }

    private double bare(int processes) throws Exception {
      List<Start> starts = new ArrayList<>();
      try (ExecutorService asking = Executors.newFixedThreadPool(processes)) {
        long began = System.nanoTime();
        List<Future<Duration>> replies = new ArrayList<>();
        for (int process = 0; process < processes; process++) {
          String path = "/task" + process;
          Start start = new Start(subject, scratch.resolve("bare-" + process + ".log"));
          starts.add(start);
          replies.add(asking.submit(() -> start.firstReply(path)));
        }
        for (Future<Duration> reply : replies) {
          reply.get();
        }
        return (System.nanoTime() - began) / 1e6;
      } finally {
        starts.forEach(Start::close);
      }
    }

    private double posted(Way way, boolean counts) throws Exception {
      long startsBefore = starts(way);
      results.expect(next, 1);
      double took;
      try (KeptConnection connection = new KeptConnection(ingress)) {
        long began = System.nanoTime();
        post(connection, way, next);
        took = (results.await(LIMIT)[0] - began) / 1e6;
      }
      next++;
      long started = starts(way) - startsBefore;
      if (started != way.processes) {
        throw new IllegalStateException(
            "%s started %d processes instead of %d".formatted(way.title, started, way.processes));
      }
      if (counts) {
        notePhases(way);
      }
      return took;
    }

    private long starts(Way way) throws IOException, InterruptedException {
      long starts = 0;
      for (JsonNode app : platform.apps(0)) {
        if (app.path("pipeline").asText().equals(way.pipeline())) {
          starts += app.path("coldStarts").asLong();
        }
      }
      return starts;
    }

    private void notePhases(Way way) throws IOException, InterruptedException {
      for (JsonNode app : platform.apps(0)) {
        if (app.path("pipeline").asText().equals(way.pipeline())) {
          for (StartPhase phase : StartPhase.values()) {
            JsonNode took = app.path("lastStartMs").path(phase.word());
            if (took.isNumber()) {
              phases(way).computeIfAbsent(phase, _ -> new ArrayList<>()).add(took.asDouble());
            }
          }
        }
      }
    }
  }

  private Report report(Run run, Machine machine, JsonNode apps) {
    Series one = reference(Way.BARE_ONE);
    Series five = reference(Way.BARE_FIVE);
    Series inside = compared(Way.INSIDE, one);
    Series woken = compared(Way.WOKEN, five);
    List<Double> added = new ArrayList<>();
    for (int round = 0; round < run.rounds(); round++) {
      added.add(millis(Way.ONE).get(round) - millis(Way.BARE_ONE).get(round));
    }
    List<String> notes = new ArrayList<>();
    for (Way way : Way.values()) {
      if (!way.bare()) {
        notes.add(breakdown(way));
      }
    }
    long useful = 0;
    long wasted = 0;
    for (JsonNode app : apps) {
      useful += app.path("usefulStarts").asLong();
      wasted += app.path("wastedStarts").asLong();
    }
    notes.add("Starts ahead of need: %d useful, %d wasted.".formatted(useful, wasted));
    notes.add("All processes with their cache and " + String.join(" ", AppBuild.FLAGS) + ".");
    Quartiles more = Quartiles.of(added);
    return new Report(
        name(),
        Instant.now(),
        run.rounds(),
        machine,
        List.of(one, compared(Way.ONE, one), inside, five, woken, compared(Way.ASLEEP, five)),
        List.of(
            Aim.atMost(
                "POST to result − bare start, ms (quartiles %.0f–%.0f)"
                    .formatted(more.lower(), more.upper()),
                more.median(),
                50),
            Aim.atMost(
                "chain of five in one app / one bare start",
                inside.ratios().orElseThrow().median(),
                1.2),
            Aim.atMost(
                "chain of five apps, woken / five started bare together",
                woken.ratios().orElseThrow().median(),
                1.2)),
        notes);
  }

  private Series reference(Way way) {
    return Series.reference(way.title, "first result", "ms", millis(way));
  }

  private Series compared(Way way, Series reference) {
    return Series.compared(way.title, reference, millis(way));
  }

  /**
   * Where the time goes. In a chain of apps starts overlap, so that nothing is left to take off.
   */
  private String breakdown(Way way) {
    Map<StartPhase, List<Double>> known = phases(way);
    double sum = 0;
    StringBuilder text = new StringBuilder(way.title).append(": ");
    for (StartPhase phase : StartPhase.values()) {
      double median = Quartiles.of(known.getOrDefault(phase, List.of(0.0))).median();
      sum += median;
      text.append("%s %.1f, ".formatted(phase.word(), median));
    }
    if (way.processes == 1) {
      text.append(
          "gateway, Kafka and router %.1f ms".formatted(Quartiles.of(millis(way)).median() - sum));
    } else {
      text.append("%.1f ms in all, of the median app".formatted(sum));
    }
    return text.append(" (medians).").toString();
  }
}
