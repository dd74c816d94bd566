package dev.koalja.runtime.registry;

import com.fasterxml.jackson.databind.type.TypeFactory;
import java.io.InputStream;
import java.lang.reflect.Type;
import java.util.Optional;

/**
 * An input that can be read.
 *
 * @param descriptor what it is
 * @param type as what the data of one event is read; empty: the whole event
 */
public record HostedInput(InputDescriptor descriptor, Optional<Type> type) {
  static HostedInput of(InputDescriptor descriptor) {
    return new HostedInput(
        descriptor,
        descriptor.javaType().equals(InputDescriptor.WHOLE_EVENT)
            ? Optional.empty()
            : Optional.of(type(descriptor.javaType())));
  }

  /** The type of a name in Jackson's canonical form. */
  static Type type(String javaType) {
    return switch (javaType) {
      case "byte[]" -> byte[].class;
      case "java.lang.String" -> String.class;
      case "java.io.InputStream" -> InputStream.class;
      default -> TypeFactory.defaultInstance().constructFromCanonical(javaType);
    };
  }

  /** The port. */
  public String name() {
    return descriptor.name();
  }
}
