package dev.koalja.runtime.deployment;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.jandex.DotName;
import org.jboss.jandex.MethodInfo;
import org.jboss.jandex.ParameterizedType;
import org.jboss.jandex.Type;

/** How methods and types of the app are named: for people, for pipelines, for Jackson. */
final class JavaNames {
  private static final Set<String> SAY_NOTHING =
      Set.of("io.cloudevents.CloudEvent", "com.fasterxml.jackson.databind.JsonNode");

  private static final Set<String> NO_DATA =
      Set.of(
          "java.lang.Object",
          "java.util.Optional",
          "java.util.stream.Stream",
          "io.cloudevents.CloudEvent",
          "dev.koalja.function.Event");

  private JavaNames() {}

  /** {@code shop.Orders.price(Order)}. */
  static String method(MethodInfo method) {
    String parameters =
        method.parameterTypes().stream().map(JavaNames::simple).collect(Collectors.joining(", "));
    return canonical(method.declaringClass().name()) + "." + method.name() + "(" + parameters + ")";
  }

  /** The name a person would write in code. */
  static String simple(Type type) {
    return switch (type.kind()) {
      case PARAMETERIZED_TYPE -> {
        ParameterizedType parameterized = type.asParameterizedType();
        yield last(parameterized.name())
            + parameterized.arguments().stream()
                .map(JavaNames::simple)
                .collect(Collectors.joining(", ", "<", ">"));
      }
      case ARRAY -> simple(type.asArrayType().elementType()) + "[]";
      case CLASS, PRIMITIVE, VOID -> last(type.name());
      case TYPE_VARIABLE, UNRESOLVED_TYPE_VARIABLE, WILDCARD_TYPE, TYPE_VARIABLE_REFERENCE ->
          type.toString();
    };
  }

  /** {@code Order} of {@code shop.Orders$Order}. */
  static String last(DotName name) {
    String text = name.toString();
    return text.substring(Math.max(text.lastIndexOf('.'), text.lastIndexOf('$')) + 1);
  }

  /** {@code shop.Orders.Priced}. */
  static String canonical(DotName name) {
    return name.toString().replace('$', '.');
  }

  /** The name that stands on a wire; empty for types that say nothing about the data. */
  static Optional<String> wireType(Type type) {
    return switch (type.kind()) {
      case CLASS, PARAMETERIZED_TYPE -> {
        String name = type.name().toString();
        yield name.startsWith("java.") || SAY_NOTHING.contains(name)
            ? Optional.empty()
            : Optional.of(canonical(type.name()));
      }
      case ARRAY,
          PRIMITIVE,
          VOID,
          TYPE_VARIABLE,
          UNRESOLVED_TYPE_VARIABLE,
          WILDCARD_TYPE,
          TYPE_VARIABLE_REFERENCE ->
          Optional.empty();
    };
  }

  /** The type in the form that Jackson's type factory reads. */
  static String jackson(Type type) {
    return switch (type.kind()) {
      case PARAMETERIZED_TYPE ->
          type.name()
              + type.asParameterizedType().arguments().stream()
                  .map(JavaNames::jackson)
                  .collect(Collectors.joining(",", "<", ">"));
      case WILDCARD_TYPE -> jackson(type.asWildcardType().extendsBound());
      case ARRAY -> simple(type);
      case PRIMITIVE -> boxed(type).getName();
      case CLASS, VOID -> type.name().toString();
      case TYPE_VARIABLE, UNRESOLVED_TYPE_VARIABLE, TYPE_VARIABLE_REFERENCE -> "java.lang.Object";
    };
  }

  /** What the data of an {@code Event<…>} is; empty when it does not say, or is no data. */
  static Optional<Type> eventData(Type event) {
    if (event.kind() != Type.Kind.PARAMETERIZED_TYPE) {
      return Optional.empty();
    }
    Type data = event.asParameterizedType().arguments().getFirst();
    if (data.kind() == Type.Kind.WILDCARD_TYPE) {
      data = data.asWildcardType().extendsBound();
    }
    boolean named =
        switch (data.kind()) {
          case CLASS, PARAMETERIZED_TYPE, ARRAY -> true;
          case PRIMITIVE,
              VOID,
              TYPE_VARIABLE,
              UNRESOLVED_TYPE_VARIABLE,
              WILDCARD_TYPE,
              TYPE_VARIABLE_REFERENCE ->
              false;
        };
    return named && !NO_DATA.contains(data.name().toString())
        ? Optional.of(data)
        : Optional.empty();
  }

  /** The class that holds a primitive. */
  static Class<?> boxed(Type primitive) {
    return switch (primitive.asPrimitiveType().primitive()) {
      case BOOLEAN -> Boolean.class;
      case BYTE -> Byte.class;
      case SHORT -> Short.class;
      case CHAR -> Character.class;
      case INT -> Integer.class;
      case LONG -> Long.class;
      case FLOAT -> Float.class;
      case DOUBLE -> Double.class;
    };
  }
}
