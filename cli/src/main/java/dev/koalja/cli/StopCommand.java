package dev.koalja.cli;

import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.control.RunningCircuit;
import dev.koalja.pipeline.Json;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code koalja stop}. */
@Command(
    name = "stop",
    description = "Stop the circuit in good order: take nothing in, finish what is in flight.",
    footer = {"", "Example:", "  koalja stop"})
final class StopCommand implements Runnable {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  @Mixin Shared shared = new Shared();

  @Override
  public void run() {
    try (ControlClient control = shared.control()) {
      if (shared.at != null) {
        control.post("/api/stop", Map.of());
        say("stopping");
        return;
      }
      RunningCircuit running = shared.running();
      ask(control);
      ProcessHandle.of(running.pid()).ifPresent(StopCommand::await);
      say("stopped");
    }
  }

  /** It may stop so fast that no answer comes; whether it stops is seen by its process. */
  private static void ask(ControlClient control) {
    try {
      control.post("/api/stop", Map.of());
    } catch (CliException e) {
      if (e.exit() != Exit.UNAVAILABLE) {
        throw e;
      }
    }
  }

  private static void await(ProcessHandle process) {
    try {
      process.onExit().get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw CliException.unavailable(
          "process %d still runs after %d s".formatted(process.pid(), LIMIT.toSeconds()));
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void say(String state) {
    if (shared.json) {
      shared.print(Json.MAPPER.valueToTree(Map.of("state", state)));
    } else {
      shared.screen().line(state.equals("stopped") ? "Stopped. The data is kept." : "Stopping.");
    }
  }
}
