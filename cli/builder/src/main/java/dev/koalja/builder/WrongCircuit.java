package dev.koalja.builder;

import java.util.ArrayList;
import java.util.List;

/** Finds what our build steps said about the circuit in the failure that Quarkus made of it. */
final class WrongCircuit {
  private static final String MARK = "WrongCircuitException: ";

  private WrongCircuit() {}

  /** What is wrong, one line each; empty when the build failed for another reason. */
  static List<String> problems(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      int found = each.toString().indexOf(MARK);
      if (found >= 0) {
        return lines(each.toString().substring(found + MARK.length()));
      }
    }
    return List.of();
  }

  /** A headline, then a line for each problem, further in. */
  private static List<String> lines(String text) {
    List<String> problems = new ArrayList<>();
    for (String line : text.lines().skip(1).toList()) {
      if (line.isBlank() || line.stripLeading().startsWith("at ")) {
        break;
      }
      problems.add(line.strip());
    }
    return problems;
  }
}
