package dev.koalja.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A Kafka broker in a process of its own. Its log is {@code logs/kafka.log} beside the data folder.
 * Safe for threads.
 */
public final class BrokerProcess implements AutoCloseable {
  /** How long it has to end in good order; it writes little by then, and recovers otherwise. */
  public static final Duration GRACE = Duration.ofSeconds(15);

  private static final String READY = "koalja: kafka listening on ";

  private final Path dataDir;
  private final boolean ephemeral;
  private final Optional<Path> config;
  private volatile ChildProcess process;

  private BrokerProcess(
      Path dataDir, boolean ephemeral, Optional<Path> config, ChildProcess process) {
    this.dataDir = dataDir;
    this.ephemeral = ephemeral;
    this.config = config;
    this.process = process;
  }

  /**
   * Starts a broker and waits until clients can use it.
   *
   * @param dataDir its data folder; made when it does not exist
   * @param port where it listens on 127.0.0.1; 0 chooses a free port
   * @param ephemeral whether the data goes when the broker does
   * @throws LaunchException with the reason in one line
   */
  public static BrokerProcess start(Path dataDir, int port, boolean ephemeral) {
    return start(dataDir, port, ephemeral, Optional.empty());
  }

  /**
   * The same with more settings.
   *
   * @param config a file of Kafka's own settings; listeners are added, all else replaces ours
   */
  public static BrokerProcess start(
      Path dataDir, int port, boolean ephemeral, Optional<Path> config) {
    return new BrokerProcess(
        dataDir, ephemeral, config, ChildProcess.start(launch(dataDir, port, ephemeral, config)));
  }

  private static Launch launch(Path dataDir, int port, boolean ephemeral, Optional<Path> config) {
    Path folder = KoaljaHome.find().brokerFolder();
    List<String> command = new ArrayList<>();
    command.add(Jdk.java().toString());
    command.addAll(JvmOptions.broker());
    command.addAll(JvmOptions.cache(folder.resolve("broker.aot"), folder.resolve("lib")));
    command.add("-cp");
    command.add(KoaljaHome.classPath(folder.resolve("lib")));
    command.add("dev.koalja.broker.KafkaBroker");
    command.addAll(List.of("--data", dataDir.toString(), "--port", String.valueOf(port)));
    if (ephemeral) {
      command.add("--ephemeral");
    }
    config.ifPresent(file -> command.addAll(List.of("--config", file.toString())));
    Path log = dataDir.toAbsolutePath().resolveSibling("logs").resolve("kafka-process.log");
    return new Launch("kafka", command, Map.of(), Optional.empty(), log, READY, Launch.LIMIT);
  }

  /** {@code host:port}, as {@code bootstrap.servers} wants it. Stays the same after a restart. */
  public String bootstrapServers() {
    return process.readyLine().substring(READY.length()).strip();
  }

  /** The port clients connect to. */
  public int port() {
    String servers = bootstrapServers();
    return Integer.parseInt(servers.substring(servers.lastIndexOf(':') + 1));
  }

  /** The running process. */
  public ChildProcess process() {
    return process;
  }

  /** Kills it without warning (SIGKILL). The data stays, for {@link #restart}. */
  public void kill9() {
    process.kill9();
  }

  /**
   * Starts it again on the same data and port; ends it first if it runs.
   *
   * @throws LaunchException with the reason in one line
   */
  public void restart() {
    int port = port();
    process.stop(GRACE);
    process = ChildProcess.start(launch(dataDir, port, ephemeral, config));
  }

  /** Ends it in good order; the data of an ephemeral broker is gone afterwards. */
  public void stop() {
    process.stop(GRACE);
    if (ephemeral) {
      removeRest();
    }
  }

  /** {@link #stop}. */
  @Override
  public void close() {
    stop();
  }

  /** A killed broker cannot remove its data itself. */
  private void removeRest() {
    if (!Files.exists(dataDir.resolve("format"))) {
      return;
    }
    try (Stream<Path> all = Files.walk(dataDir)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      throw new LaunchException("cannot remove " + dataDir + ": " + e.getMessage(), e);
    }
  }
}
