package dev.koalja.cli.breadboard;

import dev.koalja.cli.CliException;
import dev.koalja.cli.Exit;
import dev.koalja.cli.control.RunningCircuit;
import dev.koalja.cli.show.Screen;
import dev.koalja.cli.show.Words;
import dev.koalja.launch.BrokerProcess;
import dev.koalja.launch.ChildProcess;
import dev.koalja.launch.LaunchException;
import dev.koalja.launch.ServiceProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A broker and a breadboard that run. Either is started again when it crashes; a breadboard that
 * ends in good order, because somebody said {@code koalja stop}, ends the run. Safe for threads.
 */
public final class Breadboard implements AutoCloseable {
  private static final String SERVICE = "Gateway and router";
  private static final int CRASHES = 5;
  private static final Duration CRASH_WINDOW = Duration.ofMinutes(1);

  private final Plan plan;
  private final Screen screen;
  private final Optional<BrokerProcess> broker;
  private final ServiceProcess service;
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private final List<Thread> keepers = new ArrayList<>();
  private final List<String> killed = new CopyOnWriteArrayList<>();
  private volatile boolean stopping;
  private boolean stopped;

  /** Takes over two processes that are ready. */
  Breadboard(Plan plan, Screen screen, Optional<BrokerProcess> broker, ServiceProcess service) {
    this.plan = plan;
    this.screen = screen;
    this.broker = broker;
    this.service = service;
    broker.ifPresent(process -> keep("Kafka", process::process, process::restart, false));
    keep(SERVICE, service::process, service::restart, true);
  }

  /**
   * Starts both side by side and returns when both are ready. Whatever ends this process from now
   * on, other than a kill, ends them in good order.
   *
   * @throws LaunchException when one of them does not come up; nothing is left running then
   */
  public static Breadboard start(Plan plan, Screen screen) {
    Start start = new Start(plan, screen);
    Runtime.getRuntime().addShutdownHook(new Thread(start::giveUp, "koalja-end"));
    return start.run();
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
   * How other commands find it, while this process lasts.
   *
   * @param state the folder that this process holds the lock of
   * @param kept the folder that has its data
   * @param ephemeral whether that goes when it ends
   * @param watched the apps it builds when a file is saved, each with its folder
   */
  public RunningCircuit running(
      Path state, Path kept, boolean ephemeral, Map<String, String> watched) {
    return new RunningCircuit(
        ProcessHandle.current().pid(),
        ingress(),
        control(),
        kafka(),
        state,
        kept.resolve("logs"),
        ephemeral,
        Instant.now(),
        watched);
  }

  /**
   * Completes, with the reason, when the breadboard ended without us: it was stopped, or gave up.
   */
  public CompletableFuture<String> ended() {
    return ended;
  }

  private void keep(String name, Supplier<ChildProcess> process, Runnable restart, boolean mayEnd) {
    keepers.add(
        Thread.ofVirtual()
            .name("keep " + name)
            .start(() -> keepAlive(name, process, restart, mayEnd)));
  }

  private void keepAlive(
      String name, Supplier<ChildProcess> process, Runnable restart, boolean mayEnd) {
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
        if (stopping) {
          process.get().kill9(); // whoever stops may have met the one before it only
          return;
        }
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
    keepers.forEach(Thread::interrupt); // gives up a start that is under way
    if (!service.stop()) {
      killed.add(SERVICE);
    }
    if (!broker.map(process -> process.process().stop(BrokerProcess.GRACE)).orElse(true)) {
      killed.add("Kafka");
    }
    keepers.forEach(Breadboard::join);
    if (plan.ephemeral()) {
      remove(plan.state());
    }
  }

  /** What did not end in good order when it was closed. */
  public List<String> killed() {
    return List.copyOf(killed);
  }

  /**
   * Ends both and the functions at once, also while they are being closed. Nothing that was
   * acknowledged is lost, unless it is ephemeral: then everything goes.
   */
  public void kill() {
    stopping = true;
    List<ProcessHandle> functions = service.process().descendants();
    service.kill9();
    broker.ifPresent(BrokerProcess::kill9);
    functions.forEach(ProcessHandle::destroyForcibly);
    functions.forEach(each -> each.onExit().completeOnTimeout(each, 2, TimeUnit.SECONDS).join());
    if (plan.ephemeral()) {
      close();
    }
  }

  private static void join(Thread keeper) {
    try {
      keeper.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Removes a folder, though somebody who was just ended may have written a last word into it. */
  static void remove(Path folder) {
    String reason = "";
    for (int attempt = 0; attempt < 10; attempt++) {
      try (Stream<Path> all = Files.exists(folder) ? Files.walk(folder) : Stream.empty()) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(each);
        }
        return;
      } catch (IOException | UncheckedIOException e) {
        reason = String.valueOf(e.getMessage());
      }
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
    throw CliException.unavailable(folder + " cannot be removed: " + reason);
  }
}
