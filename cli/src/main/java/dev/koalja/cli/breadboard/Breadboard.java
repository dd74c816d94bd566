package dev.koalja.cli.breadboard;

import dev.koalja.cli.CliException;
import dev.koalja.cli.Exit;
import dev.koalja.cli.Versions;
import dev.koalja.cli.show.Screen;
import dev.koalja.cli.show.Words;
import dev.koalja.launch.BrokerProcess;
import dev.koalja.launch.ChildProcess;
import dev.koalja.launch.LaunchException;
import dev.koalja.launch.ServiceProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/**
 * A broker and a breadboard that run. Either is started again when it crashes; a breadboard that
 * ends in good order, because somebody said {@code koalja stop}, ends the run. Safe for threads.
 */
public final class Breadboard implements AutoCloseable {
  private static final int CRASHES = 5;
  private static final Duration CRASH_WINDOW = Duration.ofMinutes(1);

  private final Plan plan;
  private final Screen screen;
  private final Optional<BrokerProcess> broker;
  private final ServiceProcess service;
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private volatile boolean stopping;
  private boolean stopped;

  private Breadboard(
      Plan plan, Screen screen, Optional<BrokerProcess> broker, ServiceProcess service) {
    this.plan = plan;
    this.screen = screen;
    this.broker = broker;
    this.service = service;
  }

