package dev.koalja.soak;

import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.platform.Platform;
import dev.koalja.soak.Recoveries.Seen;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.common.TopicPartition;

/** Carries out the faults of a plan, and measures how long it takes to get over the kills. */
final class Faults {
  private static final Duration RECOVERY_LIMIT = Duration.ofSeconds(30);
  private static final Duration ADMIN_LIMIT = Duration.ofSeconds(5);

  private final Platform platform;
  private final Recoveries recoveries;
  private final Runnable struck;
  private final Map<String, Reader> groups = new HashMap<>();
  private volatile CompletableFuture<Instant> acknowledged = new CompletableFuture<>();
  private volatile Instant gatewayKilled = Instant.MAX;

  /**
   * @param struck told whenever something has happened, before anybody waits for the recovery
   */
  Faults(Platform platform, Pipeline pipeline, Recoveries recoveries, Runnable struck) {
    this.platform = platform;
    this.recoveries = recoveries;
    this.struck = struck;
    for (Reader reader : pipeline.readers()) {
      if (reader.stage() == Reader.Stage.INPUT) {
        groups.put(TopicName.group(reader), reader);
      }
    }
  }

  /** An event was answered 2xx. */
  void acknowledged(Instant sentAt) {
    if (sentAt.isAfter(gatewayKilled)) {
      acknowledged.complete(Instant.now());
    }
  }

  /** Makes one thing happen and be over, but for a router that is away: that is handed back. */
  CompletableFuture<Void> happen(Plan.Fault fault) throws InterruptedException, IOException {
    Thread.sleep(fault.waitMs()); // the moment that the plan chose
    switch (fault.kind()) {
      case KILL_ROUTER -> killRouter(fault);
      case KILL_FUNCTIONS -> killFunctions(fault);
      case KILL_BROKER -> {
        Instant before = Instant.now();
        platform.broker().kill9();
        Instant killed = Instant.now();
        // what was fetched before may still be handed over
        Predicate<Seen> sign = seen -> seen.polledAt().isAfter(killed.plusMillis(250));
        CompletableFuture<Instant> seen = recoveries.first(sign);
        struck.run();
        Platform.untilStarted(platform.broker()::restart);
        measure(fault, before, seen);
      }
      case KILL_GATEWAY -> {
        Instant before = Instant.now();
        platform.gateway().kill9();
        acknowledged = new CompletableFuture<>();
        gatewayKilled = Instant.now();
        struck.run();
        Platform.untilStarted(platform.gateway()::restart);
        measure(fault, before, acknowledged);
        gatewayKilled = Instant.MAX;
      }
      case PAUSE_ROUTER ->
          pause(List.of(platform.routers().get(fault.slot()).process().pid()), fault);
      case PAUSE_FUNCTIONS -> pause(platform.functions(fault.slot()), fault);
      case PAUSE_BROKER -> pause(List.of(platform.broker().process().pid()), fault);
      case LEAVE_ROUTER -> {
        struck.run();
        return leave(fault);
      }
    }
    return CompletableFuture.completedFuture(null);
  }

  private CompletableFuture<Void> leave(Plan.Fault fault) {
    CompletableFuture<Void> back = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("soak-leave")
        .start(
            () -> {
              try {
                platform.routers().get(fault.slot()).stop();
                Thread.sleep(fault.lastsMs());
                Platform.untilStarted(platform.routers().get(fault.slot())::restart);
                back.complete(null);
              } catch (InterruptedException | RuntimeException e) {
                back.completeExceptionally(e);
              }
            });
    return back;
  }

  private void killRouter(Plan.Fault fault) throws InterruptedException {
    Set<Input> owned = fault.apart() ? owned(fault.slot()) : Set.of();
    Instant before = Instant.now();
    platform.routers().get(fault.slot()).kill9();
    Instant killed = Instant.now();
    CompletableFuture<Instant> seen =
        recoveries.first(
            each ->
                each.record().endedAt().isAfter(killed)
                    && each.record().inputs().stream()
                        .anyMatch(
                            input ->
                                owned.contains(
                                    new Input(
                                        each.record().task(),
                                        input.input(),
                                        new TopicPartition(input.topic(), input.partition())))));
    struck.run();
    Platform.untilStarted(platform.routers().get(fault.slot())::restart);
    if (!owned.isEmpty()) {
      measure(fault, before, seen);
    }
  }

  private record Input(String task, String input, TopicPartition from) {}

  /** What a router reads now. */
  private Set<Input> owned(int slot) throws InterruptedException {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", platform.broker().bootstrapServers());
    Set<Input> owned = new HashSet<>();
    try (Admin admin = Admin.create(properties)) {
      Map<String, ConsumerGroupDescription> described =
          admin
              .describeConsumerGroups(groups.keySet())
              .all()
              .get(ADMIN_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      described.forEach(
          (group, description) -> {
            Reader reader = groups.get(group);
            if (reader != null) {
              description.members().stream()
                  .filter(
                      member ->
                          member.groupInstanceId().filter(("koalja-" + slot)::equals).isPresent())
                  .flatMap(member -> member.assignment().topicPartitions().stream())
                  .map(
                      partition ->
                          new Input(
                              reader.task().name().value(),
                              reader.input().name().value(),
                              partition))
                  .forEach(owned::add);
            }
          });
    } catch (ExecutionException | TimeoutException e) {
      return Set.of(); // not to be known just now: the kill is not measured
    }
    return owned;
  }

  private void killFunctions(Plan.Fault fault) throws InterruptedException {
    List<Long> victims = functions(fault.slot());
    Set<String> before = new HashSet<>();
    platform.functions().forEach(pid -> before.add("process " + pid));
    Instant killed = Instant.now();
    victims.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    struck.run();
    CompletableFuture<Instant> seen =
        recoveries.first(
            each ->
                each.record().endedAt().isAfter(killed)
                    && each.record().instance().filter(name -> !before.contains(name)).isPresent());
    if (!victims.isEmpty()) {
      measure(fault, killed, seen);
    }
  }

  /** A router that has nothing to do at present has none: then those of another one. */
  private List<Long> functions(int slot) throws InterruptedException {
    List<Long> pids = platform.functions(slot);
    for (int other = 0; pids.isEmpty() && other < platform.routers().size(); other++) {
      pids = platform.functions(other);
    }
    return pids;
  }

  private void measure(Plan.Fault fault, Instant killed, CompletableFuture<Instant> seen)
      throws InterruptedException {
    if (fault.apart()) {
      recoveries.measure(fault.kind(), killed, seen, RECOVERY_LIMIT);
    }
  }

  /** A shell of its own lets them go on again, also when we are killed meanwhile. */
  private void pause(List<Long> pids, Plan.Fault fault) throws InterruptedException, IOException {
    struck.run();
    if (pids.isEmpty()) {
      return;
    }
    String all = pids.stream().map(Object::toString).collect(Collectors.joining(" "));
    String seconds = String.format(Locale.ROOT, "%.3f", fault.lastsMs() / 1000.0);
    new ProcessBuilder(
            "/bin/sh",
            "-c",
            "trap '' INT TERM HUP; kill -STOP %1$s; sleep %2$s; kill -CONT %1$s"
                .formatted(all, seconds))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
