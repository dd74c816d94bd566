package dev.koalja.cli.show;

import java.util.Collection;
import java.util.List;

/**
 * Shortens ids for people: {@code 01J8…7QK3M}. Ids made at about the same time begin alike, so
 * their end tells them apart: at least five characters of it, more where ids shown together would
 * look the same. In a pipe ids stay whole.
 */
public final class ShortIds {
  private static final int BEGIN = 4;
  private static final int END = 5;

  private final boolean shorten;
  private final List<String> shown;

  private ShortIds(boolean shorten, List<String> shown) {
    this.shorten = shorten;
    this.shown = shown;
  }

  /** For ids that come one by one. */
  public static ShortIds of(Screen screen) {
    return new ShortIds(screen.terminal(), List.of());
  }

  /** For ids that are shown together. */
  public static ShortIds of(Screen screen, Collection<String> ids) {
    return new ShortIds(screen.terminal(), ids.stream().distinct().toList());
  }

  /** The id as it is shown. */
  public String show(String id) {
    if (!shorten) {
      return id;
    }
    int dot = id.lastIndexOf('.');
    int tail = dot < 0 ? END : id.length() - dot + END;
    while (BEGIN + 1 + tail < id.length()) {
      String form = id.substring(0, BEGIN) + "…" + id.substring(id.length() - tail);
      int length = tail;
      boolean unique =
          shown.stream()
              .filter(other -> !other.equals(id) && other.length() > BEGIN + length)
              .noneMatch(
                  other ->
                      other.startsWith(id.substring(0, BEGIN))
                          && other.endsWith(id.substring(id.length() - length)));
      if (unique) {
        return form;
      }
      tail++;
    }
    return id;
  }
}
