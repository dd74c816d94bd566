package dev.koalja.pipeline;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A whole circuit: tasks wired by links, fed by triggers. Immutable; made by {@link
 * dev.koalja.pipeline.yaml.PipelineReader}, which has checked the whole graph.
 *
 * @param name the pipeline's name, part of every topic name
 * @param triggers names unique
 * @param tasks names unique
 * @param links every link that is declared or mentioned, names unique
 * @param types declared types, names unique
 */
public record Pipeline(
    PipelineName name,
    List<Trigger> triggers,
    List<Task> tasks,
    List<Link> links,
    List<TypeDefinition> types) {
  public Pipeline {
    triggers = List.copyOf(triggers);
    tasks = List.copyOf(tasks);
    links = withImplied(triggers, tasks, links);
    types = List.copyOf(types);
  }

  private static List<Link> withImplied(
      List<Trigger> triggers, List<Task> tasks, List<Link> declared) {
    Map<LinkName, Link> links = new LinkedHashMap<>();
    declared.forEach(link -> links.put(link.name(), link));
    triggers.forEach(trigger -> links.computeIfAbsent(trigger.link(), Link::implied));
    for (Task task : tasks) {
      task.inputs().forEach(input -> links.computeIfAbsent(input.link(), Link::implied));
      task.outputs().forEach(output -> links.computeIfAbsent(output.link(), Link::implied));
      task.delivery().deadLetter().ifPresent(link -> links.computeIfAbsent(link, Link::implied));
    }
    return List.copyOf(links.values());
  }

  /** Every reader of every task, in the order of tasks, inputs and stages. */
  public List<Reader> readers() {
    return tasks.stream().flatMap(task -> Reader.of(name, task).stream()).toList();
  }

  /**
   * The same without what its data looks like: to whoever only moves events, a pipeline is no other
   * when nothing but that changed.
   */
  public Pipeline withoutSchemas() {
    return new Pipeline(
        name, triggers, tasks.stream().map(Task::withoutSchemas).toList(), links, types);
  }

  /** The task of that name. */
  public Optional<Task> task(String task) {
    return tasks.stream().filter(each -> each.name().value().equals(task)).findFirst();
  }

  /** The link of that name. */
  public Optional<Link> link(String link) {
    return links.stream().filter(each -> each.name().value().equals(link)).findFirst();
  }

  /** The trigger of that name. */
  public Optional<Trigger> trigger(String trigger) {
    return triggers.stream().filter(each -> each.name().value().equals(trigger)).findFirst();
  }
}
