package dev.koalja.runtime.deployment;

import dev.koalja.pipeline.yaml.Durations;
import dev.koalja.pipeline.yaml.Sizes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationValue;

/** Reads members of an annotation that have bounds; what is out of them is a problem. */
final class BoundedMembers {
  private final String where;
  private final String prefix;
  private final AnnotationInstance annotation;
  private final List<BuildProblem> problems;

  /**
   * The members of {@code annotation}.
   *
   * @param where the method
   * @param prefix what of the method, as the beginning of a reason; empty: the method itself
   */
  BoundedMembers(
      String where, String prefix, AnnotationInstance annotation, List<BuildProblem> problems) {
    this.where = where;
    this.prefix = prefix;
    this.annotation = annotation;
    this.problems = problems;
  }

  /** Whether the author wrote the member. */
  boolean has(String member) {
    return Annotations.value(annotation, member).isPresent();
  }

  int number(String member, int otherwise, int from, int to) {
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

  Duration duration(String member, Duration otherwise, Duration from, Duration to) {
    return duration(member, from, to).orElse(otherwise);
  }

  /** Empty when the author wrote none, or none that can be. */
  Optional<Duration> duration(String member, Duration from, Duration to) {
    Optional<String> text = Annotations.text(annotation, member);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      Duration duration = Durations.parse(text.get());
      if (duration.compareTo(from) >= 0 && duration.compareTo(to) <= 0) {
        return Optional.of(duration);
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
    return Optional.empty();
  }

  long size(String member, long otherwise, long from, long to) {
    return value(
            member,
            text -> {
              long size = Sizes.parse(text);
              if (size < from || size > to) {
                throw new IllegalArgumentException(
                    "\"%s\" is outside %s to %s"
                        .formatted(text, Sizes.format(from), Sizes.format(to)));
              }
              return size;
            },
            "Choose a size from %s to %s".formatted(Sizes.format(from), Sizes.format(to)))
        .orElse(otherwise);
  }

  /** What a parser makes of the text; empty when the author wrote none, or none that can be. */
  <T> Optional<T> value(String member, Function<String, T> parse, String mend) {
    Optional<String> text = Annotations.text(annotation, member);
    try {
      return text.map(parse);
    } catch (IllegalArgumentException e) {
      problem("%s: %s".formatted(member, e.getMessage()), mend);
      return Optional.empty();
    }
  }

  void problem(String reason, String mend) {
    problems.add(new BuildProblem(where, prefix + reason, mend));
  }
}
