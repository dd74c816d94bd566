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
    // no pattern switch: it would be linked anew in every process, on the way to the first reply
    if (returned == null) {
      return Stream.empty();
    }
    if (returned instanceof Optional<?> optional) {
      return optional.<Object>map(value -> value).stream();
    }
    if (returned instanceof Collection<?> collection) {
      return notNull(collection.stream());
    }
    return returned instanceof Stream<?> stream ? notNull(stream) : Stream.of(returned);
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
