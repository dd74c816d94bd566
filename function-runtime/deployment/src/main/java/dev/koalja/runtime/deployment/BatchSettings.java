package dev.koalja.runtime.deployment;

import dev.koalja.pipeline.Delivery;
import dev.koalja.pipeline.Order;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationValue;

/**
 * Reads whether a function takes its events in batches. A batch holds what has come by chance, so
 * whatever says which events belong together contradicts it.
 */
final class BatchSettings {
  private static final List<String> OF_SNAPSHOTS =
      List.of(
          "policy",
          "correlate",
          "correlateBy",
          "giveUpAfter",
          "then",
          "minInterval",
          "window",
          "grace",
          "maxWaiting");

  private final AnnotationInstance function;
  private final BoundedMembers members;

  BatchSettings(String where, AnnotationInstance function, List<BuildProblem> problems) {
    this.function = function;
    this.members = new BoundedMembers(where, "", function, problems);
  }

  /** Empty when it takes no batches. */
  Optional<Delivery.Batch> read(List<InputPort> inputs, Optional<StatePort> state) {
    if (Annotations.value(function, "batch").map(AnnotationValue::asInt).orElse(0) == 0) {
      if (members.has("linger")) {
        members.problem(
            "it has linger, but no batch that would wait for others",
            "Add batch = 100, or remove linger");
      }
      return Optional.empty();
    }
    int max = members.number("batch", Delivery.Batch.DEFAULT_MAX, 2, Delivery.Batch.MAX);
    Duration linger =
        members.duration("linger", Duration.ZERO, Duration.ZERO, Delivery.Batch.MAX_LINGER);
    if (Annotations.text(function, "order").filter(Order.ORDERED.name()::equals).isPresent()) {
      members.problem(
          "it has a batch, and order ORDERED, but of a batch one event may fail and be tried again after the others",
          "Remove batch, or write order = KEY");
    }
    if (inputs.size() > 1) {
      members.problem(
          "it has a batch and %d inputs, but a batch is of one".formatted(inputs.size()),
          "Remove batch, or read one input");
    }
    inputs.forEach(this::input);
    state.ifPresent(
        port ->
            members.problem(
                "it has a batch, which holds events of many keys, and parameter %s remembers things of one"
                    .formatted(port.parameter()),
                "Remove batch, or the parameter"));
    OF_SNAPSHOTS.stream()
        .filter(members::has)
        .forEach(
            member ->
                members.problem(
                    "it has a batch, which holds events as they come, so %s means nothing"
                        .formatted(member),
                    "Remove one of them"));
    return Optional.of(new Delivery.Batch(max, linger));
  }

  private void input(InputPort input) {
    boolean counts = input.length().max() > 1 || input.slides();
    if (counts || input.correlate().isPresent() || !input.merged().isEmpty()) {
      members.problem(
          "it has a batch, which holds events of one link as they come, and parameter %s %s"
              .formatted(
                  input.parameter(),
                  counts
                      ? "counts them"
                      : input.correlate().isPresent() ? "correlates them" : "merges links"),
          "Remove one of them");
    }
  }
}
