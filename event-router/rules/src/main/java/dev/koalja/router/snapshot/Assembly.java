package dev.koalja.router.snapshot;

import dev.koalja.pipeline.Input;
import dev.koalja.pipeline.PortName;
import dev.koalja.pipeline.Snapshot;
import dev.koalja.pipeline.Snapshot.Policy;
import dev.koalja.pipeline.Snapshot.Then;
import dev.koalja.pipeline.Snapshot.Window;
import dev.koalja.pipeline.yaml.Durations;
import dev.koalja.router.snapshot.Refusal.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Puts the events of one partition of a task's arrivals together to snapshots.
 *
 * <pre>
 *  arrivals   A1   A2   B1   B2
 *                       │    │
 *  AllNew               │    └─ (A2,B2)
 *                       └─ (A1,B1)
 * </pre>
 *
 * <p>Each input has the events of a key in a row. A key is complete when every input has its least
 * number, and then it is fired. What stays afterwards is a matter of the policy.
 *
 * <p>A function of arrivals and ticks: it reads no clock, and an assembly that was restored from
 * the records of another goes on exactly as that one would have. So a tick that finds nothing to do
 * leaves no trace, and a clock that goes back delays timers and does no other harm: what was
 * decided stays decided, and a key that a clock far ahead has fired rests no longer than usual
 * after its next event. An arrival does not look at timers; a caller that wants them exact ticks
 * with the time of the arrival first.
 *
 * <p>For one thread.
 */
public final class Assembly {
  /** What is later than an arrival by more than this was told by a wrong clock. */
  private static final Duration CLOCK_ERROR = Duration.ofMinutes(1);

  /** RFC 3339 knows no earlier year. */
  private static final Instant YEAR_ZERO = Instant.parse("0000-01-01T00:00:00Z");

  /** Events and records that are enough for one step: the next tick goes on where this ends. */
  static final int LARGE = 1000;

  /** What it costs about to hold an event, besides the event. */
  private static final int SLOT_BYTES = 200;

  /** Before any clock: something to do at once. */
  private static final Instant AT_ONCE = Instant.EPOCH;

  /** Where a group belongs to no window of time. */
  private static final Instant NO_WINDOW = Instant.EPOCH;

  private final Snapshot snapshot;
  private final Limits limits;
  private final List<PortName> names;
  private final List<Input.Length> lengths;
  private final Map<PortName, Integer> indexes = new HashMap<>();

  private final TreeMap<Group.Id, Group> groups = new TreeMap<>();
  private final TreeSet<Due> timers = new TreeSet<>();

  /** Events of inputs that the task no longer has; the next tick refuses them. */
  private final TreeMap<Long, Arrival> departed = new TreeMap<>();

  private @Nullable Progress progress;
  private @Nullable Restoring restoring;
  private long bytes;