  /**
   * Starts both side by side and returns when both are ready.
   *
   * @throws LaunchException when one of them does not come up; nothing is left running then
   */
  public static Breadboard start(Plan plan, Screen screen) {
    screen.doing("Starting Kafka, gateway and router …");
    CompletableFuture<Optional<BrokerProcess>> broker =
        CompletableFuture.supplyAsync(() -> startBroker(plan, screen), Breadboard::inThread);
    CompletableFuture<ServiceProcess> service =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return startService(plan, screen);
              } catch (LaunchException e) {
                // its patience may have ended before a slow broker was up
                broker.join();
                return startService(plan, screen);
              }
            },
            Breadboard::inThread);
    try {
      Breadboard breadboard = new Breadboard(plan, screen, broker.join(), service.join());
      breadboard.broker.ifPresent(process -> breadboard.watch("Kafka", process));
      breadboard.watchService();
      return breadboard;
    } catch (CompletionException e) {
      broker.thenAccept(started -> started.ifPresent(BrokerProcess::stop));
      service.thenAccept(started -> started.process().kill9());
      CompletableFuture.allOf(broker.handle((_, _) -> true), service.handle((_, _) -> true)).join();
      throw e.getCause() instanceof RuntimeException reason ? reason : e;
    }
  }

  private static void inThread(Runnable task) {
    Thread.startVirtualThread(task);
  }

  /**
   * Checks that something listens at a broker's address.
   *
   * @throws CliException when nothing does, or it is no address
   */
  public static void requireReachable(String kafka) {
    int colon = kafka.lastIndexOf(':');
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(
              kafka.substring(0, colon), Integer.parseInt(kafka.substring(colon + 1))),
          3000);
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw CliException.usage("\"" + kafka + "\" is no broker address: write --kafka host:port");
    } catch (IOException e) {
      throw CliException.unavailable(
          "Kafka at %s does not answer: %s".formatted(kafka, e.getMessage()));
    }
  }

  private static Optional<BrokerProcess> startBroker(Plan plan, Screen screen) {
    if (plan.kafka().isPresent()) {
      return Optional.empty();
    }
    Instant begin = Instant.now();
    Path data = plan.state().resolve("kafka");
    BrokerProcess process = BrokerProcess.start(data, plan.kafkaPort(), plan.ephemeral());
    screen.fact(
        ready(
            "Kafka %s on %s %s"
                .formatted(
                    Versions.load().kafka(),
                    process.bootstrapServers(),
                    plan.ephemeral() ? "(nothing is kept)" : "(data in " + shown(data) + ")"),
            begin));
    return Optional.of(process);
  }

  private static ServiceProcess startService(Plan plan, Screen screen) {
    Instant begin = Instant.now();
    Map<String, String> settings = new HashMap<>();
    settings.put("quarkus.http.port", String.valueOf(plan.ingressPort()));
    settings.put("quarkus.management.port", String.valueOf(plan.controlPort()));
    settings.put("kafka.bootstrap.servers", plan.kafka().orElse("127.0.0.1:" + plan.kafkaPort()));
    settings.put("koalja.home.state", plan.state().toString());
    plan.apps()
        .forEach(
            (app, folder) ->
                settings.put("koalja.serving.apps.\"" + app + "\"", folder.toString()));
    ServiceProcess process =
        ServiceProcess.breadboard(
            settings, plan.environment(), plan.state().resolve("logs/breadboard.log"));
    screen.fact(ready("Gateway and router on http://127.0.0.1:" + plan.ingressPort(), begin));
    return process;
  }

  private static String ready(String what, Instant begin) {
    return "%-58s ready  %s"
        .formatted(what, Words.duration(Duration.between(begin, Instant.now())));
  }

  private static String shown(Path path) {
    Path here = Path.of("").toAbsolutePath();
    return path.startsWith(here) ? here.relativize(path).toString() : path.toString();
  }

  /** Where events are posted. */
  public URI ingress() {
    return URI.create("http://127.0.0.1:" + plan.ingressPort());
  }

  /** Where commands ask. */
  public URI control() {
    return URI.create("http://127.0.0.1:" + plan.controlPort());
  }

  /** {@code host:port} of the broker. */
  public String kafka() {
    return plan.kafka().orElse("127.0.0.1:" + plan.kafkaPort());
  }

  /**
   * Completes, with the reason, when the breadboard ended without us: it was stopped, or gave up.
   */
  public CompletableFuture<String> ended() {
    return ended;
  }

  private void watch(String name, BrokerProcess process) {
    Thread.ofVirtual()
        .start(() -> keepAlive(name, () -> process.process(), process::restart, false));
  }

  private void watchService() {
    Thread.ofVirtual()
        .start(
            () -> keepAlive("Gateway and router", () -> service.process(), service::restart, true));
  }

  private void keepAlive(
      String name,
      java.util.function.Supplier<ChildProcess> process,
      Runnable restart,
      boolean mayEnd) {
    Instant window = Instant.now();
    int crashes = 0;
    while (true) {
      int status = process.get().onExit().join();
      if (stopping) {
        return;
      }
      if (mayEnd && status == 0) {
        ended.complete("stopped");
        return;
      }
      if (Duration.between(window, Instant.now()).compareTo(CRASH_WINDOW) > 0) {
        window = Instant.now();
        crashes = 0;
      }
      if (++crashes > CRASHES) {
        ended.complete(
            "%s ended %d times within a minute: %s"
                .formatted(name, crashes, process.get().lastWord()));
        return;
      }
      String why = status == Exit.UNAVAILABLE ? process.get().lastWord() : "status " + status;
      Instant begin = Instant.now();
      try {
        restart.run();
        screen.note(
            "%s ended (%s), started again in %s"
                .formatted(name, why, Words.duration(Duration.between(begin, Instant.now()))));
      } catch (LaunchException e) {
        if (!stopping) {
          ended.complete(name + " cannot be started again: " + e.getMessage());
        }
        return;
      }
    }
  }

  /**
   * Ends both in good order: what is in flight is finished first. Nothing happens a second time.
   */
  @Override
  public synchronized void close() {
    stopping = true;
    if (stopped) {
      return;
    }
    stopped = true;
    service.close();
    broker.ifPresent(BrokerProcess::stop);
    if (plan.ephemeral()) {
      remove(plan.state());
    }
  }

  /** Ends both at once and removes all they kept: for a run whose results are all that mattered. */
  public synchronized void discard() {
    List<ProcessHandle> functions = service.process().descendants();
    kill();
    functions.forEach(ProcessHandle::destroyForcibly);
    close();
  }

  /** Ends both at once. Nothing that was acknowledged is lost. */
  public void kill() {
    stopping = true;
    service.kill9();
    broker.ifPresent(BrokerProcess::kill9);
  }

  private static void remove(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      throw CliException.unavailable(folder + " cannot be removed: " + e.getMessage());
    }
  }
}
