package dev.koalja.test.api;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What became different between two APIs.
 *
 * @param broken lines with which code that was right before no longer compiles or runs
 * @param added lines that are new and harm nobody
 */
record ApiChange(List<String> broken, List<String> added) {
  static ApiChange between(SortedSet<String> before, SortedSet<String> now) {
    SortedSet<String> broken = new TreeSet<>();
    SortedSet<String> added = new TreeSet<>();
    for (String line : before) {
      // a deprecated member still works
      if (!now.contains(line) && !now.contains(line.replaceFirst(": ", ": @Deprecated "))) {
        broken.add("removed or changed  " + line);
      }
    }
    for (String line : now) {
      if (before.contains(line)) {
        continue;
      }
      if (isDemand(line, before)) {
        broken.add("demanded of those that exist  " + line);
      } else {
        added.add(line);
      }
    }
    return new ApiChange(List.copyOf(broken), List.copyOf(added));
  }

  /**
   * A method without a body, or an attribute without a default, in a type that was there: what
   * implements or uses it does not have it. Not so where nobody else can implement the type.
   */
  private static boolean isDemand(String line, SortedSet<String> before) {
    String type = line.substring(0, line.indexOf(": ") + 2);
    String declaration =
        before.stream().filter(each -> isDeclaration(each, type)).findFirst().orElse("");
    return !declaration.isEmpty()
        && !declaration.contains(" sealed ")
        && line.contains(" abstract ")
        && line.contains("(")
        && !isDeclaration(line, type)
        && !line.contains(" default ");
  }

  private static boolean isDeclaration(String line, String type) {
    return line.startsWith(type)
        && line.substring(type.length()).matches(".*\\b(class|interface|record|enum)\\b .*");
  }
}
