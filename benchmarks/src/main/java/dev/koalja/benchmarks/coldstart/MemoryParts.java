package dev.koalja.benchmarks.coldstart;

import dev.koalja.benchmarks.Quartiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the resident memory of a JVM is made of, as Linux tells it in {@code /proc/PID/smaps}. Where
 * the Java heap lies is told by a log of the JVM.
 */
final class MemoryParts {
  private static final Pattern MAPPING =
      Pattern.compile("([0-9a-f]+)-([0-9a-f]+) (\\S{4}) \\S+ \\S+ \\d+ *(.*)");
  private static final Pattern RESIDENT = Pattern.compile("Rss: +(\\d+) kB");
  private static final Pattern HEAP =
      Pattern.compile("Heap address: 0x([0-9a-f]+), size: (\\d+) MB");
  private static final int KILO = 1024;
  private static final double MILLION = 1e6;

  private final Map<Part, List<Double>> megabytes = new EnumMap<>(Part.class);

  /** One after the other a mapping is asked whether it belongs to it. */
  private enum Part {
    CACHE("start-up cache: classes, linked"),
    JVM("the JVM's own library"),
    HEAP("Java heap"),
    CODE("compiled code"),
    FILES("other libraries and files"),
    OTHER("the JVM's own data, threads");

    private final String title;

    Part(String title) {
      this.title = title;
    }

    static Part of(String name, String permissions, boolean heap) {
      if (name.endsWith(".aot")) {
        return CACHE;
      }
      if (name.endsWith("/libjvm.so")) {
        return JVM;
      }
      if (heap) {
        return HEAP;
      }
      if (name.startsWith("/")) {
        return FILES;
      }
      return permissions.contains("x") ? CODE : OTHER;
    }
  }

  /** The flag that has a JVM say where its heap lies. */
  static String flag(Path log) {
    return "-Xlog:gc+heap+coops=debug:file=" + log + ":none:filecount=0";
  }

  /**
   * Adds one process.
   *
   * @param smaps its {@code smaps}
   * @param log what the JVM said of its heap
   * @throws IOException when they cannot be read, or are of another form
   */
  void add(Path smaps, Path log) throws IOException {
    Matcher heap = HEAP.matcher(Files.readString(log));
    if (!heap.find()) {
      throw new IOException("the JVM does not say where its heap lies: " + log);
    }
    long begin = Long.parseUnsignedLong(heap.group(1), 16);
    long end = begin + Long.parseLong(heap.group(2)) * KILO * KILO;
    Map<Part, Double> parts = new EnumMap<>(Part.class);
    Part part = Part.OTHER;
    for (String line : Files.readAllLines(smaps)) {
      Matcher mapping = MAPPING.matcher(line);
      if (mapping.matches()) {
        long from = Long.parseUnsignedLong(mapping.group(1), 16);
        boolean inside =
            Long.compareUnsigned(from, begin) >= 0 && Long.compareUnsigned(from, end) < 0;
        part = Part.of(mapping.group(4), mapping.group(3), inside);
      } else {
        Matcher resident = RESIDENT.matcher(line);
        if (resident.matches()) {
          parts.merge(part, Long.parseLong(resident.group(1)) * KILO / MILLION, Double::sum);
        }
      }
    }
    for (Part each : Part.values()) {
      megabytes.computeIfAbsent(each, _ -> new ArrayList<>()).add(parts.getOrDefault(each, 0.0));
    }
  }

  /** A line for each part, medians in MB: ours, and theirs. */
  static List<String> lines(MemoryParts ours, MemoryParts theirs) {
    List<String> lines = new ArrayList<>();
    for (Part each : Part.values()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  %5.1f  %5.1f  %s",
              ours.median(each),
              theirs.median(each),
              each.title));
    }
    return lines;
  }

  private double median(Part part) {
    return Quartiles.of(megabytes.getOrDefault(part, List.of(0.0))).median();
  }
}
