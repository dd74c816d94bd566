package dev.koalja.pipeline;

/**
 * The name of a trigger: where the outside world enters.
 *
 * @param value matches {@link NameGrammar}
 */
public record TriggerName(String value) implements Comparable<TriggerName> {
  public TriggerName {
    NameGrammar.require("trigger", value);
  }

  @Override
  public int compareTo(TriggerName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
