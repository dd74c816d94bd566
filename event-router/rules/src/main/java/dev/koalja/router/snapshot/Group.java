package dev.koalja.router.snapshot;

import dev.koalja.pipeline.PortName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The events that belong together: those of one key, or of one key in one window of time. */
final class Group {
  /**
   * Which events these are. In order of the windows, then of the keys.
   *
   * @param window when the window of time begins; {@link Instant#EPOCH} without windows
   */
  record Id(Instant window, String key) implements Comparable<Id> {
    @Override
    public int compareTo(Id other) {
      int order = window.compareTo(other.window);
      return order != 0 ? order : key.compareTo(other.key);
    }
  }

  private static final long UNUSED = -1;

  private final Id id;
  private final List<TreeMap<Long, Slot>> inputs = new ArrayList<>();
  private final long[] usedUpTo;
  private @Nullable Instant lastFired;
  private @Nullable Instant due;
  private byte @Nullable [] meta;

  Group(Id id, int inputs) {
    this.id = id;
    for (int i = 0; i < inputs; i++) {
      this.inputs.add(new TreeMap<>());
    }
    this.usedUpTo = new long[inputs];
    Arrays.fill(usedUpTo, UNUSED);
  }

  Id id() {
    return id;
  }

  String key() {
    return id.key();
  }

  void add(int input, Slot slot) {
    inputs.get(input).put(slot.offset(), slot);
  }

  void remove(int input, Slot slot) {
    inputs.get(input).remove(slot.offset());
  }

  int size(int input) {
    return inputs.get(input).size();
  }

  boolean isEmpty() {
    return inputs.stream().allMatch(TreeMap::isEmpty);
  }

  Stream<Slot> slots(int input) {
    return inputs.get(input).values().stream();
  }

  Slot newest(int input) {
    return inputs.get(input).lastEntry().getValue();
  }

  boolean isUsed(int input, Slot slot) {
    return slot.offset() <= usedUpTo[input];
  }

  /** A firing used the events of an input up to this one. Events are used oldest first. */
  void use(int input, long offset) {
    usedUpTo[input] = Math.max(usedUpTo[input], offset);
  }

  /** Up to where events that are still here were used. */
  Optional<Long> usedUpTo(int input) {
    TreeMap<Long, Slot> slots = inputs.get(input);
    return !slots.isEmpty() && slots.firstKey() <= usedUpTo[input]
        ? Optional.of(usedUpTo[input])
        : Optional.empty();
  }

  /** When the oldest event that no firing used arrived; empty when all were used. */
  Optional<Instant> since() {
    List<Slot> unused = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      var oldest = inputs.get(i).higherEntry(usedUpTo[i]);
      if (oldest != null) {
        unused.add(oldest.getValue());
      }
    }
    return unused.stream().min(Comparator.comparingLong(Slot::offset)).map(Slot::arrived);
  }

  @Nullable Instant lastFired() {
    return lastFired;
  }

  void lastFired(@Nullable Instant lastFired) {
    this.lastFired = lastFired;
  }

  /** When it is in the list of those that have something to do. */
  @Nullable Instant due() {
    return due;
  }

  void due(@Nullable Instant due) {
    this.due = due;
  }

  /** What the state says of this group besides its events; null for nothing. */
  byte @Nullable [] meta() {
    return meta;
  }

  void meta(byte @Nullable [] meta) {
    this.meta = meta;
  }

  /** Takes over what a group of the same key remembered. */
  void remember(Meta meta, List<PortName> names) {
    lastFired = meta.lastFired().orElse(null);
    for (int i = 0; i < names.size(); i++) {
      use(i, meta.usedUpTo().getOrDefault(names.get(i), UNUSED));
    }
  }

  /** What is to be remembered of this group besides its events. */
  Meta toMeta(List<PortName> names) {
    var used = new TreeMap<PortName, Long>();
    for (int i = 0; i < names.size(); i++) {
      PortName name = names.get(i);
      usedUpTo(i).ifPresent(offset -> used.put(name, offset));
    }
    return new Meta(Optional.ofNullable(lastFired), used);
  }
}
