package dev.koalja.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A command a page shows, with what it prints. In what it prints, {@code …} stands for anything in
 * a line, and alone in a line for any number of lines; how many blanks there are does not count.
 */
record Transcript(String command, List<String> shown) {
  static List<Transcript> of(CodeBlock block) {
    List<Transcript> all = new ArrayList<>();
    for (String line : block.lines()) {
      if (line.startsWith("$ ")) {
        all.add(new Transcript(line.substring(2), new ArrayList<>()));
      } else if (line.startsWith("> ")) { // the command goes on
        Transcript last = all.removeLast();
        all.add(new Transcript(last.command() + "\n" + line.substring(2), last.shown()));
      } else if (all.isEmpty()) {
        throw new AssertionError(block + " shows output without a command");
      } else {
        all.getLast().shown().add(line);
      }
    }
    return all;
  }

  /** Whether the output has what is shown, its lines one after the other. */
  boolean isShownBy(String output) {
    return holds(shown, output);
  }

  static boolean holds(List<String> shown, String output) {
    String pattern =
        shown.stream()
            .map(Transcript::plain)
            .map(line -> line.equals("…") ? "(?:.*\n)*?" : pattern(line) + "\n")
            .collect(Collectors.joining());
    String lines = output.lines().map(Transcript::plain).collect(Collectors.joining("\n"));
    return Pattern.compile("\n" + pattern).matcher("\n" + lines + "\n").find();
  }

  private static String plain(String line) {
    return line.strip().replaceAll("\\s+", " ");
  }

  private static String pattern(String line) {
    return Arrays.stream(line.split("…", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
  }
}
