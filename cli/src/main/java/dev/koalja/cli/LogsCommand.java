package dev.koalja.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.control.ControlClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code koalja logs}. */
@Command(
    name = "logs",
    description = "Show what an app printed, or the logs of breadboard or kafka.",
    footer = {
      "",
      "Examples:",
      "  koalja logs --follow",
      "  koalja logs shop",
      "  koalja logs breadboard"
    })
final class LogsCommand implements Runnable {
  private static final Map<String, List<String>> OURS =
      Map.of(
          "breadboard", List.of("breadboard.log"),
          "kafka", List.of("kafka.log", "kafka-process.log"));

  /** How far back a log is read. */
  private static final int REACH = 1 << 20;

  @Mixin Shared shared = new Shared();

  @Parameters(
      paramLabel = "APP",
      arity = "0..1",
      description = "An app, or breadboard, or kafka; by default the app that runs, if it is one.")
  String app = "";

  @Option(
      names = {"-n", "--last"},
      paramLabel = "N",
      defaultValue = "100",
      description = "How many of the last lines (${DEFAULT-VALUE}).")
  int last;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with lines that come.")
  boolean follow;

  @Override
  public void run() {
    if (last < 0) {
      throw CliException.usage("--last %d: a number of lines is 0 or more".formatted(last));
    }
    if (OURS.containsKey(app)) {
      ours(OURS.getOrDefault(app, List.of()));
      return;
    }
    try (ControlClient control = shared.control()) {
      String name = app.isEmpty() ? only(control.get("/serving/apps")) : app;
      control.text(
          "/serving/logs/%s?last=%d&follow=%s".formatted(ControlClient.encode(name), last, follow),
          line -> {
            shared.screen().line(line);
            return true;
          });
    }
  }

  /** The app that is meant when none is named. */
  static String only(JsonNode apps) {
    List<String> names = new ArrayList<>();
    apps.forEach(each -> names.add(each.path("app").asText()));
    if (names.isEmpty()) {
      throw CliException.usage("no app runs here: koalja logs breadboard shows the circuit's own");
    }
    if (names.size() > 1) {
      throw CliException.usage("which app: " + String.join(", ", names) + "?");
    }
    return names.getFirst();
  }

  private void ours(List<String> names) {
    if (shared.at != null) {
      throw CliException.usage(
          "the log of %s is a file where the circuit runs: --at does not reach it".formatted(app));
    }
    Path logs = shared.running().logs();
    if (follow) {
      throw CliException.usage(
          "the log of %s cannot be followed from here: tail -f %s"
              .formatted(app, logs.resolve(names.getFirst())));
    }
    for (String name : names) {
      Path file = logs.resolve(name);
      try {
        if (Files.exists(file)) {
          lastLines(file, last, REACH).forEach(line -> shared.screen().line(line));
        }
      } catch (IOException e) {
        throw CliException.unavailable("log " + file + " cannot be read: " + e.getMessage());
      }
    }
  }

  /**
   * The last lines of a file, however large it is and whatever is in it.
   *
   * @param reach how many bytes at the end are looked at
   */
  static List<String> lastLines(Path file, int count, int reach) throws IOException {
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      long from = Math.max(0, channel.size() - reach);
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(channel.size() - from));
      channel.position(from);
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        // on to the end
      }
      String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
      List<String> lines = text.lines().toList();
      if (from > 0 && !lines.isEmpty()) {
        lines = lines.subList(1, lines.size()); // it began before
      }
      return lines.subList(Math.max(0, lines.size() - count), lines.size());
    }
  }
}
