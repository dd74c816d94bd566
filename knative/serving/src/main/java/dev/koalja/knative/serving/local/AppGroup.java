package dev.koalja.knative.serving.local;

import dev.koalja.knative.serving.AppStatus;
import dev.koalja.knative.serving.ColdStart;
import dev.koalja.knative.serving.Lease;
import dev.koalja.knative.serving.UnavailableException;
import dev.koalja.pipeline.TaskName;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The processes that share the functions of an app: hands out their places, keeps requests while
 * none is free, decides how many there are, replaces what crashed.
 *
 * <p>One lock guards all of it and is held only to count and to link, never while anything blocks.
 * Each instance has one virtual thread that lives its life from top to bottom: launch, wait until
 * ready, wait until ended.
 */
final class AppGroup {
  private static final Logger LOG = Logger.getLogger(AppGroup.class);
  private static final Duration PROBE = Duration.ofSeconds(2);
  private static final int PROBES = 3;

  /** What a process has at most for its own end, of the time that a drain may take. */
  private static final Duration LAST_CHANCE = Duration.ofSeconds(5);

  private static final int PORT_TRIES = 5;

  /** How long the operating system may take to end what was killed. */
  private static final Duration KILLED = Duration.ofSeconds(1);

  private final AppCatalog catalog;
  private final ProcessLauncher launcher;
  private final LocalSettings settings;
  private final StartListener listener;
  private final ReentrantLock lock = new ReentrantLock();

  private GroupSpec spec;
  private final Map<TaskName, Lane> lanes = new LinkedHashMap<>();
  private final List<Instance> instances = new ArrayList<>();
  private final StartBackoff backoff = new StartBackoff();
  private final StartRecord record = new StartRecord();
  private int nextLane;
  private int wanted;
  private int portTries;
  private long surplusSince;
  private boolean surplus;
  private boolean closed;
  private Duration drainLimit;
  private @Nullable String reason;

  AppGroup(
      GroupSpec spec,
      AppCatalog catalog,
      ProcessLauncher launcher,
      LocalSettings settings,
      StartListener listener) {
    this.spec = spec;
    this.catalog = catalog;
    this.launcher = launcher;
    this.settings = settings;
    this.drainLimit = drainLimit(spec);
    this.listener = listener;
    change(spec);
  }

  // ---- places ----

  Lease acquire(TaskName task, Duration limit) throws InterruptedException, UnavailableException {
    Waiter waiter;
    lock.lock();
    try {
      Lane lane = lanes.get(task);
      if (lane == null || closed) {
        throw new UnavailableException("task %s is not in force any more".formatted(task));
      }
      long now = System.nanoTime();
      Instance free = lane.waiting() == 0 ? freest(lane) : null;
      if (free != null) {
        return occupy(lane, free, Optional.empty(), now);
      }
      if (!lane.open()) {
        throw new UnavailableException(anotherWiring(task));
      }
      if (lane.waiting() >= settings.maxWaiting()) {
        throw new UnavailableException(
            "%d requests wait for task %s already".formatted(lane.waiting(), task));
      }
      waiter = new Waiter(lane, now);
      lane.enqueue(waiter, now);
      reconcile(now);
    } finally {
      lock.unlock();
    }
    return await(waiter, limit);
  }

  private Lease await(Waiter waiter, Duration limit)
      throws InterruptedException, UnavailableException {
    long nanos =
        limit.compareTo(Duration.ofDays(1)) > 0 ? TimeUnit.DAYS.toNanos(1) : limit.toNanos();
    while (waiter.outcome() == null) {
      long left = nanos - (System.nanoTime() - waiter.since());
      boolean interrupted = Thread.interrupted();
      if (interrupted || left <= 0) {
        boolean given = giveUp(waiter);
        if (interrupted) {
          if (given && waiter.outcome() instanceof Waiter.Outcome.Granted(var lease)) {
            lease.close();
          }
          throw new InterruptedException();
        }
        if (!given) {
          throw new UnavailableException(whyNone(waiter.lane(), limit));
        }
      } else {
        LockSupport.parkNanos(this, left);
      }
    }
    return switch (waiter.outcome()) {
      case Waiter.Outcome.Granted(var lease) -> lease;
      case Waiter.Outcome.Refused(var why) -> throw why;
      case null -> throw new IllegalStateException("no outcome");
    };
  }

