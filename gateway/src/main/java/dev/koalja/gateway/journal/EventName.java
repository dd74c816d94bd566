package dev.koalja.gateway.journal;

/**
 * How a person names an event: its id whole, its beginning or end, or both with a … between them.
 *
 * @param text as typed
 */
public record EventName(String text) {
  private static final String GAP = "…";

  private String begin() {
    int gap = gap();
    return gap < 0 ? "" : text.substring(0, gap);
  }

  private String end() {
    int gap = gap();
    return gap < 0 ? "" : text.substring(gap + (text.startsWith(GAP, gap) ? 1 : 3));
  }

  private int gap() {
    int gap = text.indexOf(GAP);
    return gap >= 0 ? gap : text.indexOf("...");
  }

  /** Whether an id is meant. */
  public boolean means(String id) {
    return id.equals(text)
        || (gap() < 0
            ? id.startsWith(text) || id.endsWith(text)
            : id.startsWith(begin()) && id.endsWith(end()));
  }

  /** SQL patterns of everything that may be meant, other than the whole id. */
  String[] patterns() {
    return gap() < 0
        ? new String[] {escaped(text) + "%", "%" + escaped(text)}
        : new String[] {escaped(begin()) + "%" + escaped(end())};
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
  }
}
