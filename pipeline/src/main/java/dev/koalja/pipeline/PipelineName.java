package dev.koalja.pipeline;

/**
 * The name of a pipeline.
 *
 * @param value matches {@link NameGrammar}
 */
public record PipelineName(String value) implements Comparable<PipelineName> {
  public PipelineName {
    NameGrammar.require("pipeline", value);
  }

  @Override
  public int compareTo(PipelineName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
