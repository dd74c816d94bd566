package dev.koalja.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A block of code in a page of the documentation.
 *
 * @param page where it is
 * @param line the line it begins in
 * @param language what follows the fence; empty for an indented block
 * @param mark the comment in the line above, such as {@code file: src/Shop.java}; empty without one
 * @param lines the code
 */
record CodeBlock(Path page, int line, String language, String mark, List<String> lines) {
  private static final Pattern MARK = Pattern.compile("<!-- (.*) -->");

  static List<CodeBlock> of(Path page) throws IOException {
    List<CodeBlock> blocks = new ArrayList<>();
    List<String> lines = Files.readAllLines(page);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      String before = i == 0 ? "" : lines.get(i - 1);
      boolean fenced = line.startsWith("```") && !line.startsWith("````");
      if (!fenced && line.strip().matches("(```|~~~).*")) {
        throw unreadable(page, i + 1);
      }
      if (!fenced && !(line.startsWith("    ") && before.isBlank())) {
        continue;
      }
      int first = fenced ? i + 1 : i;
      int end = first;
      while (end < lines.size()
          && (fenced ? !lines.get(end).equals("```") : lines.get(end).startsWith("    "))) {
        end++;
      }
      if (fenced && end == lines.size()) {
        throw unreadable(page, i + 1);
      }
      Matcher mark = MARK.matcher(before);
      blocks.add(
          new CodeBlock(
              page,
              i + 1,
              fenced ? line.substring(3) : "",
              mark.matches() ? mark.group(1) : "",
              List.copyOf(lines.subList(first, end))));
      i = end;
    }
    return blocks;
  }

  /** A block that is passed over would be neither run nor compiled. */
  private static AssertionError unreadable(Path page, int line) {
    return new AssertionError(
        "%s:%d is no block that is read here: write three backticks at the beginning of a line, and again to end it"
            .formatted(page.getFileName(), line));
  }

  /** What follows {@code word:} in the mark; empty when it is another mark. */
  String marked(String word) {
    return mark.startsWith(word + ": ") ? mark.substring(word.length() + 2) : "";
  }

  String text() {
    return String.join("\n", lines) + "\n";
  }

  @Override
  public String toString() {
    return page.getFileName() + ":" + line;
  }
}
