package dev.koalja.knative.serving.local;

import dev.koalja.knative.serving.ColdStart;
import dev.koalja.knative.serving.InstanceStatus;
import dev.koalja.knative.serving.InstanceStatus.State;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * One process of a group, from the decision to start it until it has ended: STARTING → READY →
 * DRAINING → ENDED, where each may be left out but none is gone back to. Fields without a comment
 * are guarded by the lock of the group.
 */
final class Instance {
  private final AppBuild build;
  private final boolean ahead;
  private final Optional<CompletableFuture<Optional<String>>> rehearsal;
  private final Instant startedAt;
  private final long needed = System.nanoTime();
  private final Map<Integer, URI> endpoints = new ConcurrentHashMap<>();
  private final CountDownLatch idle = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private State state = State.STARTING;
  private @Nullable AppProcess process;
  private volatile int port; // written once before READY
  private volatile long pid; // written once before READY
  private int[] places = new int[4];
  private int inFlight;
  private long served;
  private long readyAt;
  private long lastUsed;
  private boolean suspected;
  private boolean standingBy;
  private @Nullable ColdStart coldStart;

  /** One that is used as soon as it is ready. */
  Instance(AppBuild build, boolean ahead, Instant startedAt) {
    this(build, ahead, Optional.empty(), startedAt);
  }

  /**
   * One that stands by: it is started and then waits until its build is taken over.
   *
   * @param rehearsal completed once it is ready, or with the reason why it will not be
   */
  Instance(AppBuild build, CompletableFuture<Optional<String>> rehearsal, Instant startedAt) {
    this(build, false, Optional.of(rehearsal), startedAt);
  }

  private Instance(
      AppBuild build,
      boolean ahead,
      Optional<CompletableFuture<Optional<String>>> rehearsal,
      Instant startedAt) {
    this.build = build;
    this.ahead = ahead;
    this.rehearsal = rehearsal;
    this.standingBy = rehearsal.isPresent();
    this.startedAt = startedAt;
  }

  AppBuild build() {
    return build;
  }

  State state() {
    return state;
  }

  boolean active() {
    return state == State.STARTING || state == State.READY;
  }

  boolean usable() {
    return state == State.READY && !suspected && !standingBy;
  }

  /** Whether it waits for its build to be taken over, and counts for nothing until then. */
  boolean standingBy() {
    return standingBy;
  }

  /** Its build is taken over: it is one like all others from now on. */
  void stepIn() {
    standingBy = false;
  }

  Optional<CompletableFuture<Optional<String>>> rehearsal() {
    return rehearsal;
  }

  int inFlight() {
    return inFlight;
  }

  int inFlight(Lane lane) {
    return lane.index() < places.length ? places[lane.index()] : 0;
  }

  long lastUsed() {
    return lastUsed;
  }

  long readyAt() {
    return readyAt;
  }

  long pid() {
    return pid;
  }

  String name() {
    return pid == 0 ? "port " + port : "process " + pid;
  }

  @Nullable AppProcess process() {
    return process;
  }

  @Nullable ColdStart coldStart() {
    return coldStart;
  }

  /** When it was found that it is needed, in monotonic nanoseconds. */
  long needed() {
    return needed;
  }

  /** Whether it was started before anybody needed it. */
  boolean ahead() {
    return ahead;
  }

  /** Whether it was started before anybody needed it and nobody ever did. */
  boolean wasted() {
    return ahead && served == 0;
  }

  void spawned(AppProcess spawned) {
    process = spawned;
    pid = spawned.pid();
    port = spawned.port();
  }

  void ready(ColdStart start, long now) {
    // only now is the port certain: the process may have said another one
    port = process == null ? port : process.port();
    state = State.READY;
    coldStart = start;
    readyAt = now;
    lastUsed = now;
  }

  /** Takes a request; returns whether it is the first. */
  boolean begin(Lane lane, long now) {
    if (lane.index() >= places.length) {
      places = Arrays.copyOf(places, lane.index() + 4);
    }
    places[lane.index()]++;
    inFlight++;
    lastUsed = now;
    return served++ == 0;
  }

  void end(Lane lane, long now) {
    places[lane.index()]--;
    inFlight--;
    lastUsed = now;
    if (inFlight == 0 && state == State.DRAINING) {
      idle.countDown();
    }
  }

  void drain() {
    state = State.DRAINING;
    if (inFlight == 0) {
      idle.countDown();
    }
  }

  void ended() {
    state = State.ENDED;
    idle.countDown();
    ended.countDown();
  }

  boolean suspected() {
    return suspected;
  }

  void suspected(boolean now) {
    suspected = now;
  }

  /** Zero once it drains and no lease is left. Safe without the lock. */
  CountDownLatch idleLatch() {
    return idle;
  }

  /** Zero once the process is gone. Safe without the lock. */
  CountDownLatch endedLatch() {
    return ended;
  }

  /** Safe without the lock, once ready. */
  URI endpoint(Lane lane) {
    return endpoints.computeIfAbsent(
        lane.index(), _ -> URI.create("http://127.0.0.1:" + port + "/" + lane.task()));
  }

  InstanceStatus status() {
    return new InstanceStatus(
        pid, port, state, inFlight, startedAt, build.revision(), Optional.ofNullable(coldStart));
  }
}
