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
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;

/**
 * A day of mixed load in some minutes: single events, a join, a window, batches, retries, dead
 * letters; nothing by night, most at noon; routers and functions killed now and then. At the end of
 * each hour, at rest: is anything larger than it was in the morning?
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
  private static final double FLAT = 1.1;
  private static final double MIB = 1 << 20;

  private static final List<Integer> SHOWN = List.of(6, 12, 18, 24);
  private static final String INDEX = "gateway's index: MiB";
  private static final String FUNCTIONS = "function processes";
  private static final String EACH = " of each";

  /** The last of the hours shown in which functions run; there is none of them by night. */
  private static final int EVENING = 18;

  /** Hours in the middle of which the second router is killed; the first one lives all day. */
  private static final List<Integer> ROUTER_KILLED = List.of(5, 12, 17);

  private static final List<Integer> FUNCTIONS_KILLED = List.of(9, 15);

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
    private int next;

    Bench(Run run, Path folder) throws Exception {
      this.run = run;
      this.folder = folder;
      Path project = run.home().resolve("cli/soak/app");
      run.progress("starting broker, gateway, two routers");
      platform = new Platform(folder, false, Map.of(APP, project), 2);
      // functions go as soon as nothing comes, so that each night begins and ends at zero
      platform.apply(
          APP,
          Files.readString(project.resolve("target/koalja/pipeline.yaml"))
              .replace(
                  "      app: " + APP + "\n",
                  "      app: " + APP + "\n      scale: {max: 2, idle: 5s}\n"));
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
      hour(12, false);
      ShortMemory.of(admin, CLOCK);
      hour(12, false);
      List<Map<String, Double>> hours = new ArrayList<>();
      for (int hour = 0; hour < Clock.HOURS; hour++) {
        Map<String, Double> found = hour(hour, true);
        hours.add(found);
        run.progress("hour %d: %s", hour + 1, figures(found));
      }
      notes.addFirst(
          "%,d joins, each once; %d kills of the second router, %d of its functions."
              .formatted(next, ROUTER_KILLED.size(), FUNCTIONS_KILLED.size()));
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
          CompletableFuture.runAsync(() -> kill(kills ? hour : -1), Thread::startVirtualThread);
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

    /** In the middle of the busy part of an hour. */
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

    /** Those that have not gone yet: a process each, on average. */
    private void functions(Map<String, Double> found) throws InterruptedException {
      List<ProcessFigures> figures = new ArrayList<>();
      for (long pid : platform.functions()) {
        try {
          figures.add(ProcessFigures.of(pid));
        } catch (IOException | UncheckedIOException e) {
          // it has just gone
        }
      }
      double count = Math.max(1, figures.size());
      found.put(FUNCTIONS, (double) figures.size());
      found.put(
          "functions: memory of all, MiB",
          figures.stream().mapToDouble(ProcessFigures::residentMib).sum());
      found.put(
          "functions: memory" + EACH + ", MiB",
          figures.stream().mapToDouble(ProcessFigures::residentMib).sum() / count);
      found.put(
          "functions: heap" + EACH + ", MiB",
          figures.stream().mapToDouble(ProcessFigures::heapMib).sum() / count);
      found.put(
          "functions: threads" + EACH,
          figures.stream().mapToDouble(ProcessFigures::threads).sum() / count);
      found.put(
          "functions: open files" + EACH,
          figures.stream().mapToDouble(ProcessFigures::files).sum() / count);
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
          .forEach((purpose, bytes) -> found.put(purpose.title() + ": MiB", bytes / MIB));
      found.put(INDEX, index() / MIB);
      found.put("gateway's index: KiB for each join", index() / 1024.0 / next);
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

  private static String figures(Map<String, Double> found) {
    List<String> words = new ArrayList<>();
    found.forEach((what, value) -> words.add("%s %.1f".formatted(what, value)));
    return String.join(", ", words);
  }

  private Report report(Run run, Machine machine, List<List<Map<String, Double>>> days) {
    List<Series> series = new ArrayList<>();
    List<Aim> aims = new ArrayList<>();
    int morning = SHOWN.getFirst();
    for (String what : days.getFirst().getFirst().keySet()) {
      int last = what.contains(EACH) ? EVENING : SHOWN.getLast();
      for (int hour : SHOWN) {
        series.add(Series.reference(what, "hour " + hour, "", at(days, hour, what)));
      }
      series.add(
          Series.reference(
              what,
              "most",
              "",
              days.stream()
                  .map(
                      day ->
                          day.stream()
                              .mapToDouble(each -> each.getOrDefault(what, 0.0))
                              .max()
                              .orElseThrow())
                  .toList()));
      List<Double> growth = new ArrayList<>();
      for (int round = 0; round < days.size(); round++) {
        growth.add(
            at(days, last, what).get(round) / Math.max(0.01, at(days, morning, what).get(round)));
      }
      series.add(
          Series.reference(
              what, "growth", "%", growth.stream().map(each -> 100 * (each - 1)).toList()));
      aims.add(
          Aim.atMost(
              "%s, hour %d / hour %d".formatted(what, last, morning),
              Quartiles.of(growth).median(),
              FLAT));
    }
    List<String> text = new ArrayList<>();
    text.add(
        "Hours of %d s, %d events a second at noon on each of two links, nothing from 20:00 to 5:00; topics keep two hours."
            .formatted(CLOCK.hour().toSeconds(), PEAK));
    text.addAll(notes);
    text.add(
        "The index keeps eight real days, whatever topics keep: within one day it can only grow.");
    return new Report(name(), Instant.now(), run.rounds(), machine, series, aims, text);
  }

  private static List<Double> at(List<List<Map<String, Double>>> days, int hour, String what) {
    return days.stream().map(day -> day.get(hour - 1).getOrDefault(what, 0.0)).toList();
  }
}
