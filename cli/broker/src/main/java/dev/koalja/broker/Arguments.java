package dev.koalja.broker;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the process was asked to do.
 *
 * @param data the data folder
 * @param port where clients connect; 0 chooses a free one
 * @param ephemeral whether the data folder goes when the broker does
 * @param log the log file
 * @param config more settings, of Kafka's own names; empty: none
 * @param training whether to end after one round of work, which is what a start-up cache records
 */
record Arguments(
    Path data, int port, boolean ephemeral, Path log, Optional<Path> config, boolean training) {
  static final String USAGE =
      "usage: --data DIR --port N [--ephemeral] [--log FILE] [--config FILE] [--training]";

  /**
   * Reads the command line.
   *
   * @throws IllegalArgumentException naming the argument
   */
  static Arguments parse(List<String> words) {
    @Nullable Path data = null;
    @Nullable Path log = null;
    @Nullable Path config = null;
    int port = 9092;
    boolean ephemeral = false;
    boolean training = false;
    Iterator<String> rest = words.iterator();
    while (rest.hasNext()) {
      String word = rest.next();
      try {
        switch (word) {
          case "--data" -> data = Path.of(rest.next());
          case "--log" -> log = Path.of(rest.next());
          case "--config" -> config = Path.of(rest.next());
          case "--port" -> port = port(rest.next());
          case "--ephemeral" -> ephemeral = true;
          case "--training" -> training = true;
          default -> throw new IllegalArgumentException("unknown argument " + word);
        }
      } catch (NoSuchElementException e) {
        throw new IllegalArgumentException(word + " needs a value", e);
      }
    }
    if (data == null) {
      throw new IllegalArgumentException("--data is missing");
    }
    Path folder = data.toAbsolutePath().normalize();
    Path file = log == null ? folder.resolveSibling("logs").resolve("kafka.log") : log;
    return new Arguments(
        folder,
        port,
        ephemeral,
        file.toAbsolutePath().normalize(),
        Optional.ofNullable(config),
        training);
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // said below, with the same words as for a number out of range
    }
    throw new IllegalArgumentException("\"" + text + "\" is no port: 0 to 65535");
  }
}
