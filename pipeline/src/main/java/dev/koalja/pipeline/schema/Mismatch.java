package dev.koalja.pipeline.schema;

/**
 * A place at which a consumer could not read what a producer writes.
 *
 * @param path the field, such as {@code lines[].price}; empty for the data itself
 * @param reason what is wrong with it, in words that follow its name
 * @param mend what to do
 */
public record Mismatch(String path, String reason, String mend) {
  /** The field and the reason, as part of a sentence. */
  public String text() {
    return (path.isEmpty() ? "the data" : "\"" + path + "\"") + " " + reason;
  }

  @Override
  public String toString() {
    return text() + ": " + mend;
  }
}
