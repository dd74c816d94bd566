package dev.koalja.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * The process. Prints {@code koalja: kafka listening on 127.0.0.1:<port>} when clients can use it,
 * and one line with the reason when it cannot be had.
 *
 * <p>Ends in good order on SIGTERM, and when its standard input closes if the environment says
 * {@code KOALJA_WATCH_PARENT=true}. Killed without warning it recovers at its next start; nothing
 * acknowledged is lost.
 */
public final class KafkaBroker {
  /** The exit status of a user's mistake on the command line. */
  static final int USAGE = 64;

  /** The exit status when something needed is not there: port, folder, disk. */
  static final int UNAVAILABLE = 69;

  /** How long a stop may take. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

  private final DataFolder folder;
  private final LogFile log;
  private final KafkaRaftServer server;
  private final int port;
  private final AtomicBoolean stopping = new AtomicBoolean();
  private volatile boolean started;

  private KafkaBroker(DataFolder folder, LogFile log, KafkaRaftServer server, int port) {
    this.folder = folder;
    this.log = log;
    this.server = server;
    this.port = port;
  }

  /** See {@link Arguments#USAGE}. */
  public static void main(String... words) {
    LastingLogManager.install();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Arguments arguments;
    try {
      arguments = Arguments.parse(List.of(words));
    } catch (IllegalArgumentException e) {
      end(out, USAGE, e.getMessage() + "; " + Arguments.USAGE);
      return;
    }
    try {
      KafkaBroker broker = start(arguments, out);
      if (arguments.training()) {
        Training.round(broker.port);
        System.exit(0); // runs the hook, which stops the broker; the cache is written after that
      }
      broker.server.awaitShutdown();
    } catch (UnusableException e) {
      end(out, UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  private static KafkaBroker start(Arguments arguments, PrintStream out) throws UnusableException {
    DataFolder folder = DataFolder.open(arguments.data(), arguments.ephemeral());
    LogFile log = LogFile.start(arguments.log());
    Ports ports = Ports.choose(arguments.port());
    int port = ports.clients();
    try {
      format(folder);
      Properties settings =
          arguments.config().isPresent()
              ? BrokerSettings.of(folder.log(), port, ports.controller(), arguments.config().get())
              : BrokerSettings.of(folder.log(), port, ports.controller());
      KafkaConfig config = KafkaConfig.fromProps(settings);
      KafkaRaftServer server = new KafkaRaftServer(config, Time.SYSTEM);
      KafkaBroker broker = new KafkaBroker(folder, log, server, port);
      broker.prepareEnd(out);
      Predecessor.bury(server);
      server.startup();
      broker.started = true;
      out.println("koalja: kafka listening on 127.0.0.1:" + port);
      return broker;
    } catch (IOException | RuntimeException e) {
      // Kafka wraps what happened: the innermost message is the one that says it
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      throw new UnusableException(
          "kafka did not start: %s; see %s".formatted(cause.getMessage(), arguments.log()), e);
    }
  }

  private static void format(DataFolder folder) throws IOException {
    if (Files.exists(folder.log())) {
      return;
    }
    Path fresh = folder.unformatted();
    Formatter formatter =
        new Formatter()
            .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
            .setNodeId(BrokerSettings.NODE)
            .setClusterId(Uuid.randomUuid().toString())
            .setDirectories(List.of(fresh.toString()))
            .setMetadataLogDirectory(Optional.of(fresh.toString()))
            .setControllerListenerName(BrokerSettings.CONTROLLER)
            .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
            .setIgnoreFormatted(false);
    try {
      formatter.run();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("formatting " + fresh + " failed: " + e.getMessage(), e);
    }
    Files.move(fresh, folder.log(), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Everything that can end this process leads here. */
  private void prepareEnd(PrintStream out) {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "koalja-stop"));
    Exit.Procedure fatal =
        (status, message) -> {
          if (!stopping.get()) {
            end(out, UNAVAILABLE, "kafka ended: " + (message == null ? log.reason() : message));
          }
          Runtime.getRuntime().halt(UNAVAILABLE);
        };
    // Kafka calls these on what it cannot go on from, such as a disk that is full
    Exit.setExitProcedure(fatal);
    Exit.setHaltProcedure(fatal);
    if ("true".equals(System.getenv("KOALJA_WATCH_PARENT"))) {
      Thread.ofPlatform().daemon().name("koalja-parent").start(KafkaBroker::endWithParent);
    }
  }

  private static void endWithParent() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // a broken pipe says the same as a closed one
    }
    System.exit(0);
  }

  private void stop() {
    if (!stopping.compareAndSet(false, true)) {
      return;
    }
    if (!started) {
      // Kafka cannot be told to stop before it is up: its shutdown would do nothing, and wait for
      // ever. A broker that is starting has acknowledged nothing, and recovers at its next start.
      close();
      Runtime.getRuntime().halt(0);
    }
    Thread watchdog =
        Thread.ofPlatform().daemon().name("koalja-watchdog").start(KafkaBroker::limit);
    server.shutdown();
    server.awaitShutdown();
    close();
    watchdog.interrupt(); // a start-up cache may take its time to be written after this
  }

  private void close() {
    try {
      folder.close();
    } catch (IOException e) {
      // what is left of an ephemeral folder is removed when it is used next
    }
  }

  /** Ends a stop that hangs: nobody may be left who would kill this process. */
  private static void limit() {
    try {
      Thread.sleep(STOP_LIMIT);
    } catch (InterruptedException e) {
      return; // it did not hang
    }
    Runtime.getRuntime().halt(UNAVAILABLE);
  }

  private static void end(PrintStream out, int status, String reason) {
    out.println("koalja: " + reason);
    out.flush();
    Runtime.getRuntime().halt(status);
  }
}
