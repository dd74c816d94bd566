package dev.koalja.test;

import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.error.Suggestion;
import java.util.List;

/** Finds the parts of a circuit by name, and says what is the matter with them. */
record Names(Pipeline pipeline) {
  LinkName link(String name) {
    return pipeline
        .link(name)
        .orElseThrow(
            () ->
                unknown(
                    "link",
                    name,
                    pipeline.links().stream().map(each -> each.name().value()).toList()))
        .name();
  }

  Task task(String name) {
    return pipeline
        .task(name)
        .orElseThrow(
            () ->
                unknown(
                    "task",
                    name,
                    pipeline.tasks().stream().map(each -> each.name().value()).toList()));
  }

  Task joining(String name) {
    Task task = task(name);
    if (task.snapshot().isEmpty()) {
      throw new IllegalArgumentException(
          "task %s takes events one by one: nothing ever waits there".formatted(name));
    }
    return task;
  }

  private static IllegalArgumentException unknown(String kind, String name, List<String> known) {
    return new IllegalArgumentException(
        "the circuit has no %s \"%s\"%s; it has %s"
            .formatted(kind, name, Suggestion.didYouMean(name, known), String.join(", ", known)));
  }

  void expectNoDeadLetters(Circuit circuit) {
    boolean any =
        pipeline.tasks().stream()
            .anyMatch(task -> !circuit.deadLetters(task.name().value()).isEmpty());
    if (any) {
      throw new AssertionError("no dead letters were expected" + circumstances(circuit));
    }
  }

  /** Dead letters and waiting snapshots: mostly the reason why something did not come. */
  String circumstances(Circuit circuit) {
    StringBuilder text = new StringBuilder();
    for (Task task : pipeline.tasks()) {
      String name = task.name().value();
      for (DeadLetter letter : circuit.deadLetters(name)) {
        text.append("\n%s has a dead letter: %s".formatted(name, letter.cause()));
      }
      if (task.snapshot().isPresent()) {
        for (WaitingSnapshot each : circuit.waiting(name)) {
          text.append(
              "\n%s waits%s for %s, has %s"
                  .formatted(
                      name,
                      each.key().isEmpty() ? "" : " with key " + each.key(),
                      each.misses().isEmpty() ? "its time" : String.join(" and ", each.misses()),
                      each.has()));
        }
      }
    }
    return text.toString();
  }
}
