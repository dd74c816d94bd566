package dev.koalja.pipeline.yaml;

import dev.koalja.pipeline.Correlation;
import dev.koalja.pipeline.Input;
import dev.koalja.pipeline.PortName;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Snapshot;
import dev.koalja.pipeline.error.Suggestion;
import dev.koalja.pipeline.filter.Filter;
import dev.koalja.pipeline.filter.FilterJson;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads how a task puts its events together, and refuses settings that contradict each other. */
final class SnapshotReader {
  private SnapshotReader() {}

  static List<Filter> filters(YamlObject object, String field) {
    List<Object> trees = object.trees(field);
    if (trees.isEmpty()) {
      return List.of();
    }
    try {
      return FilterJson.parseAll(trees);
    } catch (IllegalArgumentException e) {
      object.problem(field, String.valueOf(e.getMessage()));
      return List.of();
    }
  }

  static Input.Length length(YamlObject input) {
    boolean exact = input.has("length");
    int length = input.number("length", 1, 1, Input.Length.MAX);
    if (exact && (input.has("min") || input.has("max"))) {
      input.problem("length", "says min and max at once: keep length, or min and max");
    }
    int min = input.number("min", length, 1, Input.Length.MAX);
    int max = input.number("max", Math.max(min, length), 1, Input.Length.MAX);
    int slide = input.number("slide", 1, 1, Input.Length.MAX);
    if (max < min) {
      input.problem("max", "is %d, less than min, which is %d".formatted(max, min));
      return Input.Length.ONE;
    }
    if (slide > min) {
      input.problem("slide", "is %d, more than the %d events there are".formatted(slide, min));
      return Input.Length.ONE;
    }
    return new Input.Length(min, max, slide);
  }

  static Optional<Correlation> correlation(YamlObject object, String field) {
    if (!object.isMapping(field)) {
      return object.value(
          field,
          word ->
              switch (word) {
                case "key" -> new Correlation.Key();
                case "none" -> new Correlation.None();
                default ->
                    throw new IllegalArgumentException(
                        "\"%s\" is neither key, none, {attribute: …} nor {pointer: …}"
                            .formatted(word));
              });
    }
    return object
        .object(field)
        .flatMap(
            each -> {
              try (each) {
                Optional<Correlation> attribute =
                    each.value("attribute", Correlation.Attribute::new);
                Optional<Correlation> pointer = each.value("pointer", Correlation.Pointer::new);
                if (each.has("attribute") == each.has("pointer")) {
                  object.problem(field, "needs one of attribute and pointer");
                }
                return attribute.or(() -> pointer);
              }
            });
  }

  /** How the task puts its events together; empty when it takes them one by one. */
  static Optional<Snapshot> of(YamlObject task, List<Input> inputs, boolean slides) {
    boolean collects =
        inputs.size() > 1 || inputs.stream().anyMatch(input -> input.length().max() > 1);
    Snapshot defaults = Snapshot.defaults(inputs.size(), slides);
    Optional<Snapshot> snapshot =
        task.object("snapshot")
            .map(object -> snapshot(object, defaults))
            .or(() -> collects ? Optional.of(defaults) : Optional.empty());
    if (snapshot.isPresent()) {
      check(task, inputs, snapshot.get());
    } else {
      inputs.stream()
          .filter(input -> input.mergeInto().isPresent() || input.correlate().isPresent())
          .forEach(
              input ->
                  task.problem(
                      "inputs",
                      "%s: mergeInto and correlate need several inputs or a length"
                          .formatted(input.name())));
    }
    return snapshot;
  }

  private static Snapshot snapshot(YamlObject object, Snapshot defaults) {
    try (object) {
      boolean keyedState = object.flag("keyedState", false);
      return new Snapshot(
          object.value("policy", SnapshotReader::policy).orElse(defaults.policy()),
          correlation(object, "correlate")
              .orElse(keyedState ? new Correlation.Key() : defaults.correlate()),
          object.object("timeout").map(SnapshotReader::timeout),
          object.has("minInterval")
              ? Optional.of(time(object, "minInterval", Snapshot.MIN_TIME))
              : Optional.empty(),
          object.object("window").map(SnapshotReader::window),
          object.number("maxWaiting", defaults.maxWaiting(), 1, Snapshot.MAX_MAX_WAITING),
          keyedState);
    }
  }

  private static Duration time(YamlObject object, String field, Duration min) {
    return object.duration(field, Duration.ofSeconds(1), min, Snapshot.MAX_TIME);
  }

