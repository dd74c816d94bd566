package dev.koalja.router;

import dev.koalja.pipeline.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Writes a task of a {@link RandomCircuit} into its pipeline file.
 *
 * @param yaml where it is written to
 * @param readable links it may read
 * @param entries those of them that only a sender writes
 */
record RandomTask(
    StringBuilder yaml, List<String> readable, List<String> entries, RandomGenerator random) {
  private static final String TIMES = "attempts: %d, backoff: {delay: 10ms}";

  private static final int ALL = 100;

  /** Whether all there is goes to a task in one batch, and in halves when that fails. */
  static boolean halves(Task task) {
    return task.delivery().batch().filter(batch -> batch.max() == ALL).isPresent();
  }

  /**
   * Adds it.
   *
   * @return whether what it writes stands in an order that others may rely on
   */
  boolean add(String name, String out) {
    yaml.append("  - name: %s\n".formatted(name));
    yaml.append("    outputs: [{name: result, link: %s}]\n".formatted(out));
    // also deep, so that events come far
    String one = random.nextInt(2) == 0 ? readable.getLast() : one(readable);
    switch (random.nextInt(11)) {
      case 0 -> {
        yaml.append("    filter: [{exact: {type: t%d}}]\n".formatted(random.nextInt(3)));
        yaml.append("    inputs: [{name: in, link: %s}]\n".formatted(one));
        return true;
      }
      case 1, 2 -> {
        List<String> others = new ArrayList<>(readable);
        others.remove(one);
        String timeout = timeout();
        snapshot(random.nextBoolean() ? "AllNew" : "SlidingWindow", "key", timeout);
        inputs(
            "{name: x, link: %s, length: %d}, {name: y, link: %s%s}",
            one, 1 + random.nextInt(2), one(others), filter());
        function("order: key, " + TIMES.formatted(1 + random.nextInt(3)));
        // what comes late may wait too long itself
        return !timeout.endsWith("partial}");
      }
      case 3 -> {
        snapshot("SlidingWindow", "key", "");
        inputs("{name: in, link: %s, length: 3, slide: %d}", one, 1 + random.nextInt(3));
      }
      case 4 -> {
        snapshot("SlidingWindow", "none", "");
        inputs("{name: in, link: %s, length: 4, slide: 2%s}", one(entries), filter());
      }
      case 5 -> {
        snapshot(random.nextBoolean() ? "SwapNew4Old" : "AllNew", "key", ", keyedState: true");
        inputs("{name: in, link: %s%s}", one, filter());
      }
      case 6 -> {
        return batch();
      }
      case 7 -> {
        inputs("{name: in, link: %s%s}", one, filter());
        function("order: unordered, " + TIMES.formatted(1 + random.nextInt(3)));
        return false;
      }
      default -> inputs("{name: in, link: %s%s}", one, filter());
    }
    String order = random.nextInt(3) == 0 ? "ordered" : "key";
    // further on, the first of two with one id and different keys is whichever was done first
    boolean known = random.nextInt(3) == 0 && entries.contains(one);
    String duplicates = known ? ", deduplicate: 1h" : "";
    String hops = random.nextInt(2) == 0 ? ", maxHops: 1" : "";
    function(
        "order: %s, ".formatted(order)
            + TIMES.formatted(1 + random.nextInt(3))
            + duplicates
            + hops);
    return true;
  }

  /**
   * Either all there is goes together, and then in halves, where it depends on when they fail who
   * goes with whom; or there are more batches than one, and what fails in one is not tried again.
   */
  private boolean batch() {
    inputs("{name: in, link: %s%s}", one(entries), filter());
    boolean all = random.nextBoolean();
    function(
        "order: unordered, "
            + TIMES.formatted(all ? 1 + random.nextInt(3) : 1)
            + ", batch: {max: %d, linger: 3s}".formatted(all ? ALL : 2 + random.nextInt(3)));
    return false;
  }

  private void snapshot(String policy, String correlate, String more) {
    yaml.append("    snapshot: {policy: %s, correlate: %s%s}\n".formatted(policy, correlate, more));
  }

  private String timeout() {
    return switch (random.nextInt(6)) {
      case 0 -> ", timeout: {after: 30m, then: drop}";
      case 1 -> ", timeout: {after: 30m, then: deadletter}";
      case 2 -> ", timeout: {after: 30m, then: partial}";
      default -> "";
    };
  }

  private void inputs(String inputs, Object... with) {
    yaml.append("    inputs: [%s]\n".formatted(inputs.formatted(with)));
  }

  private void function(String delivery) {
    yaml.append("    function: {app: test}\n    delivery: {%s}\n".formatted(delivery));
  }

  private String filter() {
    return switch (random.nextInt(5)) {
      case 0 -> ", filters: [{not: {exact: {type: t%d}}}]".formatted(random.nextInt(3));
      case 1 -> ", filters: [{sql: \"type <> 't%d'\"}]".formatted(random.nextInt(3));
      case 2 -> ", filters: [{prefix: {type: t}}]";
      default -> "";
    };
  }

  private String one(List<String> of) {
    return of.get(random.nextInt(of.size()));
  }
}
