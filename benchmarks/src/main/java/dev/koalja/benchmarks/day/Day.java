package dev.koalja.benchmarks.day;

import dev.koalja.benchmarks.Aim;
import dev.koalja.benchmarks.Machine;
import dev.koalja.benchmarks.Measurement;
import dev.koalja.benchmarks.Quartiles;
import dev.koalja.benchmarks.Report;
import dev.koalja.benchmarks.Run;
import dev.koalja.benchmarks.Series;
import dev.koalja.benchmarks.kafka.ProcessFigures;
import dev.koalja.benchmarks.kafka.Quiet;
import dev.koalja.benchmarks.kafka.Watch;
import dev.koalja.benchmarks.load.OpenLoop;
import dev.koalja.platform.Platform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;

/**
 * A day of mixed load in some minutes: single events, a join, a window, batches, retries, dead
 * letters; two waves from nothing to a noon and back; routers and functions killed now and then.
 * Everything is looked at at the end of each hour, at rest. Is anything larger on average in the
 * last quarter than in the second one, which is the same part of the wave before?
 */
public final class Day implements Measurement {
  private static final String APP = "koalja-soak-circuit";
  private static final Clock CLOCK =
      new Clock(Duration.ofSeconds(Integer.getInteger("koalja.hour", 25)));

  /** Events a second at noon on each of the two links that are fed from outside. */
  private static final int PEAK = Integer.getInteger("koalja.peak", 40);

  private static final int KEYS = 200;
  private static final int SENDERS = 16;

  /** The part of an hour in which events come; then it gets quiet. */
  private static final double BUSY = 0.6;

  /** Before the end of an hour: looking takes its time too. */
  private static final Duration LOOK = Duration.ofSeconds(5);

  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final Duration AGAIN = Duration.ofMillis(20);

  /** How much larger the mean of a quarter may be than that of the one it is compared with. */
  private static final double FLAT = 1.1;

  private static final double MIB = 1 << 20;

  private static final int QUARTERS = 4;
  private static final int QUARTER_HOURS = Clock.HOURS / QUARTERS;

  /**
   * The first one warms up: topics and the index fill until they forget, heaps are walked through.
   */
  private static final int EARLIER = 2;

  private static final int LATER = 4;
  private static final String INDEX = "gateway's index: MiB";
  private static final String FUNCTIONS = "function processes";
  private static final String FUNCTIONS_MEMORY = "functions: memory of all, MiB";
  private static final int ROUTERS = 2;

  /** Processes of the functions that each router may have. */
  private static final int SCALE = 2;

  private static final String POSITIONS = mib(TopicBytes.Purpose.KAFKA);

  /**
   * Partitions of positions and transactions, each with a newest segment that is never compacted:
   * how much is in it when one looks is the moment's. A segment has 2 MiB, so 1 is little.
   */
  private static final int OWN_PARTITIONS = 8;

  /** How many processes there are is the load's and the moment's: they have bounds of their own. */
  private static final Set<String> BOUNDED = Set.of(FUNCTIONS, FUNCTIONS_MEMORY, POSITIONS);

  /**
   * Hours of a wave in the middle of which the second router is killed; the first one lives all
   * day.
   */
  private static final List<Integer> ROUTER_KILLED = List.of(4, 8);

  private static final List<Integer> FUNCTIONS_KILLED = List.of(5);

  private final List<String> notes = new ArrayList<>();

  @Override
  public String name() {
    return "day";
  }

  @Override
  public String summary() {
    return "24 hours of mixed load in ten minutes: memory, threads, files, topics, hour by hour";
  }

  @Override
  public int defaultRuns() {
    return 1;
  }

  @Override
  public Report run(Run run) throws Exception {
    Machine machine = Machine.now();
    List<List<Map<String, Double>>> days = new ArrayList<>();
    for (int round = 1; round <= run.rounds(); round++) {
      notes.clear();
      try (Bench bench = new Bench(run, run.scratch().resolve("day-" + round))) {
        days.add(bench.day());
      }
    }
    return report(run, machine.after(), days);
  }

