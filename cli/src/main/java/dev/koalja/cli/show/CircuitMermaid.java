package dev.koalja.cli.show;

import dev.koalja.pipeline.Input;
import dev.koalja.pipeline.Link;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.Trigger;
import java.util.ArrayList;
import java.util.List;

/**
 * A circuit as a Mermaid flow chart: tasks as boxes, those that join or collect as hexagons, links
 * as rounded boxes, triggers as flags.
 */
public final class CircuitMermaid {
  private CircuitMermaid() {}

  /** The lines of the chart. */
  public static List<String> lines(Pipeline pipeline) {
    List<String> lines = new ArrayList<>();
    lines.add("flowchart LR");
    for (Trigger trigger : pipeline.triggers()) {
      lines.add(
          "  trigger-%s>\"%s\"] --> link-%s"
              .formatted(trigger.name(), CircuitText.word(trigger), trigger.link()));
    }
    for (Link link : pipeline.links()) {
      lines.add("  link-%s([\"%s\"])".formatted(link.name(), link.name()));
    }
    for (Task task : pipeline.tasks()) {
      lines.add(
          (CircuitText.collects(task) ? "  task-%s{{\"%s\"}}" : "  task-%s[\"%s\"]")
              .formatted(task.name(), task.name()));
      for (Input input : task.inputs()) {
        String window = CircuitText.window(task, input);
        lines.add(
            "  link-%s -->%s task-%s"
                .formatted(
                    input.link(), window.isEmpty() ? "" : "|\"" + window + "\"|", task.name()));
      }
      task.outputs()
          .forEach(out -> lines.add("  task-%s --> link-%s".formatted(task.name(), out.link())));
    }
    return lines;
  }
}
