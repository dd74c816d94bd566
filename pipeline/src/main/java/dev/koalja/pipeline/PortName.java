package dev.koalja.pipeline;

/**
 * The name of an input or output of a task.
 *
 * @param value matches {@link NameGrammar}
 */
public record PortName(String value) implements Comparable<PortName> {
  public PortName {
    NameGrammar.require("port", value);
  }

  @Override
  public int compareTo(PortName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
