package dev.koalja.cli.show;

import dev.koalja.pipeline.Link;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.Output;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.Trigger;
import dev.koalja.pipeline.TriggerKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A circuit as text, from left to right as events travel:
 *
 * <pre>
 * webhook github ─▶ push ┬▶ split ─▶ commit
 *                        └▶ digest ─▶ report
 * </pre>
 *
 * <p>A link that was drawn before is drawn by its name and {@code ↑} only.
 */
public final class CircuitText {
  private final Pipeline pipeline;
  private final Set<LinkName> drawn = new HashSet<>();

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
    return join(
        task.name().value(),
        task.outputs().stream().map(Output::link).distinct().map(this::link).toList());
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
