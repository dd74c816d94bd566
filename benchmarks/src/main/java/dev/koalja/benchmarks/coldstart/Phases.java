package dev.koalja.benchmarks.coldstart;

import dev.koalja.benchmarks.Quartiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where the start of a function process goes, told by the steps of the JVM's own start and the
 * moments at which it initializes certain classes. It logs them with {@code System.nanoTime()},
 * which all processes of a machine share. The log itself costs some milliseconds.
 */
final class Phases {
  /**
   * One after the other; each ends when the JVM is done with that step, or initializes the first
   * class that is called so.
   *
   * @param what happens until then
   * @param end what the JVM writes then: a step of its own start that is done, or the beginning of
   *     the name of a class
   */
  private record Phase(String what, String end) {}

  private static final String OURS = "dev/koalja/runtime/Start";
  private static final List<Phase> ALL =
      List.of(
          new Phase("process, JVM's memory, cache mapped and put in place", "Genesis,"),
          new Phase("interpreter, the JVM's threads", "Initialize java.lang classes,"),
          new Phase("modules", "Initialize module system,"),
          new Phase("classes of the cache linked", "Create VM,"),
          new Phase("main class", OURS),
          new Phase("list of the app's jars read", "io/quarkus/runner/ApplicationImpl"),
          new Phase(
              "log manager, services looked for in all jars",
              "io/quarkus/bootstrap/logging/InitialConfigurator"),
          new Phase("what the build recorded", "dev/koalja/runtime/KoaljaConfig"),
          new Phase("configuration of the build", "io/quarkus/runtime/StartupContext"),
          new Phase("CDI", "io/quarkus/runner/recorded/ArcProcessor$notifyBean"),
          new Phase(
              "configuration with the environment", "io/quarkus/runner/recorded/BannerProcessor"),
          new Phase("handlers of the log", "io/quarkus/runner/recorded/ThreadPoolSetup"),
          new Phase("executor", "io/quarkus/runner/recorded/ArcProcessor$setupExecutor"),
          new Phase("last recorded steps", "io/quarkus/runner/recorded/KoaljaProcessor$serve"),
          new Phase("our server", "dev/koalja/runtime/Ending"));
  private static final String REPLY = "to the first reply";
  private static final String INITIALIZING = "Initializing '";
  private static final double MILLION = 1e6;

  /** Of each start the milliseconds of each phase, and of the way from there to the reply. */
  private final List<List<Double>> starts = new ArrayList<>();

  /** The flag that has a JVM write such a log. */
  static String flag(Path log) {
    return "-Xlog:class+init=info,startuptime=info:file=" + log + ":timenanos:filecount=0";
  }

  /**
   * Reads the log of one start.
   *
   * @param began when it began, by {@code System.nanoTime()}
   * @param replied when it had replied
   * @throws IOException when the classes are not initialized in the order of the phases
   */
  void add(Path log, long began, long replied) throws IOException {
    List<Double> millis = new ArrayList<>();
    long last = began;
    int phase = 0;
    for (String line : Files.readAllLines(log)) {
      if (phase < ALL.size() && ends(line, ALL.get(phase).end())) {
        long at = Long.parseLong(line.substring(1, line.indexOf("ns]")));
        millis.add((at - last) / MILLION);
        last = at;
        phase++;
      }
    }
    if (phase < ALL.size()) {
      throw new IOException(
          "%s… does not come after those before it: the start has other phases now"
              .formatted(ALL.get(phase).end()));
    }
    millis.add((replied - last) / MILLION);
    starts.add(millis);
  }

  private static boolean ends(String line, String end) {
    int at = line.indexOf(INITIALIZING);
    return at >= 0
        ? line.startsWith(end, at + INITIALIZING.length())
        : line.startsWith(end, line.indexOf("] ") + 2);
  }

  /** How long it takes until a class of ours runs at all, in milliseconds; the median. */
  double untilOurs() {
    int phases =
        ALL.stream().map(Phase::end).toList().indexOf(OURS) + 1; // our own code comes after these
    return Quartiles.of(
            starts.stream()
                .map(each -> each.stream().limit(phases).mapToDouble(Double::doubleValue).sum())
                .toList())
        .median();
  }

  /** A line for each phase, medians in milliseconds. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (int phase = 0; phase <= ALL.size(); phase++) {
      int index = phase;
      double median = Quartiles.of(starts.stream().map(each -> each.get(index)).toList()).median();
      lines.add(
          String.format(
              Locale.ROOT,
              "  %5.1f  %s",
              median,
              phase < ALL.size() ? ALL.get(phase).what() : REPLY));
    }
    return lines;
  }
}
