package dev.koalja.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.control.RunningCircuit;
import dev.koalja.cli.show.Screen;
import dev.koalja.pipeline.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every command has: {@code --json}, {@code -v}, {@code --help}, and the way to a circuit. */
public final class Shared {
  @Option(names = "--json", description = "Print JSON, for programs.")
  boolean json;

  @Option(
      names = {"-v", "--verbose"},
      description = "Say more about what is done and why.")
  boolean verbose;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Option(
      names = "--at",
      paramLabel = "URL",
      description = "Control address of the circuit; by default that of the project one stands in.")
  @Nullable URI at;

  private final Screen screen = Screen.ofProcess(System.getenv());

  /** How people called this command, so that what we tell them to type works. */
  static String command() {
    return System.getProperty("koalja.command", "koalja");
  }

  Screen screen() {
    return screen;
  }

  /** The running circuit of the folder one stands in. */
  RunningCircuit running() {
    return RunningCircuit.find(Path.of(""));
  }

  /** The control API of the circuit that is meant. */
  ControlClient control() {
    return client(Optional.ofNullable(at).orElseGet(() -> running().control()));
  }

  /** A client that says what it asks when people want to know. */
  ControlClient client(URI base) {
    return verbose
        ? new ControlClient(base, line -> screen.note(screen.dim(line)))
        : new ControlClient(base);
  }

  /** A client of an ingress that says what it sends when people want to know. */
  ControlClient ingress(URI base) {
    return ControlClient.ofIngress(base, verbose ? line -> screen.note(screen.dim(line)) : _ -> {});
  }

  /** Prints JSON: indented on a terminal, in one line in a pipe. */
  void print(JsonNode value) {
    try {
      screen.line(
          screen.terminal()
              ? Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value)
              : Json.MAPPER.writeValueAsString(value));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
