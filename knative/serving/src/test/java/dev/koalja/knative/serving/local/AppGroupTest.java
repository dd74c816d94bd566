package dev.koalja.knative.serving.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.knative.serving.InstanceStatus;
import dev.koalja.knative.serving.Lease;
import dev.koalja.knative.serving.StartPhase;
import dev.koalja.knative.serving.UnavailableException;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.TaskName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AppGroupTest {
  private static final AppName APP = new AppName("shop");
  private static final TaskName PRICE = new TaskName("price");
  private static final TaskName SHIP = new TaskName("ship");
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final CountDownLatch OPEN = new CountDownLatch(0);

  private final Heard heard = new Heard();
  private final AppCatalog catalog = new AppCatalog();
  private final Queue<FakeProcess> launched = new ConcurrentLinkedQueue<>();
  private final List<AppGroup> groups = new ArrayList<>();

  @AfterEach
  void closeAll() throws InterruptedException {
    for (AppGroup group : groups) {
      group.close(LONG);
      group.awaitEnded(System.nanoTime() + LONG.toNanos());
    }
  }

  private static AppBuild build(String revision) {
    return new AppBuild(
        APP,
        revision,
        List.of("-jar", "none.jar"),
        Path.of("."),
        Map.of(),
        Path.of("."),
        List.of(),
        Optional.empty());
  }

  private static GroupSpec spec(int concurrency, int min, int max, Duration idle) {
    return spec(concurrency, min, max, idle, Duration.ZERO);
  }

  private static GroupSpec spec(
      int concurrency, int min, int max, Duration idle, Duration timeout) {
    return new GroupSpec(
        new GroupSpec.Key(new PipelineName("p"), APP, Optional.empty()),
        Map.of(PRICE, concurrency, SHIP, concurrency),
        min,
        max,
        idle,
        timeout);
  }

  private AppGroup group(GroupSpec spec, ProcessLauncher launcher) {
    catalog.put(build("1"));
    AppGroup group = new AppGroup(spec, catalog, launcher, LocalSettings.DEFAULT, heard);
    groups.add(group);
    return group;
  }

  private AppProcess launch(CountDownLatch mayBeReady) {
    FakeProcess process = new FakeProcess(mayBeReady);
    launched.add(process);
    return process;
  }

  @Test
  void shouldStartOneProcessForManyRequestsAndServeThemInOrder() throws Exception {
    CountDownLatch mayBeReady = new CountDownLatch(1);
    AppGroup group = group(spec(1, 0, 1, LONG), _ -> launch(mayBeReady));
    Queue<Integer> order = new ConcurrentLinkedQueue<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 50; i++) {
        int number = i;
        threads.submit(
            () -> {
              try (Lease lease = group.acquire(PRICE, LONG)) {
                order.add(number);
                return lease.endpoint();
              }
            });
        int waiting = i + 1;
        Awaitility.await()
            .pollDelay(Duration.ZERO)
            .until(() -> group.status().waiting() == waiting);
      }
      mayBeReady.countDown();
    }
    assertThat(List.copyOf(order)).isSorted().hasSize(50);
    assertThat(launched).hasSize(1);
    assertThat(group.status().starts().ready()).isEqualTo(1);
  }

  @Test
  void shouldTellOnlyThoseWhoWaitedThatTheyWaitedForAStart() throws Exception {
    AppGroup group = group(spec(10, 0, 1, LONG), _ -> launch(OPEN));
    try (Lease first = group.acquire(PRICE, LONG);
        Lease second = group.acquire(SHIP, LONG)) {
      assertThat(first.coldStart())
          .hasValueSatisfying(took -> assertThat(took).isBetween(Duration.ofMillis(10), LONG));
      assertThat(second.coldStart()).isEmpty();
      assertThat(second.endpoint().getPath()).isEqualTo("/ship");
      assertThat(second.instance()).startsWith("process ");
    }
  }

  @Test
  void shouldGiveEachTaskItsOwnPlaces() throws Exception {
    AppGroup group = group(spec(1, 0, 1, LONG), _ -> launch(OPEN));
    try (Lease price = group.acquire(PRICE, LONG);
        Lease ship = group.acquire(SHIP, LONG)) {
      assertThat(price.instance()).isEqualTo(ship.instance());
      assertThatThrownBy(() -> group.acquire(PRICE, Duration.ofMillis(20)))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("price")
          .hasMessageContaining("1 of at most 1 processes");
    }
  }

  @Test
  void shouldPassAnExitWhileStartingToAllWhoWait() {
    AppGroup group =
        group(
            spec(1, 0, 4, LONG),
            _ -> {
              FakeProcess process = new FakeProcess(OPEN);
              process.end(3);
              return process;
            });
    assertThatThrownBy(() -> group.acquire(PRICE, LONG))
        .isInstanceOf(UnavailableException.class)
        .hasMessage("process ended with 3 while starting");
    assertThat(group.status().reason())
        .hasValueSatisfying(
            reason -> assertThat(reason).contains("ended with 3").contains("next try in"));
  }

  @Test
  void shouldPassOnThatTheOperatingSystemRefuses() {
    AppGroup group =
        group(
            spec(1, 0, 4, LONG),
            _ -> {
              throw new IOException("no more processes");
            });
    assertThatThrownBy(() -> group.acquire(PRICE, LONG))
        .isInstanceOf(UnavailableException.class)
        .hasMessage("no more processes");
  }

  @Test
  void shouldSayWhatToDoWhenTheAppIsNotBuilt() {
    AppGroup group =
        new AppGroup(
            spec(1, 0, 1, LONG), new AppCatalog(), _ -> launch(OPEN), LocalSettings.DEFAULT, heard);
    groups.add(group);
    assertThatThrownBy(() -> group.acquire(PRICE, LONG)).hasMessageContaining("run mvn package");
  }

  @Test
  void shouldReplaceACrashedProcessForThoseWhoWait() throws Exception {
    AppGroup group = group(spec(1, 0, 1, LONG), _ -> launch(OPEN));
    Lease held = group.acquire(PRICE, LONG);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> waiting =
          threads.submit(
              () -> {
                try (Lease lease = group.acquire(PRICE, LONG)) {
                  return lease.instance();
                }
              });
      Awaitility.await().until(() -> group.status().waiting() == 1);
      launched.element().end(137);
      assertThat(waiting.get(10, TimeUnit.SECONDS)).isNotEqualTo(held.instance());
    }
    held.close();
    assertThat(group.status().starts().crashes()).isEqualTo(1);
  }

  @Test
  void shouldNotUseAProcessThatDoesNotAnswer() throws Exception {
    AppGroup group = group(spec(10, 0, 1, LONG), _ -> launch(OPEN));
    String first;
    try (Lease lease = group.acquire(PRICE, LONG)) {
      first = lease.instance();
      launched.element().goDeaf();
      lease.failed();
    }
    try (Lease lease = group.acquire(PRICE, LONG)) {
      assertThat(lease.instance()).isNotEqualTo(first);
    }
    assertThat(group.status().starts().crashes()).isEqualTo(1);
  }

  @Test
  void shouldGoOnWithAProcessThatAnswersAfterAll() throws Exception {
    AppGroup group = group(spec(10, 0, 1, LONG), _ -> launch(OPEN));
    String first;
    try (Lease lease = group.acquire(PRICE, LONG)) {
      first = lease.instance();
      lease.failed();
    }
    try (Lease lease = group.acquire(PRICE, LONG)) {
      assertThat(lease.instance()).isEqualTo(first);
    }
    assertThat(group.status().starts().crashes()).isZero();
  }

  @Test
  void shouldForgetFailedStartsOnceAProcessWasDrainedInPeace() throws Exception {
    AtomicBoolean broken = new AtomicBoolean(true);
    AppGroup group =
        group(
            spec(1, 0, 1, Duration.ofMillis(50)),
            _ -> {
              if (broken.get()) {
                throw new IOException("no more processes");
              }
              return launch(OPEN);
            });
    for (int i = 0; i < 3; i++) { // 250, 500 and 1000 ms to wait
      Awaitility.await().until(() -> !String.valueOf(group.status().reason()).contains("next try"));
      assertThatThrownBy(() -> group.acquire(PRICE, LONG)).hasMessage("no more processes");
    }
    broken.set(false);
    Awaitility.await()
        .until(
            () -> {
              group.tick();
              group.prewarm();
              return group.status().starts().ready() > 0;
            });
    Awaitility.await()
        .until(
            () -> {
              group.tick();
              return group.status().instances().isEmpty();
            });

    broken.set(true);
    assertThatThrownBy(() -> group.acquire(PRICE, LONG)).hasMessage("no more processes");

    assertThat(group.status().reason())
        .hasValueSatisfying(
            reason ->
                assertThat(Integer.parseInt(reason.replaceAll(".*next try in (\\d+) ms.*", "$1")))
                    .isLessThanOrEqualTo(250));
  }

  @Test
  void shouldCloseAtOnceWhenNothingIsInFlight() throws Exception {
    AppGroup group = group(spec(1, 0, 1, LONG), _ -> launch(OPEN));
    group.acquire(PRICE, LONG).close();
    long begin = System.nanoTime();
    group.close(LONG);
    group.awaitEnded(begin + LONG.toNanos());
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
    assertThat(group.ended()).isTrue();
  }

  @Test
  void shouldNotWaitForALeaseThatNobodyGivesBackWhenItCloses() throws Exception {
    AppGroup group = group(spec(1, 0, 1, LONG), _ -> launch(OPEN));
    try (Lease held = group.acquire(PRICE, LONG)) {
      long begin = System.nanoTime();
      group.close(LONG); // as when its pipeline went, with all the time of a drain
      group.awaitEnded(begin + Duration.ofMillis(200).toNanos());
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
      assertThat(group.ended()).as("%s is gone", held.instance()).isTrue();
    }
  }

  @Test
  void shouldReplaceABuildOnlyOnceTheNewOneIsReady() throws Exception {
    CountDownLatch newMayBeReady = new CountDownLatch(1);
    AppGroup group =
        group(
            spec(10, 0, 2, LONG),
            build -> launch(build.revision().equals("1") ? OPEN : newMayBeReady));
    String old;
    try (Lease lease = group.acquire(PRICE, LONG)) {
      old = lease.instance();
    }
    catalog.put(build("2"));
    group.buildChanged();
    try (Lease lease = group.acquire(PRICE, LONG)) {
      assertThat(lease.instance()).isEqualTo(old);
    }
    newMayBeReady.countDown();
    Awaitility.await()
        .until(
            () ->
                group.status().instances().stream()
                    .map(InstanceStatus::revision)
                    .toList()
                    .equals(List.of("2")));
    try (Lease lease = group.acquire(PRICE, LONG)) {
      assertThat(lease.instance()).isNotEqualTo(old);
    }
  }

  @Test
  void shouldUseWhatStandsByOnlyOnceItTakesOver() throws Exception {
    AppGroup group = group(spec(10, 0, 2, LONG), _ -> launch(OPEN));
    Lease held = group.acquire(PRICE, LONG);

    assertThat(group.standBy(build("2"), false).get(10, TimeUnit.SECONDS)).isEmpty();

    assertThat(revisions(group)).containsExactly("1", "2");
    try (Lease lease = group.acquire(PRICE, LONG)) {
      assertThat(lease.instance()).isEqualTo(held.instance());
    }
    catalog.replace(build("2"));
    group.takeOver(build("2"));
    try (Lease lease = group.acquire(PRICE, LONG)) {
      assertThat(lease.instance()).isNotEqualTo(held.instance());
      assertThat(lease.coldStart()).isEmpty();
    }
    assertThat(revisions(group)).as("the old one has a call in flight").containsExactly("1", "2");
    held.close();
    Awaitility.await().until(() -> revisions(group).equals(List.of("2")));
    assertThat(launched).hasSize(2);
  }

  @Test
  void shouldStartNothingAtZeroAndUseTheNewBuildFromThenOn() throws Exception {
    AppGroup group = group(spec(10, 0, 2, LONG), _ -> launch(OPEN));

    assertThat(group.standBy(build("2"), false).get(10, TimeUnit.SECONDS)).isEmpty();

    assertThat(launched).isEmpty();
    catalog.replace(build("2"));
    group.takeOver(build("2"));
    assertThat(launched).isEmpty();
    try (Lease _ = group.acquire(PRICE, LONG)) {
      assertThat(revisions(group)).containsExactly("2");
    }
  }

  @Test
  void shouldGoOnWhenWhatStandsByDoesNotStart() throws Exception {
    AppGroup group =
        group(
            spec(10, 0, 2, LONG),
            build -> {
              FakeProcess process = new FakeProcess(OPEN);
              if (build.revision().equals("2")) {
                process.end(3);
              }
              return process;
            });
    group.acquire(PRICE, LONG).close();

    assertThat(group.standBy(build("2"), false).get(10, TimeUnit.SECONDS))
        .contains("process ended with 3 while starting");

    assertThat(revisions(group)).containsExactly("1");
    assertThat(group.status().reason()).isEmpty();
    group.acquire(PRICE, Duration.ZERO).close();
  }

  @Test
  void shouldEndWhatStandsByWhenItIsNotWantedAnyMore() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    AppGroup group =
        group(spec(10, 0, 2, LONG), build -> launch(build.revision().equals("2") ? never : OPEN));
    group.acquire(PRICE, LONG).close();
    Future<Optional<String>> start = group.standBy(build("2"), false);
    Awaitility.await().until(() -> launched.size() == 2);

    group.standDown();
    never.countDown();

    assertThat(start.get(10, TimeUnit.SECONDS)).isPresent();
    Awaitility.await().until(() -> revisions(group).equals(List.of("1")));
  }

  @Test
  void shouldHaveRequestsWaitForTheNewBuildRatherThanMeetTheOldAfterItTookOver() throws Exception {
    CountDownLatch newMayBeReady = new CountDownLatch(1);
    AppGroup group =
        group(
            spec(10, 0, 2, LONG),
            build -> launch(build.revision().equals("1") ? OPEN : newMayBeReady));
    // started after the new build was prepared at zero
    assertThat(group.standBy(build("2"), false).get(10, TimeUnit.SECONDS)).isEmpty();
    group.acquire(PRICE, LONG).close();

    catalog.replace(build("2"));
    group.takeOver(build("2"));

    assertThatThrownBy(() -> group.acquire(PRICE, Duration.ofMillis(100)))
        .isInstanceOf(UnavailableException.class);
    newMayBeReady.countDown();
    try (Lease lease = group.acquire(PRICE, LONG)) {
      assertThat(lease.endpoint().getPath()).isEqualTo("/price");
    }
    Awaitility.await().until(() -> revisions(group).equals(List.of("2")));
  }

  private static List<String> revisions(AppGroup group) {
    return group.status().instances().stream().map(InstanceStatus::revision).toList();
  }

  @Test
  void shouldGoToZeroAfterTheIdleTimeAndCountWastedStarts() {
    AppGroup group = group(spec(10, 0, 2, Duration.ofMillis(300)), _ -> launch(OPEN));
    group.prewarm();
    group.prewarm();
    Awaitility.await()
        .until(
            () -> {
              group.tick();
              return group.status().instances().isEmpty() && group.status().starts().ready() == 1;
            });
    assertThat(group.status().starts().wasted()).isEqualTo(1);
    assertThat(launched).hasSize(1);
  }

  @Test
  void shouldMeasureEachPhaseOfAStartAndTheFirstReplyOnce() throws Exception {
    AppGroup group = group(spec(10, 0, 1, LONG), _ -> launch(OPEN));
    for (int call = 0; call < 3; call++) {
      group.acquire(PRICE, LONG).close();
    }
    // told after the place was given
    Awaitility.await().until(() -> heard.starts.size() == 1 && heard.replies.size() == 1);
    Map<StartPhase, Duration> last = group.status().starts().last();
    assertThat(last.keySet()).containsExactly(StartPhase.values());
    assertThat(last)
        .containsEntry(StartPhase.SPAWN, Duration.ofMillis(1))
        .containsEntry(StartPhase.JVM, Duration.ofMillis(2))
        .containsEntry(StartPhase.APP, Duration.ofMillis(3))
        .containsEntry(StartPhase.READY, Duration.ofMillis(4))
        .containsEntry(StartPhase.REPLY, heard.replies.element());
    assertThat(group.status().starts().medians()).isEqualTo(last);
  }

  @Test
  void shouldNotTakeABrokenConnectionForAReply() throws Exception {
    AppGroup group = group(spec(10, 0, 1, LONG), _ -> launch(OPEN));
    Lease broken = group.acquire(PRICE, LONG);
    broken.failed();
    broken.close();
    assertThat(heard.replies).isEmpty();
    assertThat(group.status().starts().last()).doesNotContainKey(StartPhase.REPLY);
  }

  @Test
  void shouldCountAStartAheadThatAnEventReachedAsUseful() throws Exception {
    AppGroup group = group(spec(10, 0, 2, LONG), _ -> launch(OPEN));
    group.prewarm();
    Awaitility.await().until(() -> group.status().starts().ready() == 1);
    assertThat(heard.ahead).isEmpty();
    for (int call = 0; call < 2; call++) {
      try (Lease lease = group.acquire(PRICE, LONG)) {
        assertThat(lease.coldStart()).isEmpty();
      }
    }
    assertThat(heard.ahead).containsExactly(true);
    group.close(LONG);
    group.awaitEnded(System.nanoTime() + LONG.toNanos());
    assertThat(group.status().starts().useful()).isEqualTo(1);
    assertThat(group.status().starts().wasted()).isZero();
  }

  @Test
  void shouldCallNoStartWastedThatWasNotGivenItsIdleTime() throws Exception {
    AppGroup group = group(spec(10, 0, 2, LONG), _ -> launch(OPEN));
    group.prewarm();
    Awaitility.await().until(() -> group.status().starts().ready() == 1);
    group.close(LONG);
    group.awaitEnded(System.nanoTime() + LONG.toNanos());
    assertThat(group.status().starts().wasted()).isZero();
    assertThat(heard.ahead).isEmpty();
  }

  @Test
  void shouldStartNoneAheadAfterThreeInVainUntilAnEventComes() throws Exception {
    AppGroup group = group(spec(10, 0, 2, Duration.ofMillis(50)), _ -> launch(OPEN));
    for (int vain = 1; vain <= 3; vain++) {
      assertThat(group.status().starts().paused()).isFalse();
      group.prewarm();
      idleAfter(group, vain);
    }
    assertThat(group.status().starts().wasted()).isEqualTo(3);
    assertThat(group.status().starts().paused()).isTrue();
    group.prewarm();
    assertThat(group.status().instances()).isEmpty();

    group.acquire(PRICE, LONG).close();
    idleAfter(group, 4);
    group.prewarm();
    idleAfter(group, 5);
    assertThat(heard.ahead).containsExactly(false, false, false, false);
  }

  private static void idleAfter(AppGroup group, int starts) {
    Awaitility.await()
        .until(
            () -> {
              group.tick();
              return group.status().starts().ready() == starts
                  && group.status().instances().isEmpty();
            });
  }

  @Test
  void shouldSayWhatAStartWithoutItsCacheCosts() throws Exception {
    Queue<String> problems = new ConcurrentLinkedQueue<>(List.of("", "app.jar changed"));
    AppGroup group =
        group(
            spec(10, 0, 1, Duration.ofMillis(50)),
            _ -> {
              FakeProcess process = new FakeProcess(OPEN);
              String problem = problems.remove();
              return problem.isEmpty() ? process : process.without(problem);
            });
    group.acquire(PRICE, LONG).close();
    assertThat(group.status().starts().withoutCache()).isEmpty();
    idleAfter(group, 1);

    group.acquire(PRICE, LONG).close();
    assertThat(group.status().starts().withoutCache())
        .hasValueSatisfying(
            why ->
                assertThat(why)
                    .matches(
                        "app.jar changed: the last start took \\d+ ms, with its cache it was \\d+ ms"));
  }

  @Test
  void shouldScaleOutUnderLoadAndKeepTheMinimumAfterwards() throws Exception {
    AppGroup group = group(spec(1, 1, 3, Duration.ofMillis(300)), _ -> launch(OPEN));
    List<Lease> leases = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Lease>> waiting = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        waiting.add(threads.submit(() -> group.acquire(PRICE, LONG)));
      }
      Awaitility.await()
          .until(
              () -> {
                group.tick();
                return waiting.stream().allMatch(Future::isDone);
              });
      for (Future<Lease> each : waiting) {
        leases.add(each.get());
      }
    }
    assertThat(leases.stream().map(Lease::instance).distinct()).hasSize(3);
    leases.forEach(Lease::close);
    Awaitility.await()
        .until(
            () -> {
              group.tick();
              return group.status().instances().size() == 1;
            });
    group.tick();
    assertThat(group.status().instances()).hasSize(1);
  }

  @Test
  void shouldRefuseMoreThanMayWait() {
    AppGroup group = group(spec(1, 0, 1, LONG), _ -> launch(new CountDownLatch(1)));
    LocalSettings few = new LocalSettings(LONG, LONG, LONG, 0, Duration.ofMillis(250));
    AppGroup tight = new AppGroup(spec(1, 0, 1, LONG), catalog, _ -> launch(OPEN), few, heard);
    groups.remove(group);
    groups.add(tight);
    assertThatThrownBy(() -> tight.acquire(PRICE, LONG))
        .hasMessageContaining("wait for task price");
  }

  @Test
  void shouldReleaseAllWaitersWhenItCloses() {
    AppGroup group = group(spec(1, 0, 1, LONG), _ -> launch(new CountDownLatch(1)));
    groups.remove(group);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Lease> waiting = threads.submit(() -> group.acquire(PRICE, LONG));
      Awaitility.await().until(() -> group.status().waiting() == 1);
      group.close(LONG);
      assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(UnavailableException.class)
          .hasMessageContaining("is stopping");
    }
  }

  /**
   * Many threads take and give back places, are interrupted, time out, while processes are killed
   * at random. Nobody may hang, no process may ever hold more than its concurrency, and all places
   * must be free in the end.
   */
  @Test
  void shouldNeverLoseAWakeUpOrAPlaceUnderRandomKillsAndInterrupts() throws Exception {
    long seed = System.nanoTime();
    boolean full = "full".equals(System.getProperty("koalja.depth"));
    Duration length = full ? Duration.ofSeconds(60) : Duration.ofSeconds(4);
    int concurrency = 3;
    AppGroup group = group(spec(concurrency, 0, 3, LONG), _ -> launch(OPEN));
    Map<String, AtomicInteger> busy = new ConcurrentHashMap<>();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger tooMany = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      Random random = new Random(seed + i);
      TaskName task = i % 2 == 0 ? PRICE : SHIP;
      workers.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!stop.get()) {
                      Duration limit = random.nextInt(4) == 0 ? Duration.ofMillis(1) : LONG;
                      try (Lease lease = group.acquire(task, limit)) {
                        AtomicInteger here =
                            busy.computeIfAbsent(lease.instance() + task, _ -> new AtomicInteger());
                        if (here.incrementAndGet() > concurrency) {
                          tooMany.incrementAndGet();
                        }
                        if (random.nextInt(20) == 0) {
                          Thread.yield();
                        }
                        if (random.nextInt(500) == 0) {
                          lease.failed();
                        }
                        here.decrementAndGet();
                        done.incrementAndGet();
                      } catch (UnavailableException e) {
                        Thread.yield();
                      } catch (InterruptedException e) {
                        // goes on: the interrupt was only to disturb
                        done.incrementAndGet();
                      }
                    }
                  }));
    }
    Random random = new Random(seed);
    long end = System.nanoTime() + length.toNanos();
    while (System.nanoTime() < end) {
      workers.get(random.nextInt(workers.size())).interrupt();
      List<FakeProcess> alive = List.copyOf(launched);
      if (random.nextInt(50) == 0 && !alive.isEmpty()) {
        FakeProcess victim = alive.get(random.nextInt(alive.size()));
        victim.end(137);
        launched.remove(victim);
      }
      if (random.nextInt(20) == 0) {
        group.buildChanged(); // also forgets the back-off, so that kills do not become pauses
        group.tick();
      }
      Thread.yield();
    }
    stop.set(true);
    for (Thread worker : workers) {
      assertThat(worker.join(Duration.ofSeconds(30))).as("a worker hangs, seed %d", seed).isTrue();
    }
    assertThat(tooMany).as("seed %d", seed).hasValue(0);
    assertThat(done.get()).as("seed %d", seed).isGreaterThan(1000);
    assertThat(group.status().waiting()).isZero();
    assertThat(group.status().instances()).allMatch(instance -> instance.inFlight() == 0);
  }

  @Test
  void shouldRefuseWhoWaitsUntilATaskIsWiredAnewAndKeepWhoHasAPlace() throws Exception {
    AppGroup group = group(spec(1, 0, 1, LONG), _ -> launch(OPEN));
    Lease held = group.acquire(PRICE, LONG);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Lease> waiting = threads.submit(() -> group.acquire(PRICE, LONG));
      Awaitility.await().until(() -> group.status().waiting() == 1);

      group.refuseWaiting(PRICE);

      assertThatThrownBy(() -> waiting.get(5, TimeUnit.SECONDS))
          .hasCauseInstanceOf(UnavailableException.class)
          .hasMessageContaining("price is being wired anew");
      assertThatThrownBy(() -> group.acquire(PRICE, LONG)).isInstanceOf(UnavailableException.class);
      assertThat(held.endpoint().getPath()).isEqualTo("/price");
      group.acquire(SHIP, LONG).close(); // another task has nothing to do with it

      group.change(spec(1, 0, 1, LONG));
      Future<Lease> next = threads.submit(() -> group.acquire(PRICE, LONG));
      Awaitility.await().until(() -> group.status().waiting() == 1);
      held.close();
      next.get(5, TimeUnit.SECONDS).close();
    }
  }

  @Test
  void shouldGiveACallOfAReplacedProcessTheTimeThatEveryCallHas() throws Exception {
    LocalSettings hasty =
        new LocalSettings(
            LONG, Duration.ofMillis(100), Duration.ofSeconds(1), 100, Duration.ofMillis(250));
    catalog.put(build("1"));
    AppGroup group =
        new AppGroup(spec(1, 0, 1, LONG, LONG), catalog, _ -> launch(OPEN), hasty, heard);
    groups.add(group);
    Lease call = group.acquire(PRICE, LONG);
    FakeProcess old = launched.element();

    catalog.replace(build("2"));
    group.takeOver(build("2"));

    Awaitility.await()
        .during(Duration.ofMillis(500))
        .atMost(Duration.ofSeconds(5))
        .until(() -> old.answers(Duration.ZERO));
    call.close();
    Awaitility.await().until(() -> !old.answers(Duration.ZERO));
  }

  @Test
  void shouldBeCheapWhenWarm() throws Exception {
    AppGroup group = group(spec(100, 0, 1, LONG), _ -> launch(OPEN));
    group.acquire(PRICE, LONG).close();
    int calls = 20_000;
    long begin = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < calls; i++) {
        threads.submit(
            () -> {
              group.acquire(PRICE, LONG).close();
              return true;
            });
      }
    }
    // thousands a second are needed; far fewer would mean that somebody sleeps
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
    assertThat(group.status().starts().ready()).isEqualTo(1);
  }
}
