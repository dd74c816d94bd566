package dev.koalja.runtime.receive;

/** What can stand in a {@code Content-Type} header, where {@code datacontenttype} ends up. */
public final class MediaType {
  private static final int MAX_LENGTH = 256;

  private MediaType() {}

  /** Whether it names a type, in printable ASCII, and is no longer than any real one. */
  public static boolean writable(String text) {
    if (text.length() > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
        return false;
      }
    }
    return !text.split(";", 2)[0].isBlank();
  }
}