  /** Stops waiting; returns whether an outcome came first. */
  private boolean giveUp(Waiter waiter) {
    lock.lock();
    try {
      if (waiter.outcome() != null) {
        return true;
      }
      waiter.lane().dequeue(waiter, System.nanoTime());
      return false;
    } finally {
      lock.unlock();
    }
  }

  private String whyNone(Lane lane, Duration limit) {
    lock.lock();
    try {
      String why =
          reason != null
              ? reason
              : "%d of at most %d processes of app %s run, %d requests in flight, %d wait"
                  .formatted(
                      instances.size(),
                      spec.max(),
                      spec.key().app(),
                      lane.inFlight(),
                      lane.waiting());
      return "no free place for task %s within %d ms: %s"
          .formatted(lane.task(), limit.toMillis(), why);
    } finally {
      lock.unlock();
    }
  }

  /** The usable instance with the least to do that has a free place; the oldest when equal. */
  private @Nullable Instance freest(Lane lane) {
    Instance best = null;
    for (Instance each : instances) {
      if (each.usable()
          && each.inFlight(lane) < lane.concurrency()
          && (best == null || each.inFlight() < best.inFlight())) {
        best = each;
      }
    }
    return best;
  }

  private LocalLease occupy(Lane lane, Instance instance, Optional<ColdStart> cold, long now) {
    lane.begin(now);
    boolean first = instance.begin(lane, now);
    if (first) {
      record.reached(instance.ahead());
      if (instance.ahead()) {
        listener.ahead(spec.key().pipeline(), spec.key().app(), true);
      }
    }
    return new LocalLease(
        this, lane, instance, cold, first ? OptionalLong.of(now) : OptionalLong.empty());
  }

  /**
   * A place is given back.
   *
   * @param first since when it was held, if its request was the instance's first and was answered
   */
  void release(Lane lane, Instance instance, OptionalLong first) {
    Optional<Duration> reply;
    lock.lock();
    try {
      long now = System.nanoTime();
      lane.end(now);
      instance.end(lane, now);
      reply =
          first.isPresent()
              ? Optional.of(Duration.ofNanos(now - first.getAsLong()))
              : Optional.empty();
      reply.ifPresent(took -> record.replied(instance.coldStart(), took));
      dispatch(lane, now);
    } finally {
      lock.unlock();
    }
    reply.ifPresent(took -> listener.firstReply(spec.key().pipeline(), spec.key().app(), took));
  }

  /** Gives free places to those who wait, first come first served. */
  private void dispatch(Lane lane, long now) {
    while (lane.waiting() > 0) {
      Instance free = freest(lane);
      if (free == null) {
        return;
      }
      Waiter waiter = lane.first();
      lane.dequeue(waiter, now);
      boolean waitedForStart = !free.build().attached() && free.readyAt() - waiter.since() > 0;
      Optional<ColdStart> cold =
          waitedForStart ? Optional.ofNullable(free.coldStart()) : Optional.empty();
      waiter.grant(occupy(lane, free, cold, now));
    }
  }

  /**
   * The wiring of a task is about to change: whoever waits for a place is refused, and nobody waits
   * before {@link #change}. Who has a place keeps it.
   */
  void refuseWaiting(TaskName task) {
    lock.lock();
    try {
      Lane lane = lanes.get(task);
      if (lane != null) {
        lane.close();
        lane.failAll(new UnavailableException(anotherWiring(task)), System.nanoTime());
      }
    } finally {
      lock.unlock();
    }
  }

  private static String anotherWiring(TaskName task) {
    return "task %s is being wired anew".formatted(task);
  }

  private int waiting() {
    int sum = 0;
    for (Lane lane : lanes.values()) {
      sum += lane.waiting();
    }
    return sum;
  }

