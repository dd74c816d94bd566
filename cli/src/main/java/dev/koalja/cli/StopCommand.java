package dev.koalja.cli;

import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.control.RunningCircuit;
import dev.koalja.pipeline.Json;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code koalja stop}. */
@Command(
    name = "stop",
    description = "Stop the circuit in good order: take nothing in, finish what is in flight.",
    footer = {"", "Example:", "  koalja stop"})
final class StopCommand implements Runnable {
  /** More than a breadboard and a broker may take together before they are killed. */
  private static final Duration LIMIT = Duration.ofSeconds(75);

  /**
   * How long a circuit that does not answer may take to end by itself: it may be ending already.
   */
  private static final Duration SILENCE = Duration.ofSeconds(3);

  @Mixin Shared shared = new Shared();

  @Override
  public void run() {
    if (shared.at != null) {
      try (ControlClient control = shared.control()) {
        control.post("/api/stop", Map.of());
      }
      say("stopping", "Stopping.");
      return;
    }
    RunningCircuit running = shared.running();
    if (!asked(running) && !ended(running, SILENCE)) {
      // the breadboard crashed and is being started again: its run hears us, and ends it in order
      ProcessHandle.of(running.pid()).filter(StopCommand::isJava).ifPresent(ProcessHandle::destroy);
    }
    if (!ended(running, LIMIT)) {
      throw CliException.unavailable(
          "process %d still runs after %d s".formatted(running.pid(), LIMIT.toSeconds()));
    }
    say(
        "stopped",
        running.ephemeral() ? "Stopped. Nothing is kept." : "Stopped. The data is kept.");
  }

  private boolean asked(RunningCircuit running) {
    try (ControlClient control = shared.client(running.control())) {
      control.post("/api/stop", Map.of());
      return true;
    } catch (CliException e) {
      if (e.exit() != Exit.UNAVAILABLE) {
        throw e;
      }
      return false;
    }
  }

  /** In a container with another view of the processes the number may be somebody else's. */
  private static boolean isJava(ProcessHandle process) {
    return process.info().command().filter(command -> command.endsWith("java")).isPresent();
  }

  private static boolean ended(RunningCircuit running, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (running.alive()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
    return true;
  }

  private void say(String state, String words) {
    if (shared.json) {
      shared.print(Json.MAPPER.valueToTree(Map.of("state", state)));
    } else {
      shared.screen().line(words);
    }
  }
}
