package dev.koalja.function;

import java.util.Map;
import java.util.Optional;

/** Which context attributes of a result an author may set, and how. */
public final class AttributeName {
  private static final int MAX_LENGTH = 20;
  private static final String RESERVED = "koalja";

  /** What is not set by name, and what to do instead. */
  private static final Map<String, String> OTHERWISE =
      Map.of(
          "id", "the runtime derives it from the call",
          "source", "the runtime derives it from the app and the task",
          "specversion", "it is always 1.0",
          "data", "it is what the function returns",
          "datacontenttype", "write contentType",
          "partitionkey", "write @Key, or key of the Event");

  private AttributeName() {}

  /** Whether the name is one of Koalja's own extensions. */
  public static boolean isReserved(String name) {
    return name.startsWith(RESERVED);
  }

  /** Why a result cannot have an attribute of that name; empty when it can. For runtimes. */
  public static Optional<String> problem(String name) {
    if (OTHERWISE.containsKey(name)) {
      return Optional.of("\"%s\" is not set like this: %s".formatted(name, OTHERWISE.get(name)));
    }
    if (isReserved(name)) {
      return Optional.of("\"%s\" begins as Koalja's own attributes do".formatted(name));
    }
    boolean right =
        !name.isEmpty()
            && name.length() <= MAX_LENGTH
            && name.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= '0' && c <= '9');
    return right
        ? Optional.empty()
        : Optional.of(
            "\"%s\" is no attribute: 1 to %d lower-case letters and digits"
                .formatted(name, MAX_LENGTH));
  }

  static void requireExtension(String name) {
    Optional<String> problem =
        switch (name) {
          case "type", "subject", "time" ->
              Optional.of("\"%s\" is no extension: write %s(…)".formatted(name, name));
          case "dataschema" -> Optional.of("\"dataschema\" is no extension: write schema(…)");
          default -> problem(name);
        };
    if (problem.isPresent()) {
      throw new IllegalArgumentException(problem.get());
    }
  }
}