  private void refuseAll(String why, long now) {
    for (Lane lane : lanes.values()) {
      if (lane.waiting() > 0) {
        lane.failAll(new UnavailableException(why), now);
      }
    }
  }

  // ---- how many ----

  /** Starts what is missing and drains what is outdated. Needs the lock. */
  private void reconcile(long now) {
    if (closed) {
      return;
    }
    Optional<AppBuild> current = catalog.find(spec.key().app());
    if (current.isEmpty()) {
      reason = "app %s is not built on this machine: run mvn package".formatted(spec.key().app());
      refuseAll(reason, now);
      return;
    }
    AppBuild build = current.get();
    int fresh = 0;
    boolean freshReady = false;
    boolean outdated = false;
    for (Instance each : instances) {
      if (each.standingBy()) {
        continue;
      }
      boolean latest = each.build().equals(build);
      fresh += latest && each.active() ? 1 : 0;
      freshReady |= latest && each.usable();
      outdated |= !latest && each.active();
    }
    if (outdated && freshReady) {
      List.copyOf(instances).stream()
          .filter(Instance::active)
          .filter(each -> !each.standingBy() && !each.build().equals(build))
          .forEach(this::drain);
    }
    int least = waiting() > 0 || outdated ? 1 : 0;
    int target =
        build.attached() ? 1 : Math.min(spec.max(), Math.max(Math.max(spec.min(), wanted), least));
    while (fresh < target && backoff.remaining(now).isZero()) {
      start(build, false);
      fresh++;
    }
  }

  private void start(AppBuild build, boolean ahead) {
    start(new Instance(build, ahead, Instant.now()));
  }

  private void start(Instance instance) {
    if (instance.build().attached()) {
      reason = notReady(instance.build()); // until it is
    }
    instances.add(instance);
    Thread.ofVirtual().name("koalja-instance-" + spec.key().app()).start(() -> live(instance));
  }

  private static String notReady(AppBuild build) {
    return "the process attached at port %d is not ready".formatted(build.attachedAt().orElse(0));
  }

