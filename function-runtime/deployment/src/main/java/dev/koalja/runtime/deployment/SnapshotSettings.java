package dev.koalja.runtime.deployment;

import dev.koalja.function.Correlate;
import dev.koalja.pipeline.Correlation;
import dev.koalja.pipeline.Snapshot;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.jandex.AnnotationInstance;

/**
 * Reads how a function puts its events together. What contradicts itself here is a problem; what
 * does not go with the lengths of the inputs the reader of the pipeline file finds.
 */
final class SnapshotSettings {
  private static final List<String> OF_SNAPSHOTS =
      List.of("policy", "correlate", "correlateBy", "giveUpAfter", "then", "grace", "maxWaiting");

  private final AnnotationInstance function;
  private final InputReader inputReader;
  private final BoundedMembers members;

  SnapshotSettings(
      String where,
      AnnotationInstance function,
      InputReader inputReader,
      List<BuildProblem> problems) {
    this.function = function;
    this.inputReader = inputReader;
    this.members = new BoundedMembers(where, "", function, problems);
  }

  /** Empty when it takes its events one by one. */
  Optional<Snapshot> read(List<InputPort> inputs, boolean keyedState) {
    boolean several = inputs.stream().mapToInt(input -> input.links().size()).sum() > 1;
    boolean correlates = inputs.stream().anyMatch(input -> input.correlate().isPresent());
    boolean collects =
        several
            || keyedState
            || inputs.stream().anyMatch(input -> input.length().max() > 1)
            || members.has("window")
            || members.has("minInterval");
    if (!collects) {
      OF_SNAPSHOTS.stream()
          .filter(members::has)
          .forEach(
              member ->
                  members.problem(
                      "it takes its events one by one, so %s means nothing".formatted(member),
                      "Remove it, or give it several inputs, a length or a window"));
      if (correlates) {
        members.problem(
            "it takes its events one by one, so none belongs to others",
            "Remove correlate, or give it several inputs, a length or a window");
      }
      return Optional.empty();
    }
    boolean slides = inputs.stream().anyMatch(InputPort::slides);
    Snapshot defaults = Snapshot.defaults(several ? 2 : 1, slides);
    Snapshot.Policy policy =
        Annotations.text(function, "policy")
            .map(Snapshot.Policy::valueOf)
            .orElse(defaults.policy());
    if (slides && policy != Snapshot.Policy.SLIDING_WINDOW) {
      members.problem(
          "an input slides, but the policy is %s".formatted(policy), "Remove slide or policy");
    }
    return Optional.of(
        new Snapshot(
            policy,
            correlation(correlates || keyedState, correlates, defaults.correlate()),
            timeout(),
            members.duration("minInterval", Snapshot.MIN_TIME, Snapshot.MAX_TIME),
            window(),
            members.number("maxWaiting", defaults.maxWaiting(), 1, Snapshot.MAX_MAX_WAITING),
            keyedState));
  }

  /**
   * What it correlates by.
   *
   * @param keyed whether keys mean something even where there is one input
   */
  private Correlation correlation(boolean keyed, boolean inputsCorrelate, Correlation otherwise) {
    Correlate rule =
        Annotations.text(function, "correlate").map(Correlate::valueOf).orElse(Correlate.DEFAULT);
    Optional<Correlation> by = inputReader.correlation("correlateBy", function, "correlateBy");
    if (by.isPresent() && rule != Correlate.DEFAULT) {
      members.problem(
          "it has correlate = %s and correlateBy".formatted(rule), "Keep the one or the other");
    }
    if (inputsCorrelate && rule == Correlate.NONE) {
      members.problem(
          "it has correlate = NONE, and an input says what it correlates by",
          "Keep the one or the other");
    }
    return by.orElseGet(
        () ->
            switch (rule) {
              case KEY -> new Correlation.Key();
              case NONE -> new Correlation.None();
              case DEFAULT -> keyed ? new Correlation.Key() : otherwise;
            });
  }

  private Optional<Snapshot.Timeout> timeout() {
    Optional<Duration> after =
        members.duration("giveUpAfter", Snapshot.MIN_TIME, Snapshot.MAX_TIME);
    if (!members.has("giveUpAfter") && members.has("then")) {
      members.problem(
          "it says what happens then, but not when it gives up", "Add giveUpAfter = \"1h\"");
    }
    if (after.isPresent() && members.has("window")) {
      members.problem("it has giveUpAfter, and a window ends by itself", "Remove one of them");
      return Optional.empty();
    }
    Snapshot.Then then =
        Annotations.text(function, "then")
            .map(Snapshot.Then::valueOf)
            .orElse(Snapshot.Then.DEADLETTER);
    return after.map(each -> new Snapshot.Timeout(each, then));
  }

  private Optional<Snapshot.Window> window() {
    Optional<Duration> size = members.duration("window", Snapshot.MIN_TIME, Snapshot.MAX_TIME);
    Duration grace = members.duration("grace", Duration.ZERO, Duration.ZERO, Snapshot.MAX_TIME);
    if (members.has("grace") && !members.has("window")) {
      members.problem(
          "it has a grace but no window whose end it would follow", "Add window = \"1h\"");
    }
    if (size.isPresent() && members.has("minInterval")) {
      members.problem("it has minInterval, and a window fires once", "Remove one of them");
    }
    return size.map(each -> new Snapshot.Window(each, grace));
  }
}