  private static Snapshot.Policy policy(String word) {
    List<String> words =
        Arrays.stream(Snapshot.Policy.values()).map(Snapshot.Policy::word).toList();
    int index = words.indexOf(word);
    if (index < 0) {
      throw new IllegalArgumentException(
          "\"%s\" is unknown%s (one of %s)"
              .formatted(word, Suggestion.didYouMean(word, words), String.join(", ", words)));
    }
    return Snapshot.Policy.values()[index];
  }

  private static Snapshot.Timeout timeout(YamlObject object) {
    try (object) {
      if (!object.has("after")) {
        object.problem("after", "is missing: when to give up, such as 1h");
      }
      return new Snapshot.Timeout(
          time(object, "after", Snapshot.MIN_TIME),
          object.choice("then", Snapshot.Then.class, Snapshot.Then.DEADLETTER));
    }
  }

  private static Snapshot.Window window(YamlObject object) {
    try (object) {
      if (!object.has("size")) {
        object.problem("size", "is missing: how long a window is, such as 1h");
      }
      return new Snapshot.Window(
          time(object, "size", Snapshot.MIN_TIME),
          object.duration("grace", Duration.ZERO, Duration.ZERO, Snapshot.MAX_TIME));
    }
  }

  private static void check(YamlObject task, List<Input> inputs, Snapshot snapshot) {
    for (Input input : inputs) {
      Optional<String> problem = problem(input, inputs, snapshot);
      problem.ifPresent(text -> task.problem("inputs", input.name() + ": " + text));
    }
    if (!inputs.isEmpty() && inputs.stream().allMatch(input -> input.mergeInto().isPresent())) {
      task.problem("inputs", "every input is merged into another: one has to be left");
    }
    if (snapshot.window().isPresent() && snapshot.policy() != Snapshot.Policy.ALL_NEW) {
      task.problem("snapshot", "a window of time uses each event once: policy must be AllNew");
    }
    if (snapshot.window().isPresent() && snapshot.timeout().isPresent()) {
      task.problem("snapshot", "a window of time ends by itself: drop timeout or window");
    }
    if (snapshot.window().isPresent() && snapshot.minInterval().isPresent()) {
      task.problem("snapshot", "a window of time fires once: drop minInterval or window");
    }
  }

  private static Optional<String> problem(Input input, List<Input> inputs, Snapshot snapshot) {
    Input.Length length = input.length();
    PortName name = input.name();
    if (Set.of(Reader.ARRIVALS, Reader.SNAPSHOT, Reader.STATE).contains(name)) {
      return Optional.of("the name is taken by a stage of tasks that put events together");
    }
    if (snapshot.policy() == Snapshot.Policy.SWAP_NEW4OLD && length.max() != 1) {
      return Optional.of("SwapNew4Old keeps the latest event: no length, min or max");
    }
    if (snapshot.policy() == Snapshot.Policy.SLIDING_WINDOW && length.min() != length.max()) {
      return Optional.of("a sliding window has one length: min and max must be equal");
    }
    if (snapshot.policy() != Snapshot.Policy.SLIDING_WINDOW && length.slide() != 1) {
      return Optional.of("slide is for policy SlidingWindow");
    }
    if (length.max() > snapshot.maxWaiting()) {
      return Optional.of(
          "takes %d events, and only %d may wait: raise maxWaiting"
              .formatted(length.max(), snapshot.maxWaiting()));
    }
    if (input.correlate().isPresent()
        && (input.correlate().get() instanceof Correlation.None
            != snapshot.correlate() instanceof Correlation.None)) {
      return Optional.of("correlates where the task does not, or the other way round");
    }
    if (input.mergeInto().isEmpty()) {
      return Optional.empty();
    }
    PortName target = input.mergeInto().get();
    Optional<Input> merged =
        inputs.stream().filter(other -> other.name().equals(target)).findFirst();
    if (merged.isEmpty()) {
      return Optional.of("the task has no input \"%s\" to merge into".formatted(target));
    }
    if (target.equals(name) || merged.get().mergeInto().isPresent()) {
      return Optional.of("\"%s\" is itself merged: name an input that is not".formatted(target));
    }
    if (!length.equals(Input.Length.ONE)) {
      return Optional.of("is merged into %s, whose length counts".formatted(target));
    }
    boolean differs =
        input.type().isPresent()
            && merged.get().type().isPresent()
            && !input.type().equals(merged.get().type());
    return differs
        ? Optional.of(
            "has type %s, and %s has %s"
                .formatted(input.type().orElseThrow(), target, merged.get().type().orElseThrow()))
        : Optional.empty();
  }
}
