package dev.koalja.cli.breadboard;

import dev.koalja.cli.CliException;
import dev.koalja.cli.Exit;
import dev.koalja.cli.Versions;
import dev.koalja.cli.show.Screen;
import dev.koalja.cli.show.Words;
import dev.koalja.launch.BrokerProcess;
import dev.koalja.launch.LaunchException;
import dev.koalja.launch.ServiceProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Broker and breadboard while they start, side by side. Can be given up from another thread. */
final class Start {
  private final Plan plan;
  private final Screen screen;
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Breadboard> result = new CompletableFuture<>();
  private volatile boolean givenUp;

  Start(Plan plan, Screen screen) {
    this.plan = plan;
    this.screen = screen;
  }

  /**
   * Starts both and returns when both are ready.
   *
   * @throws LaunchException when one of them does not come up; nothing is left running then
   */
  Breadboard run() {
    screen.doing("Starting Kafka, gateway and router …");
    CompletableFuture<Optional<BrokerProcess>> broker =
        CompletableFuture.supplyAsync(this::startBroker, this::inThread);
    CompletableFuture<ServiceProcess> service =
        CompletableFuture.supplyAsync(() -> startService(broker), this::inThread);
    try {
      Breadboard breadboard = new Breadboard(plan, screen, broker.join(), service.join());
      result.complete(breadboard);
      return breadboard;
    } catch (CompletionException e) {
      CompletableFuture.allOf(
              broker.handle((started, _) -> end(started)),
              service.handle((started, _) -> end(started)))
          .join();
      result.completeExceptionally(e);
      if (givenUp) {
        throw new CliException(Exit.INTERRUPTED, "Stopped before it was ready.", List.of());
      }
      throw e.getCause() instanceof RuntimeException reason ? reason : e;
    }
  }

  /** Ends what has been started so far; in good order what is ready. Removes what is ephemeral. */
  void giveUp() {
    if (result.isCompletedExceptionally()) {
      return; // nothing is left running, and the reason is in a log of that folder
    }
    givenUp = true;
    threads.forEach(Thread::interrupt);
    Optional<Breadboard> ready = result.handle((started, _) -> Optional.ofNullable(started)).join();
    if (ready.isPresent()) {
      ready.get().close();
    } else if (plan.ephemeral()) {
      Breadboard.remove(plan.state());
    }
  }

  private void inThread(Runnable task) {
    Thread thread = Thread.ofVirtual().unstarted(task);
    threads.add(thread);
    thread.start();
  }

  private static boolean end(@Nullable Optional<BrokerProcess> started) {
    if (started != null) {
      started.ifPresent(BrokerProcess::stop);
    }
    return true;
  }

  private static boolean end(@Nullable ServiceProcess started) {
    if (started != null) {
      started.kill9();
    }
    return true;
  }

  private Optional<BrokerProcess> startBroker() {
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

  private ServiceProcess startService(CompletableFuture<Optional<BrokerProcess>> broker) {
    try {
      return startService();
    } catch (LaunchException e) {
      if (givenUp) {
        throw e;
      }
      // its patience may have ended before a slow broker was up
      broker.join();
      return startService();
    }
  }

  private ServiceProcess startService() {
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
    plan.builds().ifPresent(folder -> settings.put("koalja.serving.builds", folder.toString()));
    plan.debuggers()
        .forEach((app, port) -> settings.put("koalja.serving.debug.\"" + app + "\"", "" + port));
    plan.attached()
        .forEach((app, port) -> settings.put("koalja.serving.attached.\"" + app + "\"", "" + port));
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
}
