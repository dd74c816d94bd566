package dev.koalja.cli.reload;

import dev.koalja.cli.show.Words;
import java.time.Duration;
import java.util.List;

/** The line that says that a change is in force. */
final class Rebuilt {
  private static final int NAMED = 4;

  private Rebuilt() {}

  /**
   * Such as {@code shop revision 2: price rebuilt in 1.2 s, nothing lost, 0 waiting}.
   *
   * @param functions tasks whose classes changed
   * @param apps apps whose code changed
   * @param rewired whether the wiring is another; where no code is either, its data looks otherwise
   * @param took from the first sign of the change until requests go to the new code
   * @param waiting requests that wait for a place
   */
  static String line(
      String pipeline,
      long revision,
      List<String> functions,
      List<String> apps,
      boolean rewired,
      Duration took,
      long waiting) {
    String code = apps.isEmpty() ? "" : names(functions.isEmpty() ? apps : functions) + " rebuilt";
    String wires = rewired ? "wired anew" : code.isEmpty() ? "typed anew" : "";
    return "%s revision %d: %s%s%s in %s, nothing lost, %d waiting"
        .formatted(
            pipeline,
            revision,
            code,
            code.isEmpty() || wires.isEmpty() ? "" : " and ",
            wires,
            Words.duration(took),
            waiting);
  }

  private static String names(List<String> names) {
    return names.size() <= NAMED
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, NAMED - 1))
            + " and %d more".formatted(names.size() - NAMED + 1);
  }
}
