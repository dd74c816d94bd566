package dev.koalja.router;

import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which functions an event at the head of a chain wakes before it reaches them. */
final class WakeUp {
  private WakeUp() {}

  /**
   * One task of each group of processes that every event of the reader reaches behind its own, the
   * nearest first; and its own where events wait to be a batch. Not where a filter may stop it, and
   * not where a snapshot waits for others.
   *
   * @param most how many at most
   */
  static List<Task> behind(Pipeline pipeline, Reader reader, int most) {
    Set<List<Object>> processes = new HashSet<>();
    if (!lingers(reader.task())) {
      processes(reader.task()).ifPresent(processes::add); // its event starts these itself
    }
    List<Task> woken = new ArrayList<>();
    for (Task task : reached(pipeline, reader.task())) {
      if (woken.size() < most && processes(task).filter(processes::add).isPresent()) {
        woken.add(task);
      }
    }
    return woken;
  }

  /** Whether its events wait for others before they need a process. */
  private static boolean lingers(Task task) {
    return task.delivery().batch().filter(batch -> batch.linger().isPositive()).isPresent();
  }

  /** What functions that share processes have in common. */
  private static Optional<List<Object>> processes(Task task) {
    return task.kind() instanceof TaskKind.Function function
        ? Optional.of(
            function.isolated() ? List.of(function.app(), task.name()) : List.of(function.app()))
        : Optional.empty();
  }

  private static Set<Task> reached(Pipeline pipeline, Task head) {
    Set<Task> reached = new LinkedHashSet<>();
    Deque<Task> next = new ArrayDeque<>(List.of(head));
    while (!next.isEmpty()) {
      Task task = next.remove();
      if (reached.add(task)) {
        pipeline.tasks().stream()
            .filter(candidate -> readsAllOf(candidate, task))
            .forEach(next::add);
      }
    }
    return reached;
  }

  private static boolean readsAllOf(Task candidate, Task task) {
    return candidate.snapshot().isEmpty()
        && !(candidate.kind() instanceof TaskKind.Filter)
        && candidate.inputs().stream()
            .anyMatch(
                input ->
                    input.filters().isEmpty()
                        && task.outputs().stream()
                            .anyMatch(output -> output.link().equals(input.link())));
  }
}
