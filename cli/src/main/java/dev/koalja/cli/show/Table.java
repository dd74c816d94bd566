package dev.koalja.cli.show;

import java.util.ArrayList;
import java.util.List;

/** Rows under headings, each column as wide as its widest cell. Not safe for threads. */
public final class Table {
  private static final String GAP = "  ";
  private final List<List<String>> rows = new ArrayList<>();
  private final int columns;

  /** A table with these headings. */
  public Table(String... headings) {
    columns = headings.length;
    rows.add(List.of(headings));
  }

  /** Adds a row, which has as many cells as there are headings. */
  public Table row(String... cells) {
    if (cells.length != columns) {
      throw new IllegalArgumentException(
          "%d cells for %d columns".formatted(cells.length, columns));
    }
    rows.add(List.of(cells));
    return this;
  }

  /** The lines, headings first, without spaces at their ends. */
  public List<String> lines() {
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length()).append(GAP);
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  /** Writes it, the headings in bold. */
  public void print(Screen screen) {
    List<String> lines = lines();
    screen.line(screen.bold(lines.getFirst()));
    lines.stream().skip(1).forEach(screen::line);
  }
}
