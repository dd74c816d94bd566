package dev.koalja.soak;

import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.pipeline.yaml.PipelineWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the tasks of our own circuit are delivered to, another way in each round: every setting of
 * {@code delivery} is on or off, large or small at random. A function of seed and round.
 *
 * <p>What changes what an event becomes is remembered by round, which the ids of events name.
 */
final class DeliverySettings {
  /** Where dead letters are put too, in rounds in which they are. */
  static final String FAILURES = "failures";

  private static final Pattern ROUND = Pattern.compile("r(\\d+)-.*");

  private final Pipeline circuit;
  private final long seed;
  private final Map<Integer, Map<String, Task>> rounds = new HashMap<>();

  /** Settings for a circuit. */
  DeliverySettings(Pipeline circuit, long seed) {
    this.circuit = circuit;
    this.seed = seed;
  }

  /** The circuit as it is in force in a round. */
  Pipeline of(int round) {
    Random random = new Random(seed * 7_368_787 + round);
    StringBuilder overlay = new StringBuilder("spec:\n  tasks:\n");
    for (Task task : circuit.tasks()) {
      overlay
          .append("  - name: %s\n    delivery: {".formatted(task.name()))
          .append(String.join(", ", settings(task, random)))
          .append("}\n");
    }
    Pipeline pipeline =
        PipelineReader.read(
            new PipelineReader.Source("circuit", PipelineWriter.yaml(circuit)),
            new PipelineReader.Source("round " + round, overlay.toString()));
    Map<String, Task> tasks = new HashMap<>();
    pipeline.tasks().forEach(task -> tasks.put(task.name().value(), task));
    rounds.put(round, tasks);
    return pipeline;
  }

  private static List<String> settings(Task task, Random random) {
    boolean batch = task.delivery().batch().isPresent();
    boolean oneByOne = task.snapshot().isEmpty();
    List<String> settings = new ArrayList<>();
    if (task.name().value().equals("slow") && random.nextInt(3) == 0) {
      settings.add("order: " + (random.nextBoolean() ? "ordered" : "unordered"));
    }
    settings.add("maxInFlight: " + (batch ? 100 : 1) * (1 + random.nextInt(100)));
    if (random.nextBoolean()) {
      settings.add("maxInFlightBytes: %dKiB".formatted(1 << random.nextInt(8)));
    }
    boolean calls = !(task.kind() instanceof TaskKind.Filter);
    if (calls) {
      settings.add(
          "backoff: {policy: %s, delay: %dms, max: %dms}"
              .formatted(
                  random.nextBoolean() ? "linear" : "exponential",
                  5 + random.nextInt(300),
                  300 + random.nextInt(700)));
    }
    if (random.nextInt(3) == 0) {
      settings.add("rate: %d/s".formatted(200 + random.nextInt(1000)));
    }
    if (random.nextBoolean()) {
      settings.add("deduplicate: 1h");
    }
    if (calls && random.nextBoolean()) {
      settings.add("deadline: 1h");
    }
    if (random.nextBoolean()) {
      settings.add("maxHops: " + (10 + random.nextInt(100)));
    }
    if (oneByOne && random.nextBoolean()) {
      settings.add("deadLetter: " + FAILURES);
    }
    if (batch) {
      settings.add(
          "batch: {max: %d, linger: %dms}".formatted(2 + random.nextInt(60), random.nextInt(50)));
    }
    return settings;
  }

  /** A task as it was when an event was sent. */
  Task task(String name, String eventId) {
    Matcher round = ROUND.matcher(eventId);
    Map<String, Task> tasks =
        round.matches()
            ? rounds.getOrDefault(Integer.parseInt(round.group(1)), Map.of())
            : Map.of();
    return tasks.getOrDefault(name, circuit.task(name).orElseThrow());
  }
}
