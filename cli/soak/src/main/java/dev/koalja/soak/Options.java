package dev.koalja.soak;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a soak is told.
 *
 * @param rounds how many rounds
 * @param seed makes the plans
 * @param events events per round and link that is fed from outside
 * @param routers how many routers run
 * @param pipeline the pipeline file
 * @param apps the built project of each app
 * @param json where the report goes, when it is wanted
 * @param folder where data and logs are kept; empty: a temporary one that goes when all was well
 */
public record Options(
    int rounds,
    long seed,
    int events,
    int routers,
    Path pipeline,
    Map<String, Path> apps,
    Optional<Path> json,
    Optional<Path> folder) {
  public Options {
    apps = Map.copyOf(apps);
  }

  /**
   * Reads {@code --name=value} words, as the command writes them.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  static Options parse(String... words) {
    Map<String, String> values = new HashMap<>();
    Map<String, Path> apps = new HashMap<>();
    for (String word : words) {
      String[] parts = word.split("=", 2);
      if (parts.length != 2 || !parts[0].startsWith("--")) {
        throw new IllegalArgumentException("\"" + word + "\" is not --name=value");
      }
      if (parts[0].equals("--app")) {
        String[] app = parts[1].split("=", 2);
        if (app.length != 2) {
          throw new IllegalArgumentException("\"" + word + "\" is not --app=name=folder");
        }
        apps.put(app[0], Path.of(app[1]));
      } else {
        values.put(parts[0], parts[1]);
      }
    }
    String pipeline = values.get("--pipeline");
    if (pipeline == null) {
      throw new IllegalArgumentException("--pipeline=FILE is missing");
    }
    return new Options(
        number(values, "--rounds", 1, 100_000).orElse(20),
        Long.parseLong(values.getOrDefault("--seed", "1")),
        number(values, "--events", 1, 100_000).orElse(400),
        number(values, "--routers", 1, 9).orElse(3),
        Path.of(pipeline),
        apps,
        Optional.ofNullable(values.get("--json")).map(Path::of),
        Optional.ofNullable(values.get("--folder")).map(Path::of));
  }

  private static OptionalInt number(Map<String, String> values, String name, int min, int max) {
    String value = values.get(name);
    if (value == null) {
      return OptionalInt.empty();
    }
    int number = Integer.parseInt(value);
    if (number < min || number > max) {
      throw new IllegalArgumentException(
          "%s is %d, and %d to %d is possible".formatted(name, number, min, max));
    }
    return OptionalInt.of(number);
  }
}
