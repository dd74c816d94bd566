package dev.koalja.benchmarks.routers;

import dev.koalja.launch.ChildProcess;
import dev.koalja.launch.Jdk;
import dev.koalja.launch.JvmOptions;
import dev.koalja.launch.Launch;
import dev.koalja.launch.ServiceProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Someone of a group who comes and goes. */
interface Member {
  /** Comes, or comes again. */
  void start();

  /** Goes in order (SIGTERM). */
  void stop();

  /** Is gone without a word (SIGKILL). */
  void kill();

  /** A router. */
  static Member of(ServiceProcess router) {
    return new Member() {
      @Override
      public void start() {
        router.restart();
      }

      @Override
      public void stop() {
        if (!router.stop()) {
          throw new IllegalStateException("the router did not end in order");
        }
      }

      @Override
      public void kill() {
        router.kill9();
      }
    };
  }

  /** A plain member of a consumer group, in a process with the router's flags. */
  final class Bare implements Member, AutoCloseable {
    private final Launch launch;
    private Optional<ChildProcess> process = Optional.empty();

    Bare(String servers, int slot, String input, String output, Path logs) {
      List<String> command = new ArrayList<>();
      command.add(Jdk.java().toString());
      command.addAll(JvmOptions.service());
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(BareMember.class.getName());
      command.addAll(List.of(servers, Integer.toString(slot), input, output));
      launch =
          new Launch(
              "member",
              command,
              Map.of(),
              Optional.empty(),
              logs.resolve("logs/member-" + slot + ".log"),
              BareMember.READY,
              Launch.LIMIT);
    }

    @Override
    public void start() {
      process = Optional.of(ChildProcess.start(launch));
    }

    @Override
    public void stop() {
      if (!process.orElseThrow().stop(ChildProcess.GRACE)) {
        throw new IllegalStateException("the member did not end in order");
      }
    }

    @Override
    public void kill() {
      process.orElseThrow().kill9();
    }

    @Override
    public void close() {
      process.ifPresent(ChildProcess::kill9);
    }
  }
}