  /** One platform, one day. */
  private final class Bench implements AutoCloseable {
    private final Run run;
    private final Path folder;
    private final Platform platform;
    private final Admin admin;
    private final Watch joins;
    private final String functionJar;
    private int next;

    Bench(Run run, Path folder) throws Exception {
      this.run = run;
      this.folder = folder;
      Path project = run.home().resolve("cli/soak/app").toAbsolutePath();
      functionJar = project.resolve("target/quarkus-app/quarkus-run.jar").toString();
      run.progress("starting broker, gateway, two routers");
      Files.createDirectories(folder);
      platform =
          new Platform(
              folder,
              Map.of(APP, project),
              ROUTERS,
              ShortMemory.broker(folder.resolve("broker.properties"), CLOCK),
              ShortMemory.gateway(CLOCK));
      // functions go as soon as nothing comes, so that each night begins and ends at zero
      platform.apply(
          APP,
          Files.readString(project.resolve("target/koalja/pipeline.yaml"))
              .replace(
                  "      app: " + APP + "\n",
                  "      app: " + APP + "\n      scale: {max: %d, idle: 5s}\n".formatted(SCALE)));
      Properties properties = new Properties();
      properties.put("bootstrap.servers", platform.broker().bootstrapServers());
      admin = Admin.create(properties);
      joins =
          new Watch(
              platform.broker().bootstrapServers(),
              List.of("koalja." + APP + ".joined"),
              Day::numberOf);
    }

    /** What was found at the end of each hour. */
    List<Map<String, Double>> day() throws Exception {
      // the noon of the day before: every path is warm, every heap has grown
      hour(Clock.NOON, false);
      ShortMemory.of(admin, CLOCK);
      hour(Clock.NOON, false);
      List<Map<String, Double>> hours = new ArrayList<>();
      for (int hour = 0; hour < Clock.HOURS; hour++) {
        Map<String, Double> found = hour(hour, true);
        hours.add(found);
        run.progress("hour %d: %s", hour + 1, figures(found));
      }
      notes.addFirst(
          "%,d joins, each once; %d kills of the second router, %d of its functions."
              .formatted(next, 2 * ROUTER_KILLED.size(), 2 * FUNCTIONS_KILLED.size()));
      return hours;
    }

    private Map<String, Double> hour(int hour, boolean kills) throws Exception {
      long begin = System.nanoTime();
      int rate = (int) Math.round(PEAK * Clock.share(hour));
      int count = (int) (rate * CLOCK.hours(BUSY).toMillis() / 1000);
      int first = next;
      next += count;
      joins.expect(first, count);
      CompletableFuture<Void> killing =
          CompletableFuture.runAsync(
              () -> kill(kills ? hour % Clock.WAVE : -1), Thread::startVirtualThread);
      if (count > 0) {
        OpenLoop.soon(rate, count).run(SENDERS, () -> index -> send(first + index));
      }
      killing.join();
      joins.await(LIMIT);
      Map<String, Double> found = new LinkedHashMap<>();
      functions(found);
      Quiet.await(platform.gateway().process().pid());
      sleepUntil(begin + CLOCK.hour().minus(LOOK).toNanos());
      look(found);
      sleepUntil(begin + CLOCK.hour().toNanos());
      return found;
    }

    /** One event on each of the two links; of the left ones some falter, some are refused. */
    private void send(int number) throws InterruptedException {
      String key = "k" + number % KEYS;
      String manner = number % 50 == 7 ? " refuse" : number % 20 == 3 ? " falter" : "";
      post("left", number, key, "%09d%s".formatted(number, manner));
      post("right", number, key, "%09d".formatted(number));
    }

    private void post(String link, int number, String key, String data)
        throws InterruptedException {
      while (!platform.post(APP, link, "%s-%d".formatted(link, number), key, data)) {
        Thread.sleep(AGAIN); // too much at the moment
      }
    }

