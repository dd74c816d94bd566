package dev.koalja.benchmarks.day;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumMap;
import java.util.Map;

/**
 * What lies in a broker's folder, by what it is for. Records and snapshots of Kafka's metadata
 * only: indexes are laid out ahead.
 */
final class TopicBytes {
  private static final String RECORDS = "\\d{20}(\\.log|-\\d{10}\\.checkpoint)";

  private TopicBytes() {}

  /** What topics are for. */
  enum Purpose {
    LINKS("links"),
    JOURNAL("journal"),
    TASKS("other topics of the circuit"),
    KAFKA("Kafka's positions and transactions"),
    METADATA("Kafka's metadata log");

    private final String title;

    Purpose(String title) {
      this.title = title;
    }

    String title() {
      return title;
    }

    private static Purpose of(String topic) {
      if (topic.startsWith("koalja.")) {
        return LINKS;
      }
      if (topic.startsWith("koalja-journal.")) {
        return JOURNAL;
      }
      if (topic.startsWith("__cluster_metadata")) {
        return METADATA;
      }
      return topic.startsWith("koalja") ? TASKS : KAFKA;
    }
  }

  /** Bytes now; files may come and go meanwhile. */
  static Map<Purpose, Long> of(Path folder) throws IOException {
    Map<Purpose, Long> bytes = new EnumMap<>(Purpose.class);
    for (Purpose each : Purpose.values()) {
      bytes.put(each, 0L);
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.getFileName().toString().matches(RECORDS)) {
              String topic = file.resolveSibling("").getFileName().toString();
              bytes.merge(Purpose.of(topic), attributes.size(), Long::sum);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }
        });
    return bytes;
  }
}