  void prewarm() {
    lock.lock();
    try {
      Optional<AppBuild> build = catalog.find(spec.key().app());
      if (!closed
          && !record.paused()
          && build.isPresent()
          && instances.stream().noneMatch(each -> each.active() && !each.standingBy())
          && backoff.remaining(System.nanoTime()).isZero()) {
        start(build.get(), true);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Decides how many instances there should be; called regularly. */
  void tick() {
    lock.lock();
    try {
      long now = System.nanoTime();
      if (closed) {
        return;
      }
      for (Instance each : instances) {
        if (each.usable()) {
          backoff.alive(now, each.readyAt());
        }
      }
      if (instances.isEmpty() && waiting() == 0) {
        wanted = 0;
        lanes.values().forEach(lane -> lane.rest(now));
      } else {
        int ready = (int) instances.stream().filter(Instance::usable).count();
        wanted = 0;
        for (Lane lane : lanes.values()) {
          wanted = Math.max(wanted, lane.desired(now, ready, 0, spec.max()));
        }
      }
      reconcile(now);
      if (catalog.find(spec.key().app()).stream().noneMatch(AppBuild::attached)) {
        scaleDown(now);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Drains instances that nobody used for the idle time, or that were too many for so long. */
  private void scaleDown(long now) {
    List<Instance> ready = instances.stream().filter(Instance::usable).toList();
    int tooMany = ready.size() - Math.max(spec.min(), Math.max(wanted, waiting() > 0 ? 1 : 0));
    if (tooMany <= 0) {
      surplus = false;
      return;
    }
    if (!surplus) {
      surplus = true;
      surplusSince = now;
    }
    long idle = spec.idle().toNanos();
    boolean lasting = now - surplusSince >= idle;
    for (Instance each : ready.reversed()) {
      boolean unused = each.inFlight() == 0 && now - each.lastUsed() >= idle;
      // the one that is left of a used group goes only when unused
      boolean spare = lasting && wanted > 0;
      if (tooMany > 0 && (unused || spare)) {
        drain(each);
        tooMany--;
      }
    }
  }

  // ---- the life of an instance ----

  private void live(Instance instance) {
    AppProcess process;
    long launching = System.nanoTime();
    try {
      process = launcher.launch(instance.build());
    } catch (IOException | RuntimeException | Error e) {
      startFailed(instance, String.valueOf(e.getMessage()), false);
      return;
    }
    try {
      if (!spawned(instance, process)) {
        Thread.ofVirtual().start(() -> end(instance));
      }
      Duration decided = Duration.ofNanos(launching - instance.needed());
      ready(instance, process, process.awaitReady(settings.startTimeout()).after(decided));
      ended(instance, process, process.awaitEnd());
    } catch (StartFailedException e) {
      process.kill();
      startFailed(instance, String.valueOf(e.getMessage()), e.portTaken());
      awaitEnd(process);
    } catch (InterruptedException | RuntimeException | Error e) {
      process.kill();
      startFailed(instance, "cannot watch a process of app " + spec.key().app() + ": " + e, false);
      awaitEnd(process);
    }
  }

  private static void awaitEnd(AppProcess process) {
    try {
      process.awaitEnd();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns whether the instance is still wanted. */
  private boolean spawned(Instance instance, AppProcess process) {
    lock.lock();
    try {
      instance.spawned(process);
      return instance.active();
    } finally {
      lock.unlock();
    }
  }

  private void ready(Instance instance, AppProcess process, ColdStart cold) {
    Optional<String> withoutCache;
    lock.lock();
    try {
      if (!instance.active()) {
        return;
      }
      long now = System.nanoTime();
      instance.ready(cold, now);
      withoutCache =
          instance.build().attached()
              ? Optional.empty()
              : record.started(cold, process.withoutCache());
      reason = null;
      portTries = 0;
      lanes.values().forEach(lane -> dispatch(lane, now));
      reconcile(now);
    } finally {
      lock.unlock();
    }
    instance.rehearsal().ifPresent(each -> each.complete(Optional.empty()));
    if (instance.build().attached()) {
      return; // it was there already, and is not started from zero
    }
    LOG.debugf(
        "process %d of app %s is ready after %d ms",
        Long.toString(instance.pid()), spec.key().app(), cold.total().toMillis());
    withoutCache.ifPresent(
        why -> LOG.warnf("app %s started without its start-up cache: %s", spec.key().app(), why));
    listener.ready(spec.key().pipeline(), spec.key().app(), cold);
  }

  private void startFailed(Instance instance, String why, boolean portTaken) {
    lock.lock();
    try {
      boolean unwanted = !instance.active();
      forget(instance);
      if (unwanted) {
        instance.rehearsal().ifPresent(each -> each.complete(Optional.of(why)));
        return;
      }
      long now = System.nanoTime();
      boolean again = portTaken && portTries++ < PORT_TRIES;
      if (instance.standingBy()) {
        // what runs goes on running: neither its requests nor its pauses are touched
        instance
            .rehearsal()
            .ifPresent(
                rehearsal -> {
                  if (again && !closed) {
                    start(new Instance(instance.build(), rehearsal, Instant.now()));
                  } else {
                    rehearsal.complete(Optional.of(why));
                  }
                });
        return;
      }
      if (again) {
        reconcile(now);
        return;
      }
      backoff.startFailed(now);
      reason = why;
      LOG.warnf("%s; next try in %d ms at the earliest", why, backoff.remaining(now).toMillis());
      if (instances.stream().noneMatch(Instance::active)) {
        refuseAll(why, now);
      }
      reconcile(now);
    } finally {
      lock.unlock();
    }
  }

  private void ended(Instance instance, AppProcess process, int code) {
    lock.lock();
    try {
      boolean asked = !instance.active();
      forget(instance);
      instance
          .rehearsal()
          .ifPresent(each -> each.complete(Optional.of("it ended before it was needed")));
      if (instance.standingBy()) {
        return; // it had no request, and is no fault of the build that runs
      }
      if (asked) {
        if (instance.coldStart() != null) {
          backoff.endedWell(instance.readyAt());
        }
        return;
      }
      long now = System.nanoTime();
      if (instance.build().attached()) {
        reconcile(now); // it comes back by itself, and is looked for until it does
        return;
      }
      record.crashed();
      backoff.crashed(now, Duration.ofNanos(now - instance.readyAt()));
      reason =
          "process %d of app %s ended with %s: %s"
              .formatted(
                  instance.pid(),
                  spec.key().app(),
                  FunctionProcess.status(code),
                  process.lastLine());
      LOG.warn(reason);
      reconcile(now);
    } finally {
      lock.unlock();
    }
  }

  private void forget(Instance instance) {
    instances.remove(instance);
    instance.ended();
    if (instance.wasted() && !closed) {
      record.wasted();
      listener.ahead(spec.key().pipeline(), spec.key().app(), false);
    }
  }

  /** Takes no more requests, lets it finish, asks it to end, ends it. Needs the lock. */
  private void drain(Instance instance) {
    instance.drain();
    Thread.ofVirtual().name("koalja-drain-" + spec.key().app()).start(() -> end(instance));
  }

  private void end(Instance instance) {
    long limit = drainLimit().toNanos();
    long deadline = System.nanoTime() + limit;
    long chance = Math.min(LAST_CHANCE.toNanos(), limit / 2);
    try {
      // at once when nothing is in flight
      instance.idleLatch().await(limit - chance, TimeUnit.NANOSECONDS);
      AppProcess process = processOf(instance);
      if (process == null) {
        return; // not launched yet: its own thread sees that it is not wanted
      }
      process.terminate();
      if (!instance.endedLatch().await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        LOG.warnf("%s did not end when asked and was killed", process);
        process.kill();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A call that is under way when its process is replaced has the time that every call has. */
  private Duration drainLimit(GroupSpec wanted) {
    Duration longest = wanted.timeout().plus(LAST_CHANCE.multipliedBy(2));
    return settings.drainTimeout().compareTo(longest) < 0 ? longest : settings.drainTimeout();
  }

  private Duration drainLimit() {
    lock.lock();
    try {
      return drainLimit;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable AppProcess processOf(Instance instance) {
    lock.lock();
    try {
      return instance.process();
    } finally {
      lock.unlock();
    }
  }

  /** Somebody's connection broke: uses it again only if it answers, and ends it otherwise. */
  void suspect(Instance instance) {
    AppProcess process;
    lock.lock();
    try {
      process = instance.process();
      if (!instance.usable() || process == null) {
        return;
      }
      instance.suspected(true);
    } finally {
      lock.unlock();
    }
    Thread.ofVirtual()
        .start(
            () -> {
              if (answers(process)) {
                trust(instance);
              } else {
                process.kill();
              }
            });
  }

  /** Asked more than once: a machine that is busy answers late, and killing would cost more. */
  private static boolean answers(AppProcess process) {
    for (int probe = 0; probe < PROBES; probe++) {
      if (process.answers(PROBE)) {
        return true;
      }
    }
    return false;
  }

  private void trust(Instance instance) {
    lock.lock();
    try {
      instance.suspected(false);
      long now = System.nanoTime();
      lanes.values().forEach(lane -> dispatch(lane, now));
    } finally {
      lock.unlock();
    }
  }

  // ---- changes from outside ----

  /** Takes over what the group is to run; processes go on. */
  void change(GroupSpec next) {
    lock.lock();
    try {
      long now = System.nanoTime();
      lanes
          .values()
          .removeIf(
              lane -> {
                boolean gone = !next.concurrency().containsKey(lane.task());
                if (gone) {
                  lane.failAll(
                      new UnavailableException("task " + lane.task() + " is not in force any more"),
                      now);
                }
                return gone;
              });
      next.concurrency()
          .forEach(
              (task, concurrency) -> {
                Lane lane = lanes.get(task);
                if (lane == null) {
                  lanes.put(task, new Lane(task, nextLane++, concurrency, next.idle(), now));
                } else {
                  lane.change(concurrency, next.idle());
                }
              });
      spec = next;
      if (!closed) {
        drainLimit = drainLimit(next);
      }
      lanes.values().forEach(lane -> dispatch(lane, now));
      reconcile(now);
    } finally {
      lock.unlock();
    }
  }

  /** A new build stands in the catalog: starts it, and drains the old once it is ready. */
  void buildChanged() {
    lock.lock();
    try {
      backoff.reset();
      reason = null;
      reconcile(System.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  /** Whether no process works here and nobody waits for one. */
  boolean atZero() {
    lock.lock();
    try {
      return waiting() == 0 && instances.stream().noneMatch(Instance::active);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Starts a process of a build that is not to be used yet, if this group has one that works or is
   * waited for. Completes with nothing once it is ready, or at once where none is needed; or with
   * the reason why it cannot be had.
   *
   * @param always whether to start one at zero, too
   */
  CompletableFuture<Optional<String>> standBy(AppBuild build, boolean always) {
    CompletableFuture<Optional<String>> rehearsal = new CompletableFuture<>();
    lock.lock();
    try {
      standDown();
      if (closed || (!always && atZero())) {
        rehearsal.complete(Optional.empty());
      } else {
        portTries = 0;
        start(new Instance(build, rehearsal, Instant.now()));
      }
    } finally {
      lock.unlock();
    }
    return rehearsal;
  }

  /** Ends what stands by. */
  void standDown() {
    lock.lock();
    try {
      instances.stream()
          .filter(each -> each.standingBy() && each.active())
          .toList()
          .forEach(this::drain);
    } finally {
      lock.unlock();
    }
  }

  /**
   * From now on every request goes to {@code build}, which stands in the catalog: to what stood by,
   * or to what is started for it. What runs of others finishes what is in flight and ends.
   */
  void takeOver(AppBuild build) {
    lock.lock();
    try {
      long now = System.nanoTime();
      for (Instance each : List.copyOf(instances)) {
        if (each.standingBy() && each.active() && each.build().equals(build)) {
          each.stepIn();
        } else if (each.active() && !each.build().equals(build)) {
          drain(each);
        }
      }
      backoff.reset();
      reason = null;
      lanes.values().forEach(lane -> dispatch(lane, now));
      reconcile(now);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Refuses all who wait and drains all processes; returns at once.
   *
   * @param limit of each drain that begins now
   */
  void close(Duration limit) {
    lock.lock();
    try {
      closed = true;
      drainLimit = limit;
      refuseAll("app " + spec.key().app() + " is stopping", System.nanoTime());
      instances.stream().filter(Instance::active).forEach(this::drain);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until every process is gone, after {@link #close}.
   *
   * @param deadline in nanoseconds, as {@link System#nanoTime}; what is left then is killed
   */
  void awaitEnded(long deadline) throws InterruptedException {
    List<Instance> left;
    lock.lock();
    try {
      left = List.copyOf(instances);
    } finally {
      lock.unlock();
    }
    for (Instance each : left) {
      if (!each.endedLatch().await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        AppProcess process = processOf(each);
        if (process != null) {
          process.kill();
        }
      }
    }
    long killed = System.nanoTime() + KILLED.toNanos();
    for (Instance each : left) {
      each.endedLatch().await(killed - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
  }

  boolean ended() {
    lock.lock();
    try {
      return closed && instances.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  AppStatus status() {
    lock.lock();
    try {
      Duration pause = backoff.remaining(System.nanoTime());
      String why =
          reason == null || pause.isZero()
              ? reason
              : reason + "; next try in " + pause.toMillis() + " ms at the earliest";
      return new AppStatus(
          spec.key().pipeline(),
          spec.key().app().value(),
          List.copyOf(lanes.keySet()),
          instances.stream().map(Instance::status).toList(),
          waiting(),
          record.starts(),
          Optional.ofNullable(why));
    } finally {
      lock.unlock();
    }
  }
}
