package dev.koalja.router.snapshot;

import dev.koalja.pipeline.Input;
import dev.koalja.pipeline.PortName;
import dev.koalja.pipeline.Snapshot;
import dev.koalja.pipeline.Snapshot.Policy;
import dev.koalja.pipeline.Snapshot.Then;
import dev.koalja.router.snapshot.Refusal.Cause;
import dev.koalja.router.snapshot.Script.Arrive;
import dev.koalja.router.snapshot.Script.Op;
import dev.koalja.router.snapshot.Script.Restart;
import dev.koalja.router.snapshot.Script.Tick;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What an assembly should do, told by looking at all that ever happened each time: slow, and plain.
 * It has no timers, and no state but lists of what happened and two flags for each event.
 */
final class NaiveModel {
  private static final class Event {
    final Arrival arrival;
    boolean used;
    boolean gone;

    Event(Arrival arrival) {
      this.arrival = arrival;
    }
  }

  private record Fired(String key, Instant at) {}

  private final Snapshot snapshot;
  private final List<Input> inputs;
  private final List<Event> events = new ArrayList<>();
  private final List<Fired> fired = new ArrayList<>();
  private final List<Arrival> seen = new ArrayList<>();
  private final List<Instant> silenced = new ArrayList<>();
  private List<Firing> firings = new ArrayList<>();
  private List<Refusal> refusals = new ArrayList<>();

  NaiveModel(Script script) {
    this.snapshot = script.snapshot();
    this.inputs = script.inputs().stream().filter(input -> input.mergeInto().isEmpty()).toList();
  }

  Step apply(Op op) {
    firings = new ArrayList<>();
    refusals = new ArrayList<>();
    switch (op) {
      case Arrive(Arrival arrival) -> arrive(arrival);
      case Tick(Instant now) -> tick(now);
      case Restart _ -> {}
    }
    return new Step(firings, refusals, List.of());
  }

  private void arrive(Arrival arrival) {
    boolean windows = snapshot.window().isPresent();
    boolean late = windows && ended(windowOf(arrival));
    seen.add(arrival);
    List<Event> same =
        events.stream()
            .filter(each -> !each.gone && each.arrival.key().equals(arrival.key()))
            .filter(each -> each.arrival.input().equals(arrival.input()))
            .filter(each -> !windows || windowOf(each.arrival) == windowOf(arrival))
            .toList();
    if (late) {
      refuse(arrival, Cause.LATE);
    } else if (snapshot.policy() != Policy.SWAP_NEW4OLD
        && same.size() + 1 > snapshot.maxWaiting()) {
      distrustTheFuture(arrival);
      refuse(arrival, Cause.OVERFLOW);
    } else {
      if (snapshot.policy() == Policy.SWAP_NEW4OLD) {
        same.forEach(each -> each.gone = true);
      }
      events.add(new Event(arrival));
      distrustTheFuture(arrival);
      if (!windows && complete(there(arrival.key())) && mayFire(arrival.key(), arrival.arrived())) {
        fire(arrival.key(), arrival.arrived(), false);
      }
    }
    endWindows();
  }

  private void tick(Instant now) {
    if (snapshot.window().isPresent()) {
      Duration patience = snapshot.window().get().size().plus(snapshot.window().get().grace());
      Optional<Instant> last = seen.stream().map(Arrival::arrived).max(Instant::compareTo);
      if (last.isPresent() && !now.isBefore(last.get().plus(patience))) {
        events.stream()
            .filter(each -> !each.gone)
            .map(each -> Instant.ofEpochMilli(end(windowOf(each.arrival))))
            .max(Instant::compareTo)
            .ifPresent(silenced::add);
      }
      endWindows();
      return;
    }
    // who is due first goes first; nobody is due twice before another who is due as well
    while (true) {
      TreeMap<Instant, TreeSet<String>> due = new TreeMap<>();
      for (Event event : events) {
        String key = event.arrival.key();
        due(key)
            .filter(at -> !event.gone && !at.isAfter(now))
            .ifPresent(at -> due.computeIfAbsent(at, _ -> new TreeSet<>()).add(key));
      }
      if (due.isEmpty()) {
        forget(now);
        return;
      }
      String key = due.firstEntry().getValue().first();
      if (complete(there(key))) {
        fire(key, now, false);
      } else if (snapshot.timeout().orElseThrow().then() == Then.PARTIAL) {
        fire(key, now, true);
      } else {
        boolean drop = snapshot.timeout().orElseThrow().then() == Then.DROP;
        give(there(key), drop ? Cause.EXPIRED_DROP : Cause.EXPIRED_DEADLETTER);
      }
    }
  }

  private Optional<Instant> due(String key) {
    List<Event> there = there(key);
    if (there.stream().allMatch(each -> each.used)) {
      return Optional.empty();
    }
    Instant mayFire =
        lastFired(key)
            .map(at -> at.plus(snapshot.minInterval().orElse(Duration.ZERO)))
            .filter(_ -> snapshot.minInterval().isPresent())
            .orElse(Instant.EPOCH);
    if (complete(there)) {
      return Optional.of(mayFire);
    }
    return snapshot
        .timeout()
        .map(timeout -> since(there).plus(timeout.after()))
        .map(
            end ->
                snapshot.timeout().orElseThrow().then() == Then.PARTIAL && mayFire.isAfter(end)
                    ? mayFire
                    : end);
  }

