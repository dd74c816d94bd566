package dev.koalja.runtime.deployment;

import dev.koalja.pipeline.Input;
import dev.koalja.pipeline.Snapshot;
import dev.koalja.pipeline.Task;
import dev.koalja.runtime.registry.InputDescriptor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jboss.jandex.Type;

/**
 * Checks whether the parameters of a function can hold what its task hands over. The task is that
 * of the whole pipeline: a hand-written file may have changed what the code says.
 */
final class ParameterCheck {
  private ParameterCheck() {}

  static List<BuildProblem> check(FunctionMethod function, Task task) {
    List<BuildProblem> problems = new ArrayList<>();
    List<Input> own = task.inputs().stream().filter(input -> input.mergeInto().isEmpty()).toList();
    boolean windows = task.snapshot().flatMap(Snapshot::window).isPresent();
    boolean partial =
        own.size() > 1
            && task.snapshot()
                .flatMap(Snapshot::timeout)
                .filter(timeout -> timeout.then() == Snapshot.Then.PARTIAL)
                .isPresent();
    if (function.state().isPresent() && !task.snapshot().map(Snapshot::keyedState).orElse(false)) {
      problem(
          function,
          "parameter %s remembers, but the pipeline file says keyedState: false"
              .formatted(function.state().get().parameter()),
          "Remove one of them",
          problems);
    }
    for (Input input : own) {
      function.inputs().stream()
          .filter(each -> each.name().equals(input.name()))
          .findFirst()
          .ifPresentOrElse(
              port -> {
                if (task.delivery().batch().isPresent()) {
                  int max = task.delivery().batch().get().max();
                  several(function, port, "a batch has up to %d events".formatted(max), problems);
                } else if (windows) {
                  several(function, port, "a snapshot has every event of a window", problems);
                } else if (input.length().max() > 1) {
                  int max = input.length().max();
                  several(
                      function,
                      port,
                      "a snapshot has up to %d events of it".formatted(max),
                      problems);
                } else if (own.size() == 1 && port.shape() == Shape.LIST) {
                  problem(
                      function,
                      "parameter %s is %s, but one event comes at a time"
                          .formatted(port.parameter(), JavaNames.simple(port.declared())),
                      "Say how many with batch, length, min or window, or read %s"
                          .formatted(JavaNames.simple(port.element())),
                      problems);
                } else {
                  one(function, port, partial, problems);
                }
              },
              () ->
                  problem(
                      function,
                      "the pipeline file gives it the input \"%s\", for which it has no parameter"
                          .formatted(input.name()),
                      "Add a parameter, or set mergeInto to one of its inputs",
                      problems));
    }
    return problems;
  }

  private static void several(
      FunctionMethod function, InputPort port, String many, List<BuildProblem> problems) {
    if (port.shape() != Shape.LIST) {
      problem(
          function,
          "parameter %s is %s, and %s"
              .formatted(port.parameter(), JavaNames.simple(port.declared()), many),
          "Read List<%s>".formatted(element(port)),
          problems);
    }
  }

  private static void one(
      FunctionMethod function, InputPort port, boolean partial, List<BuildProblem> problems) {
    String declared = JavaNames.simple(port.declared());
    boolean primitive = port.element().kind() == Type.Kind.PRIMITIVE;
    String element = element(port);
    if (port.shape() == Shape.OPTIONAL && !partial) {
      problem(
          function,
          "parameter %s is %s, but there always is an event".formatted(port.parameter(), declared),
          "Read %s".formatted(element),
          problems);
    }
    if (port.shape() == Shape.ONE && partial && (primitive || !port.nullable())) {
      problem(
          function,
          "parameter %s is %s, but a partial snapshot may have none"
              .formatted(port.parameter(), declared),
          "Read Optional<%s>%s".formatted(element, primitive ? "" : ", or mark it @Nullable"),
          problems);
    }
  }

  private static String element(InputPort port) {
    return port.element().kind() == Type.Kind.PRIMITIVE
        ? JavaNames.boxed(port.element()).getSimpleName()
        : JavaNames.simple(port.element());
  }

  private static void problem(
      FunctionMethod function, String reason, String mend, List<BuildProblem> problems) {
    problems.add(new BuildProblem(function.where(), reason, mend));
  }
}
