package dev.koalja.runtime.registry;

import com.fasterxml.jackson.databind.type.TypeFactory;
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
        switch (descriptor.javaType()) {
          case InputDescriptor.WHOLE_EVENT -> Optional.empty();
          case "byte[]" -> Optional.of(byte[].class);
          case "java.lang.String" -> Optional.of(String.class);
          default ->
              Optional.of(
                  TypeFactory.defaultInstance().constructFromCanonical(descriptor.javaType()));
        });
  }

  /** The port. */
  public String name() {
    return descriptor.name();
  }
}
