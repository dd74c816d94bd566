package dev.koalja.runtime.deployment;

import dev.koalja.pipeline.Backoff;
import dev.koalja.pipeline.Delivery;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.Order;
import dev.koalja.pipeline.Rate;
import dev.koalja.pipeline.Scale;
import dev.koalja.pipeline.yaml.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationValue;

/** Reads delivery and scale of {@code @Function}; what is out of bounds is a problem. */
final class SettingsReader {
  private static final Duration MAX_BUDGET = Duration.ofMinutes(1);

  private final String where;
  private final AnnotationInstance function;
  private final BoundedMembers members;
  private final List<BuildProblem> problems;

  SettingsReader(String where, AnnotationInstance function, List<BuildProblem> problems) {
    this.where = where;
    this.function = function;
    this.members = new BoundedMembers(where, "", function, problems);
    this.problems = problems;
  }

  /** How long its cold start may take; empty when the author did not say. */
  Optional<Duration> coldStartBudget() {
    return members.duration("coldStartBudget", Duration.ofMillis(1), MAX_BUDGET);
  }

  /**
   * How its events are delivered.
   *
   * @param batch how many at a time; empty: one by one
   */
  Delivery delivery(Optional<Delivery.Batch> batch) {
    Delivery defaults = Delivery.DEFAULT;
    Backoff waits = defaults.backoff();
    Duration delay = members.duration("delay", waits.delay(), Backoff.MIN_DELAY, Backoff.MAX_DELAY);
    Duration max = members.duration("maxDelay", waits.max(), Backoff.MIN_DELAY, Backoff.MAX_MAX);
    if (max.compareTo(delay) < 0) {
      if (Annotations.value(function, "maxDelay").isPresent()) {
        members.problem(
            "maxDelay is %s, less than delay, which is %s"
                .formatted(Durations.format(max), Durations.format(delay)),
            "Make maxDelay at least as long as delay");
      }
      max = delay;
    }
    Optional<Duration> deadline =
        members.duration("deadline", Delivery.MIN_TIMEOUT, Delivery.MAX_DEADLINE);
    Duration timeout =
        members.duration(
            "timeout", Delivery.timeout(deadline), Delivery.MIN_TIMEOUT, Delivery.MAX_TIMEOUT);
    if (deadline.filter(all -> all.compareTo(timeout) < 0).isPresent()) {
      members.problem(
          "deadline is %s, less than timeout, which is %s"
              .formatted(Durations.format(deadline.get()), Durations.format(timeout)),
          "Make deadline at least as long as timeout");
    }
    int most =
        members.number("maxInFlight", Delivery.maxInFlight(batch), 1, Delivery.MAX_MAX_IN_FLIGHT);
    if (batch.filter(each -> each.max() > most).isPresent()) {
      members.problem(
          "maxInFlight is %d, less than batch, which is %d".formatted(most, batch.get().max()),
          "Make maxInFlight at least batch");
    }
    return new Delivery(
        Annotations.text(function, "order").map(Order::valueOf).orElse(defaults.order()),
        members.number("attempts", defaults.attempts(), 1, Delivery.MAX_ATTEMPTS),
        new Backoff(
            Annotations.text(function, "backoff")
                .map(Backoff.Policy::valueOf)
                .orElse(waits.policy()),
            delay,
            max),
        timeout,
        deadline,
        most,
        members.size(
            "maxInFlightBytes",
            defaults.maxInFlightBytes(),
            Delivery.MIN_IN_FLIGHT_BYTES,
            Delivery.MAX_IN_FLIGHT_BYTES),
        members.value("rate", Rate::parse, "Write a number and /s, /m or /h"),
        members.duration("deduplicate", Delivery.MIN_TIMEOUT, Delivery.MAX_DEDUPLICATE),
        members.number("maxHops", defaults.maxHops(), 1, Delivery.MAX_MAX_HOPS),
        members.value("deadLetter", LinkName::new, "Give the name of a link"),
        batch);
  }

  Optional<Scale> scale() {
    return Annotations.value(function, "scale").map(AnnotationValue::asNested).map(this::scale);
  }

  private Scale scale(AnnotationInstance annotation) {
    BoundedMembers bounded = new BoundedMembers(where, "", annotation, problems);
    Scale defaults = Scale.DEFAULT;
    int min = bounded.number("min", defaults.min(), 0, Scale.LIMIT);
    int max = bounded.number("max", Math.max(min, defaults.max()), 1, Scale.LIMIT);
    if (max < min) {
      bounded.problem(
          "max is %d, less than min, which is %d".formatted(max, min), "Make max at least min");
      max = Math.max(1, min);
    }
    return new Scale(
        min,
        max,
        bounded.number("concurrency", defaults.concurrency(), 1, Scale.LIMIT),
        bounded.duration("idle", defaults.idle(), Scale.MIN_IDLE, Scale.MAX_IDLE));
  }
}
