package dev.koalja.runtime.deployment;

import dev.koalja.pipeline.Backoff;
import dev.koalja.pipeline.Delivery;
import dev.koalja.pipeline.Order;
import dev.koalja.pipeline.Scale;
import dev.koalja.pipeline.yaml.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationValue;

/** Reads delivery and scale of {@code @Function}; what is out of bounds is a problem. */
final class SettingsReader {
  private final String where;
  private final AnnotationInstance function;
  private final List<BuildProblem> problems;

  SettingsReader(String where, AnnotationInstance function, List<BuildProblem> problems) {
    this.where = where;
    this.function = function;
    this.problems = problems;
  }

  Delivery delivery() {
    Delivery defaults = Delivery.DEFAULT;
    Backoff waits = defaults.backoff();
    Duration delay =
        duration(function, "delay", waits.delay(), Backoff.MIN_DELAY, Backoff.MAX_DELAY);
    Duration max = duration(function, "maxDelay", waits.max(), Backoff.MIN_DELAY, Backoff.MAX_MAX);
    if (max.compareTo(delay) < 0) {
      if (Annotations.value(function, "maxDelay").isPresent()) {
        problem(
            "maxDelay is %s, less than delay, which is %s"
                .formatted(Durations.format(max), Durations.format(delay)),
            "Make maxDelay at least as long as delay");
      }
      max = delay;
    }
    return new Delivery(
        Annotations.text(function, "order").map(Order::valueOf).orElse(defaults.order()),
        number(function, "attempts", defaults.attempts(), 1, Delivery.MAX_ATTEMPTS),
        new Backoff(
            Annotations.text(function, "backoff")
                .map(Backoff.Policy::valueOf)
                .orElse(waits.policy()),
            delay,
            max),
        duration(
            function, "timeout", defaults.timeout(), Delivery.MIN_TIMEOUT, Delivery.MAX_TIMEOUT),
        number(function, "maxInFlight", defaults.maxInFlight(), 1, Delivery.MAX_MAX_IN_FLIGHT));
  }

  Optional<Scale> scale() {
    return Annotations.value(function, "scale").map(AnnotationValue::asNested).map(this::scale);
  }

  private Scale scale(AnnotationInstance annotation) {
    Scale defaults = Scale.DEFAULT;
    int min = number(annotation, "min", defaults.min(), 0, Scale.LIMIT);
    int max = number(annotation, "max", Math.max(min, defaults.max()), 1, Scale.LIMIT);
    if (max < min) {
      problem("max is %d, less than min, which is %d".formatted(max, min), "Make max at least min");
      max = Math.max(1, min);
    }
    return new Scale(
        min,
        max,
        number(annotation, "concurrency", defaults.concurrency(), 1, Scale.LIMIT),
        duration(annotation, "idle", defaults.idle(), Scale.MIN_IDLE, Scale.MAX_IDLE));
  }

  private int number(
      AnnotationInstance annotation, String member, int otherwise, int from, int to) {
    int number =
        Annotations.value(annotation, member).map(AnnotationValue::asInt).orElse(otherwise);
    if (number < from || number > to) {
      problem(
          "%s is %d".formatted(member, number),
          "Choose a number from %d to %d".formatted(from, to));
      return otherwise;
    }
    return number;
  }

  private Duration duration(
      AnnotationInstance annotation,
      String member,
      Duration otherwise,
      Duration from,
      Duration to) {
    Optional<String> text = Annotations.text(annotation, member);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      Duration duration = Durations.parse(text.get());
      if (duration.compareTo(from) >= 0 && duration.compareTo(to) <= 0) {
        return duration;
      }
      problem(
          "%s is %s".formatted(member, text.get()),
          "Choose a duration from %s to %s"
              .formatted(Durations.format(from), Durations.format(to)));
    } catch (IllegalArgumentException e) {
      problem(
          "%s is \"%s\", which is no duration".formatted(member, text.get()),
          "Write a number and ms, s, m, h or d, such as 30s");
    }
    return otherwise;
  }

  private void problem(String reason, String mend) {
    problems.add(new BuildProblem(where, reason, mend));
  }
}
