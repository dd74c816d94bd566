package dev.koalja.function.codec;

import java.util.Collection;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How many events a returned value makes. */
public final class Values {
  private Values() {}

  /**
   * The values that become events, in order: of {@code null} or an empty {@code Optional} none, of
   * a {@code Collection} or {@code Stream} each that is not null, of anything else itself.
   */
  public static Stream<Object> of(@Nullable Object returned) {
    return switch (returned) {
      case null -> Stream.empty();
      case Optional<?> optional -> optional.<Object>map(value -> value).stream();
      case Collection<?> collection -> notNull(collection.stream());
      case Stream<?> stream -> notNull(stream);
      default -> Stream.of(returned);
    };
  }

  private static Stream<Object> notNull(Stream<?> stream) {
    return stream.mapMulti(
        (value, events) -> {
          if (value != null) {
            events.accept(value);
          }
        });
  }
}
