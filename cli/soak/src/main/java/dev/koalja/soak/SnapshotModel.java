package dev.koalja.soak;

import dev.koalja.pipeline.Input;
import dev.koalja.pipeline.Snapshot;
import dev.koalja.pipeline.Snapshot.Policy;
import dev.koalja.pipeline.Task;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which snapshots a row of arrivals makes: lists, and nothing else. It has nothing in common with
 * the router but the words of the pipeline file.
 */
final class SnapshotModel {
  private final Snapshot snapshot;
  private final List<Input> inputs;
  private final Map<String, Map<String, List<Slot>>> waiting = new HashMap<>();

  /**
   * An event at its place in a snapshot.
   *
   * @param input the port it is counted among
   * @param position where it stands on its link
   */
  record Slot(String input, String position) {
    @Override
    public String toString() {
      return input + "=" + position;
    }
  }

  SnapshotModel(Task task) {
    this.snapshot = task.snapshot().orElseThrow();
    this.inputs = task.inputs().stream().filter(each -> each.mergeInto().isEmpty()).toList();
  }

  /** Whether the order of arrivals alone decides what a task gets; else the clock has its say. */
  static boolean predicts(Task task) {
    return task.snapshot()
        .filter(each -> each.timeout().isEmpty())
        .filter(each -> each.minInterval().isEmpty())
        .filter(each -> each.window().isEmpty())
        .isPresent();
  }

  /** The snapshot that an arrival completes; empty when it completes none. */
  List<Slot> arrive(String key, Slot slot) {
    Map<String, List<Slot>> there = waiting.computeIfAbsent(key, _ -> new HashMap<>());
    List<Slot> row = there.computeIfAbsent(slot.input(), _ -> new ArrayList<>());
    if (snapshot.policy() == Policy.SWAP_NEW4OLD) {
      row.clear();
    } else if (row.size() >= snapshot.maxWaiting()) {
      return List.of();
    }
    row.add(slot);
    boolean complete =
        inputs.stream()
            .allMatch(
                each ->
                    there.getOrDefault(each.name().value(), List.of()).size()
                        >= each.length().min());
    if (!complete) {
      return List.of();
    }
    List<Slot> fired = new ArrayList<>();
    for (Input input : inputs) {
      List<Slot> all = there.get(input.name().value());
      if (all == null) {
        throw new IllegalStateException("complete without " + input.name());
      }
      List<Slot> taken = all.subList(0, Math.min(input.length().max(), all.size()));
      fired.addAll(taken);
      switch (snapshot.policy()) {
        case ALL_NEW -> taken.clear();
        case SLIDING_WINDOW -> all.subList(0, input.length().slide()).clear();
        case SWAP_NEW4OLD -> {}
      }
    }
    return fired;
  }
}
