package dev.koalja.cli.revision;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Picks what explains a start that failed out of the log of an app. */
final class StartFailure {
  private static final int MOST = 12;
  private static final Pattern LINE = Pattern.compile("(?s)\\[(\\d+)] (.*)");

  /** The places of a stack trace, which are nearly all of Quarkus. */
  private static final Pattern PLACE = Pattern.compile("(?:at [^ ]+\\(.*\\)|\\.\\.\\. \\d+ more)");

  private StartFailure() {}

  /** What somebody else did to the process, of which its log knows nothing. */
  private static final Pattern SIGNAL = Pattern.compile("ended with \\d+ \\(signal \\d+\\)");

  /**
   * The last words of the process that wrote last.
   *
   * @param refusal what the serving says
   */
  static List<String> words(List<String> log, String refusal) {
    List<String> words = new ArrayList<>();
    String process = "";
    for (String line : log.reversed()) {
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        continue;
      }
      if (process.isEmpty()) {
        process = matcher.group(1);
      }
      String text = matcher.group(2).strip();
      if (matcher.group(1).equals(process)
          && !text.isEmpty()
          && !PLACE.matcher(text).matches()
          && words.size() < MOST) {
        words.addFirst(text);
      }
    }
    if (words.isEmpty()) {
      return List.of(refusal);
    }
    Matcher signal = SIGNAL.matcher(refusal);
    if (signal.find()) {
      words.add("its process " + signal.group());
    }
    return words;
  }
}
