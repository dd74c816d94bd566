package dev.koalja.pipeline;

/**
 * The name of a link: a wire, and so exactly one topic.
 *
 * @param value matches {@link NameGrammar}
 */
public record LinkName(String value) implements Comparable<LinkName> {
  public LinkName {
    NameGrammar.require("link", value);
  }

  @Override
  public int compareTo(LinkName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
