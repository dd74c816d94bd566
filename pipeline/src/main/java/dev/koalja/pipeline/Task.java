package dev.koalja.pipeline;

import java.util.List;
import java.util.Optional;

/**
 * A node of the circuit.
 *
 * @param name unique in its pipeline
 * @param kind what it runs
 * @param inputs at least one, names unique
 * @param outputs none for a task that only consumes, names unique
 * @param delivery how its events are delivered
 * @param snapshot how events are put together; absent for a task that takes them one by one
 */
public record Task(
    TaskName name,
    TaskKind kind,
    List<Input> inputs,
    List<Output> outputs,
    Delivery delivery,
    Optional<Snapshot> snapshot) {
  public Task {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** A task that takes events one by one. */
  public Task(
      TaskName name, TaskKind kind, List<Input> inputs, List<Output> outputs, Delivery delivery) {
    this(name, kind, inputs, outputs, delivery, Optional.empty());
  }

  /** The output called {@code name}. */
  public Optional<Output> output(String name) {
    return outputs.stream().filter(output -> output.name().value().equals(name)).findFirst();
  }

  Task withoutSchemas() {
    return new Task(
        name,
        kind,
        inputs.stream().map(Input::withoutSchema).toList(),
        outputs.stream().map(Output::withoutSchema).toList(),
        delivery,
        snapshot);
  }
}
