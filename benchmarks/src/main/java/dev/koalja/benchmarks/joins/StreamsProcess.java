package dev.koalja.benchmarks.joins;

import dev.koalja.launch.ChildProcess;
import dev.koalja.launch.Jdk;
import dev.koalja.launch.JvmOptions;
import dev.koalja.launch.Launch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The peer's process, with the flags of our router. */
final class StreamsProcess implements AutoCloseable {
  private final String bootstrapServers;
  private final Path folder;
  private ChildProcess process;

  /** Starts it with these joins. */
  StreamsProcess(String bootstrapServers, Path folder, List<String> names) {
    this.bootstrapServers = bootstrapServers;
    this.folder = folder;
    this.process = ChildProcess.start(launch(names));
  }

  /** Kills it without warning. */
  void kill9() {
    process.kill9();
  }

  /** Starts it again, with these joins only. */
  void restart(List<String> names) {
    process = ChildProcess.start(launch(names));
  }

  long pid() {
    return process.pid();
  }

  private Launch launch(List<String> names) {
    List<String> command = new ArrayList<>();
    command.add(Jdk.java().toString());
    command.addAll(JvmOptions.service());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(StreamsJoin.class.getName());
    command.add(bootstrapServers);
    command.add(folder.resolve("streams").toString());
    command.addAll(names);
    return new Launch(
        "streams",
        command,
        Map.of(),
        Optional.empty(),
        folder.resolve("logs/streams.log"),
        StreamsJoin.READY,
        Launch.LIMIT);
  }

  @Override
  public void close() {
    process.kill9();
  }
}