  /** When a group has something to do. */
  private record Due(Instant at, Group.Id group) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int order = at.compareTo(other.at);
      return order != 0 ? order : group.compareTo(other.group);
    }
  }

  private record Restoring(TreeMap<Long, Arrival> slots, Map<String, byte[]> metas) {}

  /**
   * Begins with nothing; see {@link #restore}.
   *
   * @param snapshot how the task puts events together
   * @param inputs the inputs of the task; those merged into others have no place of their own
   * @param limits what it may keep
   */
  public Assembly(Snapshot snapshot, List<Input> inputs, Limits limits) {
    this.snapshot = snapshot;
    this.limits = limits;
    List<Input> own = inputs.stream().filter(input -> input.mergeInto().isEmpty()).toList();
    this.names = own.stream().map(Input::name).toList();
    this.lengths = own.stream().map(Input::length).toList();
    for (int i = 0; i < names.size(); i++) {
      indexes.put(names.get(i), i);
    }
    // arrivals name the target already; those from before the inputs were merged do not
    for (Input input : inputs) {
      input
          .mergeInto()
          .map(indexes::get)
          .ifPresent(target -> indexes.putIfAbsent(input.name(), target));
    }
  }

  /** Takes the next event of the partition. */
  public Step arrive(Arrival arrival) {
    requireRestored();
    Changes step = new Changes();
    Integer index = indexes.get(arrival.input());
    if (index == null) {
      refuseDeparted(arrival, step);
    } else if (snapshot.window().isPresent()) {
      arriveInWindow(arrival, index, snapshot.window().get(), step);
    } else {
      arriveAtKey(arrival, index, step);
    }
    return step.toStep();
  }

  /**
   * Does what is due: gives up what waited too long, fires what had to wait for its time, ends
   * windows. When very much is due, a part of it; then {@link #nextTick} is over already.
   *
   * <p>While there are arrivals that were not read yet, {@code now} is to be no later than they
   * arrived: among them may be what completes a snapshot in time.
   */
  public Step tick(Instant now) {
    requireRestored();
    Changes step = new Changes();
    while (!departed.isEmpty() && !step.isLarge()) {
      Arrival arrival = departed.pollFirstEntry().getValue();
      bytes -= cost(arrival.key(), arrival.event());
      step.letGo(arrival.offset());
      refuseDeparted(arrival, step);
    }
    if (snapshot.window().isPresent()) {
      endSilentWindows(now, snapshot.window().get(), step);
      endWindows(snapshot.window().get(), step);
    }
    while (!timers.isEmpty() && !timers.first().at().isAfter(now) && !step.isLarge()) {
      Group group = group(timers.first().group());
      actAtItsTime(group, step, now);
      settle(group, now, step);
    }
    return step.toStep();
  }

  /** When {@link #tick} has something to do at the earliest; may be over already. */
  public Optional<Instant> nextTick() {
    if (!departed.isEmpty()) {
      return Optional.of(AT_ONCE);
    }
    if (snapshot.window().isPresent()) {
      return groups.isEmpty()
          ? Optional.empty()
          : Optional.of(
              hasEnded(groups.firstKey().window(), snapshot.window().get())
                  ? AT_ONCE
                  : silence(snapshot.window().get()));
    }
    return timers.isEmpty() ? Optional.empty() : Optional.of(timers.first().at());
  }

  /** Whether there is more than the limits allow: then no more arrivals are to be read. */
  public boolean full() {
    return keys() > limits.maxKeys() || bytes > limits.maxBytes();
  }

  /** The keys that something is kept of; one counts once for each of its windows of time. */
  public int keys() {
    return groups.size();
  }

  /** What the waiting events take, about. */
  public long bytes() {
    return bytes;
  }

  // --- one key ---------------------------------------------------------------------------------

  private void arriveAtKey(Arrival arrival, int index, Changes step) {
    Group group = group(new Group.Id(NO_WINDOW, arrival.key()));
    boolean swaps = snapshot.policy() == Policy.SWAP_NEW4OLD;
    boolean distrusted = distrustTheFuture(group, arrival.arrived());
    if (!swaps && isFull(group, index)) {
      refuseOverflow(arrival, group, index, step);
      if (distrusted) {
        settle(group, arrival.arrived(), step); // it may make room sooner now
      }
      return;
    }
    if (swaps) {
      // the older one was used or is skipped
      group.slots(index).toList().forEach(older -> letGo(group, index, older, step));
    }
    keep(group, index, arrival, step);
    // Once is enough. Before the arrival the key was incomplete (or may not fire now), so this
    // input had one too few: AllNew takes all of it, SlidingWindow leaves it too short.
    if (wantsToFire(group) && !isResting(group, arrival.arrived())) {
      fireAt(arrival.arrived(), group, false, step);
    }
    settle(group, arrival.arrived(), step);
  }

  private void actAtItsTime(Group group, Changes step, Instant now) {
    if (group.isEmpty()) {
      return; // remembered for the least time between firings only, which is over
    }
    if (wantsToFire(group)) {
      fireAt(now, group, false, step);
      return;
    }
    Snapshot.Timeout timeout = snapshot.timeout().orElseThrow();
    if (timeout.then() == Then.PARTIAL) {
      fireAt(now, group, true, step);
      return;
    }
    String reason = "waited %s for %s".formatted(Durations.format(timeout.after()), lacks(group));
    Cause cause = timeout.then() == Then.DROP ? Cause.EXPIRED_DROP : Cause.EXPIRED_DEADLETTER;
    refuseAll(group, cause, reason, step);
  }

  /** Complete, and not all of it used before. */
  private boolean wantsToFire(Group group) {
    return isComplete(group) && group.since().isPresent();
  }

  private boolean isComplete(Group group) {
    return IntStream.range(0, names.size()).allMatch(i -> group.size(i) >= lengths.get(i).min());
  }

  private boolean isResting(Group group, Instant now) {
    return restsUntil(group).filter(now::isBefore).isPresent();
  }

  /**
   * A key that was fired by a clock far ahead must not rest until that time comes.
   *
   * @return whether this was one
   */
  private static boolean distrustTheFuture(Group group, Instant now) {
    Instant fired = group.lastFired();
    if (fired == null || !fired.isAfter(now.plus(CLOCK_ERROR))) {
      return false;
    }
    group.lastFired(now);
    return true;
  }

  private Optional<Instant> restsUntil(Group group) {
    return Optional.ofNullable(group.lastFired())
        .flatMap(fired -> snapshot.minInterval().map(fired::plus));
  }

  private void fireAt(Instant now, Group group, boolean partial, Changes step) {
    fire(group, partial, step);
    if (snapshot.minInterval().isPresent()) {
      group.lastFired(now);
    }
  }

  private void fire(Group group, boolean partial, Changes step) {
    Instant since = group.since().orElseThrow();
    List<Slot> fired = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      Input.Length length = lengths.get(i);
      List<Slot> taken = take(group, i, length);
      fired.addAll(taken);
      if (!taken.isEmpty()) {
        group.use(i, taken.getLast().offset());
      }
      int letGo =
          switch (snapshot.policy()) {
            case ALL_NEW -> taken.size();
            case SLIDING_WINDOW -> partial ? taken.size() : length.slide();
            case SWAP_NEW4OLD -> partial ? taken.size() : 0;
          };
      for (Slot slot : taken.subList(0, letGo)) {
        letGo(group, i, slot, step);
      }
    }
    Optional<Instant> window = snapshot.window().map(_ -> group.id().window());
    step.fire(new Firing(group.key(), fired, partial, since, window));
  }

  private List<Slot> take(Group group, int index, Input.Length length) {
    if (snapshot.policy() == Policy.SWAP_NEW4OLD) {
      return group.size(index) == 0 ? List.of() : List.of(group.newest(index));
    }
    // a window of time is fired whole: max cuts only what is collected by number
    return group
        .slots(index)
        .limit(snapshot.window().isPresent() ? Long.MAX_VALUE : length.max())
        .toList();
  }

  /** Brings timer and records of a group up to date after something happened to it. */
  private void settle(Group group, Instant now, Changes step) {
    boolean over = group.isEmpty() && !isResting(group, now);
    Meta meta = group.toMeta(names);
    byte[] written = over || meta.isNothing() ? null : StateCodec.meta(meta);
    if (!Arrays.equals(written, group.meta())) {
      group.meta(written);
      step.records.add(new StateRecord(StateCodec.metaKey(group.key()), written));
    }
    schedule(group, over ? Optional.empty() : due(group));
    if (over) {
      groups.remove(group.id());
    }
  }

  private Optional<Instant> due(Group group) {
    Optional<Instant> rested = restsUntil(group);
    if (group.isEmpty()) {
      return Optional.of(rested.orElse(AT_ONCE));
    }
    return wantsToFire(group) ? Optional.of(rested.orElse(AT_ONCE)) : givesUp(group);
  }

  /** A key that only has to wait for its time is not given up. */
  private Optional<Instant> givesUp(Group group) {
    if (snapshot.timeout().isEmpty() || isComplete(group)) {
      return Optional.empty();
    }
    Snapshot.Timeout timeout = snapshot.timeout().get();
    Optional<Instant> end = group.since().map(since -> since.plus(timeout.after()));
    return timeout.then() == Then.PARTIAL
        ? end.map(at -> Progress.later(at, restsUntil(group).orElse(at)))
        : end;
  }

  private void schedule(Group group, Optional<Instant> due) {
    if (group.due() != null) {
      timers.remove(new Due(group.due(), group.id()));
    }
    due.ifPresent(at -> timers.add(new Due(at, group.id())));
    group.due(due.orElse(null));
  }

  // --- windows of time -------------------------------------------------------------------------

  private void arriveInWindow(Arrival arrival, int index, Window window, Changes step) {
    Instant start = start(eventTime(arrival), window);
    if (hasEnded(start, window)) {
      Slot slot = slot(arrival, index);
      String reason = "came after %s had ended".formatted(describe(start, window));
      step.refuse(new Refusal(slot, arrival.key(), Cause.LATE, reason));
    } else {
      Group group = group(new Group.Id(start, arrival.key()));
      if (isFull(group, index)) {
        refuseOverflow(arrival, group, index, step);
      } else {
        keep(group, index, arrival, step);
      }
    }
    advance(progressWith(arrival), step); // refused or not, the event was seen
    endWindows(window, step);
  }

  /** When an event happened, unless it says a time that cannot be. */
  private static Instant eventTime(Arrival arrival) {
    boolean wrong = arrival.eventTime().isAfter(arrival.arrived().plus(CLOCK_ERROR));
    return wrong ? arrival.arrived() : Progress.later(arrival.eventTime(), YEAR_ZERO);
  }

  private static Instant start(Instant time, Window window) {
    long size = window.size().toMillis();
    return Instant.ofEpochMilli(Math.floorDiv(time.toEpochMilli(), size) * size);
  }

  private boolean hasEnded(Instant start, Window window) {
    return progress != null
        && !start.plus(window.size()).plus(window.grace()).isAfter(progress.watermark());
  }

  /** When the windows end if nothing more arrives. */
  private Instant silence(Window window) {
    return measured().lastArrival().plus(window.size()).plus(window.grace());
  }

  /** Moves the watermark behind all windows, so that none of them is collected again. */
  private void endSilentWindows(Instant now, Window window, Changes step) {
    if (groups.isEmpty() || now.isBefore(silence(window))) {
      return;
    }
    Instant end = groups.lastKey().window().plus(window.size()).plus(window.grace());
    Progress before = measured();
    advance(new Progress(Progress.later(before.watermark(), end), before.lastArrival()), step);
  }

  private Progress measured() {
    return Objects.requireNonNull(progress, "the first arrival sets it");
  }

  private Progress progressWith(Arrival arrival) {
    Instant time = eventTime(arrival);
    return progress == null
        ? new Progress(time, arrival.arrived())
        : new Progress(
            Progress.later(progress.watermark(), time),
            Progress.later(progress.lastArrival(), arrival.arrived()));
  }

  private void advance(Progress to, Changes step) {
    if (!to.equals(progress)) {
      progress = to;
      step.records.add(StateCodec.put(to));
    }
  }

  private void endWindows(Window window, Changes step) {
    while (!groups.isEmpty() && hasEnded(groups.firstKey().window(), window) && !step.isLarge()) {
      Group group = groups.firstEntry().getValue();
      if (isComplete(group)) {
        fire(group, false, step);
      } else {
        String name = describe(group.id().window(), window);
        String reason = "%s ended without %s".formatted(name, lacks(group));
        refuseAll(group, Cause.EXPIRED_DEADLETTER, reason, step);
      }
      groups.remove(group.id());
    }
  }

  private static String describe(Instant start, Window window) {
    return "window %s to %s".formatted(start, start.plus(window.size()));
  }

  // --- events ----------------------------------------------------------------------------------

  private Group group(Group.Id id) {
    return groups.computeIfAbsent(id, each -> new Group(each, names.size()));
  }

  private boolean isFull(Group group, int index) {
    return group.size(index) >= snapshot.maxWaiting();
  }

  private Slot slot(Arrival arrival, int index) {
    return new Slot(names.get(index), arrival.offset(), arrival.arrived(), arrival.event());
  }

  private void keep(Group group, int index, Arrival arrival, Changes step) {
    group.add(index, slot(arrival, index));
    bytes += cost(arrival.key(), arrival.event());
    step.keep(arrival);
  }

  private void letGo(Group group, int index, Slot slot, Changes step) {
    group.remove(index, slot);
    bytes -= cost(group.key(), slot.event());
    step.letGo(slot.offset());
  }

  private static long cost(String key, byte[] event) {
    return SLOT_BYTES + key.length() + event.length;
  }

  /** Empties a group. What a firing used before is let go, as it would have been some day. */
  private void refuseAll(Group group, Cause cause, String reason, Changes step) {
    for (int i = 0; i < names.size(); i++) {
      for (Slot slot : group.slots(i).toList()) {
        letGo(group, i, slot, step);
        if (!group.isUsed(i, slot)) {
          step.refuse(new Refusal(slot, group.key(), cause, reason));
        }
      }
    }
  }

  private void refuseOverflow(Arrival arrival, Group group, int index, Changes step) {
    String reason =
        "%s has %d waiting and maxWaiting is %d"
            .formatted(names.get(index), group.size(index), snapshot.maxWaiting());
    step.refuse(new Refusal(slot(arrival, index), arrival.key(), Cause.OVERFLOW, reason));
  }

  /** It came before the task was changed, and nothing will ever use it. */
  private void refuseDeparted(Arrival arrival, Changes step) {
    Slot slot = new Slot(arrival.input(), arrival.offset(), arrival.arrived(), arrival.event());
    String reason = "the task has no input %s any more".formatted(arrival.input());
    step.refuse(new Refusal(slot, arrival.key(), Cause.EXPIRED_DEADLETTER, reason));
  }

  /** What a group lacks, in words. */
  private String lacks(Group group) {
    return IntStream.range(0, names.size())
        .filter(i -> group.size(i) < lengths.get(i).min())
        .mapToObj(
            i -> {
              int lacking = lengths.get(i).min() - group.size(i);
              return lengths.get(i).min() == 1
                  ? names.get(i).value()
                  : "%d more of %s".formatted(lacking, names.get(i));
            })
        .collect(Collectors.joining(" and "));
  }

  // --- state -----------------------------------------------------------------------------------

  /**
   * Takes one record of the state, in the order of their topic. After the last one: {@link
   * #restored}.
   *
   * @throws IllegalStateException when this version cannot read it
   */
  public void restore(StateRecord change) {
    if (!groups.isEmpty() || !departed.isEmpty()) {
      throw new IllegalStateException("only an assembly that has nothing yet can be restored");
    }
    if (restoring == null) {
      restoring = new Restoring(new TreeMap<>(), new HashMap<>());
    }
    byte[] value = change.value();
    switch (StateCodec.subject(change.key())) {
      case StateCodec.SlotAt(long offset) -> {
        if (value == null) {
          restoring.slots().remove(offset);
        } else {
          restoring.slots().put(offset, StateCodec.arrival(offset, value));
        }
      }
      case StateCodec.MetaOf(String key) -> {
        if (value == null) {
          restoring.metas().remove(key);
        } else {
          restoring.metas().put(key, value);
        }
      }
      case StateCodec.ProgressOfPartition _ ->
          progress = value == null ? null : StateCodec.progress(value);
    }
  }

  /** The latest arrival that {@link #restore} was given and that still waits; -1 if none does. */
  long newestRestored() {
    return restoring == null || restoring.slots().isEmpty() ? -1 : restoring.slots().lastKey();
  }

  /** All records were restored; arrivals and ticks go on from here. */
  public void restored() {
    if (restoring == null) {
      return;
    }
    Restoring from = restoring;
    restoring = null;
    for (Arrival arrival : from.slots().values()) {
      bytes += cost(arrival.key(), arrival.event());
      Integer index = indexes.get(arrival.input());
      if (index == null) {
        departed.put(arrival.offset(), arrival);
        continue;
      }
      group(idOf(arrival)).add(index, slot(arrival, index));
      if (snapshot.window().isPresent()) {
        progress = progressWith(arrival); // the task may have had no windows when it arrived
      }
    }
    if (snapshot.window().isPresent()) {
      return; // what is remembered of keys belongs to a policy the task had before
    }
    from.metas()
        .forEach(
            (key, written) -> {
              Group group = group(new Group.Id(NO_WINDOW, key));
              group.meta(written);
              group.remember(StateCodec.meta(written), names);
              if (snapshot.minInterval().isEmpty()) {
                group.lastFired(null);
              }
            });
    for (Group group : groups.values()) {
      schedule(group, due(group));
    }
  }

  private Group.Id idOf(Arrival arrival) {
    return new Group.Id(
        snapshot.window().map(window -> start(eventTime(arrival), window)).orElse(NO_WINDOW),
        arrival.key());
  }

  private void requireRestored() {
    if (restoring != null) {
      throw new IllegalStateException("the state is being restored: restored() comes first");
    }
  }

  // --- for people ------------------------------------------------------------------------------

  /**
   * What is incomplete or waits for its time, the oldest first.
   *
   * @param limit at most so many
   * @param key only those of this key
   */
  public List<Waiting> waiting(int limit, Optional<String> key) {
    return groups.values().stream()
        .filter(group -> key.isEmpty() || key.get().equals(group.key()))
        .flatMap(group -> group.since().map(since -> new Since(since, group)).stream())
        .sorted(Comparator.comparing(Since::since).thenComparing(each -> each.group().id()))
        .limit(limit)
        .map(each -> waiting(each.group(), each.since()))
        .toList();
  }

  private record Since(Instant since, Group group) {}

  private Waiting waiting(Group group, Instant since) {
    List<Waiting.Have> have = new ArrayList<>();
    List<PortName> missing = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      int min = lengths.get(i).min();
      have.add(
          new Waiting.Have(
              names.get(i), group.size(i), min, group.slots(i).limit(Waiting.Have.SHOWN).toList()));
      if (group.size(i) < min) {
        missing.add(names.get(i));
      }
    }
    Optional<Instant> window = snapshot.window().map(_ -> group.id().window());
    return new Waiting(
        group.key(),
        window,
        have,
        missing,
        since,
        restsUntil(group),
        snapshot.window().map(this::silence).or(() -> givesUp(group)));
  }

  /** What a step does, while it is made. */
  private static final class Changes {
    private final List<Firing> firings = new ArrayList<>();
    private final List<Refusal> refusals = new ArrayList<>();
    private final List<StateRecord> records = new ArrayList<>();
    private @Nullable Arrival kept;
    private int events;

    boolean isLarge() {
      return events + records.size() >= LARGE;
    }

    void fire(Firing firing) {
      firings.add(firing);
      events += firing.slots().size();
    }

    void refuse(Refusal refusal) {
      refusals.add(refusal);
      events++;
    }

    /** The event of this step's arrival begins to wait. */
    void keep(Arrival arrival) {
      kept = arrival;
    }

    /** An event waits no more. One that completes a snapshot at once never was in the state. */
    void letGo(long offset) {
      if (kept != null && kept.offset() == offset) {
        kept = null;
      } else {
        records.add(StateCodec.letGo(offset));
      }
    }

    Step toStep() {
      if (kept != null) {
        records.addFirst(StateCodec.put(kept));
      }
      return new Step(firings, refusals, records);
    }
  }
}