    /** In the middle of the busy part of an hour of a wave. */
    private void kill(int hour) {
      try {
        Thread.sleep(CLOCK.hours(BUSY / 2));
        if (ROUTER_KILLED.contains(hour)) {
          platform.routers().getLast().kill9();
          Platform.untilStarted(platform.routers().getLast()::restart);
        }
        if (FUNCTIONS_KILLED.contains(hour)) {
          platform
              .functions(1)
              .forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    /** Those that have not gone yet, also when no router knows of them any more. */
    private void functions(Map<String, Double> found) throws InterruptedException {
      List<ProcessFigures> figures = new ArrayList<>();
      for (ProcessHandle each : ProcessHandle.allProcesses().filter(this::isFunction).toList()) {
        try {
          figures.add(ProcessFigures.of(each.pid()));
        } catch (IOException | UncheckedIOException e) {
          // it has just gone
        }
      }
      found.put(FUNCTIONS, (double) figures.size());
      found.put(FUNCTIONS_MEMORY, figures.stream().mapToDouble(ProcessFigures::residentMib).sum());
      each(found, "memory of each, MiB", figures, ProcessFigures::residentMib);
      each(found, "heap of each, MiB", figures, ProcessFigures::heapMib);
      each(found, "threads of each", figures, ProcessFigures::threads);
      each(found, "open files of each", figures, ProcessFigures::files);
    }

    private boolean isFunction(ProcessHandle process) {
      try {
        return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"))
            .contains(functionJar);
      } catch (IOException e) {
        return false; // it has just gone
      }
    }

    /** The mean; nothing when there is none. */
    private static void each(
        Map<String, Double> found,
        String what,
        List<ProcessFigures> figures,
        ToDoubleFunction<ProcessFigures> value) {
      figures.stream()
          .mapToDouble(value)
          .average()
          .ifPresent(mean -> found.put("functions: " + what, mean));
    }

    private void look(Map<String, Double> found) throws IOException, InterruptedException {
      Map<String, Long> processes = new LinkedHashMap<>();
      processes.put("broker", platform.broker().process().pid());
      processes.put("gateway", platform.gateway().process().pid());
      processes.put("router", platform.routers().getFirst().process().pid());
      for (Map.Entry<String, Long> each : processes.entrySet()) {
        ProcessFigures figures = ProcessFigures.of(each.getValue());
        found.put(each.getKey() + ": memory, MiB", figures.residentMib());
        found.put(each.getKey() + ": heap, MiB", figures.heapMib());
        found.put(each.getKey() + ": threads", (double) figures.threads());
        found.put(each.getKey() + ": open files", (double) figures.files());
      }
      TopicBytes.of(folder.resolve("kafka"))
          .forEach((purpose, bytes) -> found.put(mib(purpose), bytes / MIB));
      found.put(INDEX, index() / MIB);
    }

    private long index() throws IOException {
      try (Stream<Path> files = Files.list(folder)) {
        long bytes = 0;
        for (Path each :
            files.filter(file -> file.getFileName().toString().startsWith("journal")).toList()) {
          bytes += Files.size(each);
        }
        return bytes;
      }
    }

    @Override
    public void close() {
      joins.close();
      admin.close();
      platform.close();
    }
  }

  private static void sleepUntil(long nanos) throws InterruptedException {
    Duration rest = Duration.ofNanos(nanos - System.nanoTime());
    if (rest.isPositive()) {
      Thread.sleep(rest);
    }
  }

  /** {@code join(relay(000000042 falter),000000042)} and the other way round is number 42. */
  private static int numberOf(byte[] joined) {
    String text = new String(joined, StandardCharsets.UTF_8);
    return Integer.parseInt(text.replaceFirst(".*relay\\((\\d{9}).*", "$1"));
  }

  private static String mib(TopicBytes.Purpose purpose) {
    return purpose.title() + ": MiB";
  }

  private static String figures(Map<String, Double> found) {
    List<String> words = new ArrayList<>();
    found.forEach((what, value) -> words.add("%s %.1f".formatted(what, value)));
    return String.join(", ", words);
  }

  private Report report(Run run, Machine machine, List<List<Map<String, Double>>> days) {
    List<Series> series = new ArrayList<>();
    List<Aim> aims = new ArrayList<>();
    Set<String> quantities = new LinkedHashSet<>();
    // what there is of each function only shows by day
    days.getFirst().forEach(hour -> quantities.addAll(hour.keySet()));
    for (String what : quantities) {
      for (int quarter = 1; quarter <= QUARTERS; quarter++) {
        series.add(Series.reference(what, "quarter " + quarter, "", means(days, quarter, what)));
      }
      series.add(
          Series.reference(
              what,
              "most",
              "",
              days.stream().map(day -> values(day, what).max().orElse(0)).toList()));
      List<Double> growth = new ArrayList<>();
      for (int round = 0; round < days.size(); round++) {
        growth.add(
            means(days, LATER, what).get(round)
                / Math.max(0.01, means(days, EARLIER, what).get(round)));
      }
      series.add(
          Series.reference(
              what, "growth", "%", growth.stream().map(each -> 100 * (each - 1)).toList()));
      double median = Quartiles.of(growth).median();
      if (!BOUNDED.contains(what)) {
        aims.add(
            Aim.atMost(
                "%s: %s, mean of quarter %d / quarter %d"
                    .formatted(what, median <= FLAT ? "flat" : "NOT FLAT", LATER, EARLIER),
                median,
                FLAT));
      }
    }
    aims.add(
        Aim.atMost(
            "function processes, most at the end of an hour",
            processes(days, IntStream.range(0, Clock.HOURS)),
            ROUTERS * SCALE));
    aims.add(
        Aim.atMost(
            "function processes left in an hour of the night, most",
            processes(days, IntStream.range(0, Clock.HOURS).filter(hour -> Clock.share(hour) == 0)),
            0));
    aims.add(
        Aim.atMost(
            POSITIONS + ", most at the end of an hour, for each partition",
            days.stream().flatMapToDouble(day -> values(day, POSITIONS)).max().orElse(0)
                / OWN_PARTITIONS,
            1));
    List<String> text = new ArrayList<>();
    text.add(
        "Hours of %d s; in each half of the day from nothing to %d events a second on each of two links and back; topics and index keep %d hours."
            .formatted(CLOCK.hour().toSeconds(), PEAK, ShortMemory.KEPT_HOURS));
    text.add(
        "Quarters are means of their %d hours; flat: the last is at most %.0f %% above the second, which has the same load."
            .formatted(QUARTER_HOURS, 100 * (FLAT - 1)));
    text.addAll(notes);
    return new Report(name(), Instant.now(), run.rounds(), machine, series, aims, text);
  }

  /** The mean of a quarter, from 1, for each round. */
  private static List<Double> means(
      List<List<Map<String, Double>>> days, int quarter, String what) {
    int end = quarter * QUARTER_HOURS;
    return days.stream()
        .map(day -> values(day.subList(end - QUARTER_HOURS, end), what).average().orElse(0))
        .toList();
  }

  /** The most function processes at the end of any of these hours. */
  private static double processes(List<List<Map<String, Double>>> days, IntStream hours) {
    return hours
        .boxed()
        .flatMap(hour -> days.stream().map(day -> day.get(hour)))
        .mapToDouble(found -> found.getOrDefault(FUNCTIONS, 0.0))
        .max()
        .orElseThrow();
  }

  /** What hours say of a quantity; those without it say nothing. */
  private static DoubleStream values(List<Map<String, Double>> hours, String what) {
    return hours.stream()
        .filter(hour -> hour.containsKey(what))
        .mapToDouble(hour -> hour.getOrDefault(what, 0.0));
  }
}
