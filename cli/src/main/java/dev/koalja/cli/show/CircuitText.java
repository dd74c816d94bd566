package dev.koalja.cli.show;

import dev.koalja.pipeline.Input;
import dev.koalja.pipeline.Link;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.Output;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Snapshot;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskName;
import dev.koalja.pipeline.Trigger;
import dev.koalja.pipeline.TriggerKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A circuit as text, from left to right as events travel:
 *
 * <pre>
 * webhook github ─▶ push ┬▶ split ─▶ commit
 *                        └▶ digest ─▶ report
 * </pre>
 *
 * <p>What was drawn before is drawn by its name and {@code ↑} only. A task that joins or collects
 * names all it reads where it is drawn first, windows with their length and slide; so does one that
 * is called as a link is, which would look like it:
 *
 * <pre>
 * http ─▶ priced ─▶ ship(priced, stock) ─▶ shipment ─▶ report(shipment[100/10])
 * http ─▶ stock ─▶ ship ↑
 * http ─▶ bill ─▶ bill(bill) ─▶ paid
 * </pre>
 */
public final class CircuitText {
  private final Pipeline pipeline;
  private final Set<LinkName> drawn = new HashSet<>();
  private final Set<TaskName> joins = new HashSet<>();

  private CircuitText(Pipeline pipeline) {
    this.pipeline = pipeline;
  }

  /** The lines of a circuit. */
  public static List<String> lines(Pipeline pipeline) {
    return new CircuitText(pipeline).draw();
  }

  private List<String> draw() {
    List<String> lines = new ArrayList<>();
    for (Trigger trigger : pipeline.triggers()) {
      lines.addAll(join(word(trigger), List.of(link(trigger.link()))));
    }
    Set<LinkName> written = new HashSet<>();
    pipeline.triggers().forEach(trigger -> written.add(trigger.link()));
    pipeline.tasks().forEach(task -> task.outputs().forEach(out -> written.add(out.link())));
    for (Link link : pipeline.links()) {
      if (!written.contains(link.name())) {
        lines.addAll(join("http", List.of(link(link.name()))));
      }
    }
    return lines;
  }

  /** A trigger in two words: its kind and its name. */
  static String word(Trigger trigger) {
    return switch (trigger.kind()) {
      case TriggerKind.Webhook _ -> "webhook " + trigger.name();
      case TriggerKind.Bucket _ -> "bucket " + trigger.name();
    };
  }

  private List<String> link(LinkName name) {
    if (!drawn.add(name)) {
      return List.of(name + " ↑");
    }
    return join(
        name.value(),
        pipeline.tasks().stream()
            .filter(task -> task.inputs().stream().anyMatch(input -> input.link().equals(name)))
            .map(this::task)
            .toList());
  }

  private List<String> task(Task task) {
    if (collects(task) && !joins.add(task.name())) {
      return List.of(task.name() + (isAlsoLink(task) ? "(…) ↑" : " ↑"));
    }
    return join(
        word(task), task.outputs().stream().map(Output::link).distinct().map(this::link).toList());
  }

  /** Whether it is given several events at once; a state for each key alone is no reason. */
  static boolean collects(Task task) {
    return task.snapshot().isPresent()
        && (task.inputs().size() > 1
            || task.inputs().getFirst().length().max() > 1
            || task.snapshot().get().window().isPresent());
  }

  private boolean isAlsoLink(Task task) {
    return pipeline.link(task.name().value()).isPresent();
  }

  /**
   * Its name; with what it reads when it does not take events one by one, or is named as a link.
   */
  private String word(Task task) {
    return !collects(task) && !isAlsoLink(task)
        ? task.name().value()
        : task.inputs().stream()
            .map(input -> input.link() + window(task, input))
            .collect(Collectors.joining(", ", task.name() + "(", ")"));
  }

  /** How many events of an input a snapshot has: {@code [100/10]}; empty for one. */
  static String window(Task task, Input input) {
    Input.Length length = input.length();
    if (length.max() == 1) {
      return "";
    }
    String number =
        length.min() == length.max()
            ? String.valueOf(length.max())
            : length.min() + "–" + length.max();
    boolean slides =
        task.snapshot().filter(each -> each.policy() == Snapshot.Policy.SLIDING_WINDOW).isPresent();
    return slides ? "[%s/%d]".formatted(number, length.slide()) : "[%s]".formatted(number);
  }

  private static List<String> join(String head, List<List<String>> branches) {
    if (branches.isEmpty()) {
      return List.of(head);
    }
    List<String> lines = new ArrayList<>();
    boolean one = branches.size() == 1;
    for (int i = 0; i < branches.size(); i++) {
      boolean last = i == branches.size() - 1;
      String start = one ? " ─▶ " : i == 0 ? " ┬▶ " : last ? " └▶ " : " ├▶ ";
      String below = one || last ? "    " : " │  ";
      List<String> branch = branches.get(i);
      for (int line = 0; line < branch.size(); line++) {
        String left = i == 0 && line == 0 ? head : " ".repeat(head.length());
        lines.add(left + (line == 0 ? start : below) + branch.get(line));
      }
    }
    return lines;
  }
}
