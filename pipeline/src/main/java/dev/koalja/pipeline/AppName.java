package dev.koalja.pipeline;

/**
 * The name of an app: one build of functions that deploy together.
 *
 * @param value matches {@link NameGrammar}
 */
public record AppName(String value) implements Comparable<AppName> {
  public AppName {
    NameGrammar.require("app", value);
  }

  @Override
  public int compareTo(AppName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
