package dev.koalja.cli;

import dev.koalja.cli.control.ControlClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
    footer = {"", "Examples:", "  koalja logs shop --follow", "  koalja logs breadboard"})
final class LogsCommand implements Runnable {
  private static final Map<String, List<String>> OURS =
      Map.of(
          "breadboard", List.of("breadboard.log"),
          "kafka", List.of("kafka.log", "kafka-process.log"));
  @Mixin Shared shared = new Shared();

  @Parameters(paramLabel = "APP", description = "An app, or breadboard, or kafka.")
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
    if (OURS.containsKey(app)) {
      ours(OURS.getOrDefault(app, List.of()));
      return;
    }
    try (ControlClient control = shared.control()) {
      control.text(
          "/serving/logs/%s?last=%d&follow=%s".formatted(ControlClient.encode(app), last, follow),
          line -> {
            shared.screen().line(line);
            return true;
          });
    }
  }

  private void ours(List<String> names) {
    for (String name : names) {
      Path file = shared.running().logs().resolve(name);
      try {
        if (Files.exists(file)) {
          List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
          lines.stream()
              .skip(Math.max(0, lines.size() - last))
              .forEach(line -> shared.screen().line(line));
        }
      } catch (IOException e) {
        throw CliException.unavailable("log " + file + " cannot be read: " + e.getMessage());
      }
    }
  }
}
