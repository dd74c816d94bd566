package dev.koalja.pipeline;

/**
 * The name of a task: a node of the circuit.
 *
 * @param value matches {@link NameGrammar}
 */
public record TaskName(String value) implements Comparable<TaskName> {
  public TaskName {
    NameGrammar.require("task", value);
  }

  @Override
  public int compareTo(TaskName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