  private Optional<Instant> lastFired(String key) {
    return fired.stream().filter(each -> each.key().equals(key)).map(Fired::at).reduce((_, b) -> b);
  }

  /** Who was fired by a clock more than a minute ahead was fired now. */
  private void distrustTheFuture(Arrival arrival) {
    Instant now = arrival.arrived();
    fired.replaceAll(
        each ->
            each.key().equals(arrival.key()) && each.at().isAfter(now.plusSeconds(60))
                ? new Fired(each.key(), now)
                : each);
  }

  /** An interval that was over once is over, even if the clock goes back. */
  private void forget(Instant now) {
    snapshot
        .minInterval()
        .ifPresent(
            interval ->
                fired.removeIf(
                    each ->
                        there(each.key()).isEmpty() && !now.isBefore(each.at().plus(interval))));
  }

  private boolean mayFire(String key, Instant now) {
    return snapshot.minInterval().isEmpty()
        || lastFired(key).isEmpty()
        || !now.isBefore(lastFired(key).get().plus(snapshot.minInterval().get()));
  }

  /** What of a key is there, oldest first. */
  private List<Event> there(String key) {
    return events.stream().filter(each -> !each.gone && each.arrival.key().equals(key)).toList();
  }

  private static List<Event> of(List<Event> there, PortName input) {
    return there.stream().filter(each -> each.arrival.input().equals(input)).toList();
  }

  private boolean complete(List<Event> there) {
    return inputs.stream()
        .allMatch(input -> of(there, input.name()).size() >= input.length().min());
  }

  private static Instant since(List<Event> there) {
    return there.stream().filter(each -> !each.used).findFirst().orElseThrow().arrival.arrived();
  }

  private void fire(String key, Instant now, boolean partial) {
    List<Event> there = there(key);
    Instant since = since(there);
    List<Event> all = new ArrayList<>();
    for (Input input : inputs) {
      List<Event> taken = of(there, input.name()).stream().limit(input.length().max()).toList();
      all.addAll(taken);
      taken.forEach(each -> each.used = true);
      long gone = taken.size();
      if (!partial && snapshot.policy() == Policy.SWAP_NEW4OLD) {
        gone = 0;
      }
      if (!partial && snapshot.policy() == Policy.SLIDING_WINDOW) {
        gone = input.length().slide();
      }
      taken.stream().limit(gone).forEach(each -> each.gone = true);
    }
    fired.add(new Fired(key, now));
    firings.add(new Firing(key, slots(all), partial, since, Optional.empty()));
  }

  private void give(List<Event> there, Cause cause) {
    for (Input input : inputs) {
      for (Event event : of(there, input.name())) {
        event.gone = true;
        if (!event.used) {
          refuse(event.arrival, cause);
        }
      }
    }
  }

  private void refuse(Arrival arrival, Cause cause) {
    refusals.add(new Refusal(slot(arrival), arrival.key(), cause, ""));
  }

  private static Slot slot(Arrival arrival) {
    return new Slot(arrival.input(), arrival.offset(), arrival.arrived(), arrival.event());
  }

  private static List<Slot> slots(List<Event> events) {
    return events.stream().map(each -> slot(each.arrival)).toList();
  }

  // --- windows ---

  private static long time(Arrival arrival) {
    long arrived = arrival.arrived().toEpochMilli();
    long time = arrival.eventTime().toEpochMilli();
    return time > arrived + 60_000 ? arrived : time;
  }

  private long windowOf(Arrival arrival) {
    return Math.floorDiv(time(arrival), snapshot.window().orElseThrow().size().toMillis());
  }

  private long end(long window) {
    long size = snapshot.window().orElseThrow().size().toMillis();
    return (window + 1) * size + snapshot.window().orElseThrow().grace().toMillis();
  }

  private boolean ended(long window) {
    return seen.stream().anyMatch(each -> time(each) >= end(window))
        || silenced.stream().anyMatch(at -> at.toEpochMilli() >= end(window));
  }

  private void endWindows() {
    if (snapshot.window().isEmpty()) {
      return;
    }
    record Id(long window, String key) {}
    List<Id> open =
        events.stream()
            .filter(each -> !each.gone)
            .map(each -> new Id(windowOf(each.arrival), each.arrival.key()))
            .distinct()
            .filter(id -> ended(id.window()))
            .sorted(Comparator.comparingLong(Id::window).thenComparing(Id::key))
            .toList();
    for (Id id : open) {
      List<Event> there =
          there(id.key()).stream().filter(each -> windowOf(each.arrival) == id.window()).toList();
      if (!complete(there)) {
        give(there, Cause.EXPIRED_DEADLETTER);
        continue;
      }
      List<Event> all = new ArrayList<>();
      inputs.forEach(input -> all.addAll(of(there, input.name())));
      all.forEach(each -> each.gone = true);
      Instant start =
          Instant.ofEpochMilli(id.window() * snapshot.window().orElseThrow().size().toMillis());
      firings.add(new Firing(id.key(), slots(all), false, since(there), Optional.of(start)));
    }
  }
}
