package dev.koalja.runtime.deployment;

import dev.koalja.function.KebabCase;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.PortName;
import dev.koalja.pipeline.StartPosition;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.MethodInfo;
import org.jboss.jandex.MethodParameterInfo;
import org.jboss.jandex.PrimitiveType;
import org.jboss.jandex.Type;
import org.jspecify.annotations.Nullable;

/** Reads the parameters of a function. */
final class InputReader {
  private static final Set<String> COLLECTIONS =
      Set.of("java.util.List", "java.util.Collection", "java.util.Set", "java.util.stream.Stream");

  private final MethodInfo method;
  private final String where;
  private final List<BuildProblem> problems;

  InputReader(MethodInfo method, List<BuildProblem> problems) {
    this.method = method;
    this.where = JavaNames.method(method);
    this.problems = problems;
  }

  /** The one input, or empty when there is a problem. */
  Optional<InputPort> read() {
    List<MethodParameterInfo> inputs = new ArrayList<>();
    for (MethodParameterInfo parameter : method.parameters()) {
      boolean context = parameter.type().name().equals(Annotations.CONTEXT);
      if (parameter.hasAnnotation(Annotations.INPUT)) {
        inputs.add(parameter);
      } else if (!context) {
        problem(
            "parameter %s has no @Input, so nothing says which link it reads"
                .formatted(name(parameter)),
            "Write @Input(\"link\") before it");
        return Optional.empty();
      }
    }
    if (inputs.isEmpty()) {
      problem(
          "it has no input, so nothing would ever call it",
          "Add a parameter with @Input(\"link\")");
      return Optional.empty();
    }
    if (inputs.size() > 1) {
      problem(
          "it has %d inputs: joins come in a later version".formatted(inputs.size()),
          "Keep one @Input for now");
      return Optional.empty();
    }
    return input(inputs.getFirst());
  }

  private Optional<InputPort> input(MethodParameterInfo parameter) {
    @Nullable String name = parameter.name();
    if (name == null) {
      problem(
          "the name of its parameter was not kept by the compiler",
          "Compile with -parameters (maven.compiler.parameters=true)");
      return Optional.empty();
    }
    Optional<String> unreadable = unreadable(parameter.type());
    if (unreadable.isPresent()) {
      problem(
          "parameter %s is %s%s"
              .formatted(name, JavaNames.simple(parameter.type()), unreadable.get()),
          "Read a record or class, JsonNode, String, byte[] or CloudEvent");
      return Optional.empty();
    }
    AnnotationInstance annotation = parameter.annotation(Annotations.INPUT);
    try {
      return Optional.of(
          new InputPort(
              parameter.position(),
              new PortName(KebabCase.of(name)),
              new LinkName(annotation.value().asString()),
              from(Annotations.text(annotation, "from").orElse("earliest")),
              parameter.type()));
    } catch (IllegalArgumentException e) {
      problem(String.valueOf(e.getMessage()), "Choose such a name");
    } catch (DateTimeException e) {
      problem(
          "from is \"%s\"".formatted(Annotations.text(annotation, "from").orElse("")),
          "Write earliest, latest or an RFC 3339 time such as 2026-01-01T00:00:00Z");
    }
    return Optional.empty();
  }

  private static Optional<String> unreadable(Type type) {
    return switch (type.kind()) {
      case CLASS, PRIMITIVE ->
          COLLECTIONS.contains(type.name().toString())
              ? Optional.of(": windows come in a later version")
              : Optional.empty();
      case PARAMETERIZED_TYPE ->
          COLLECTIONS.contains(type.name().toString())
              ? Optional.of(": windows come in a later version")
              : type.name().toString().equals("java.util.Optional")
                  ? Optional.of(", but there always is an event")
                  : Optional.empty();
      case ARRAY ->
          type.asArrayType().elementType().equals(PrimitiveType.BYTE)
              ? Optional.empty()
              : Optional.of(": windows come in a later version");
      case TYPE_VARIABLE, UNRESOLVED_TYPE_VARIABLE, TYPE_VARIABLE_REFERENCE, WILDCARD_TYPE, VOID ->
          Optional.of(", which could be anything");
    };
  }

  private static StartPosition from(String text) {
    return switch (text) {
      case "earliest" -> new StartPosition.Earliest();
      case "latest" -> new StartPosition.Latest();
      default -> new StartPosition.At(OffsetDateTime.parse(text).toInstant());
    };
  }

  private static String name(MethodParameterInfo parameter) {
    @Nullable String name = parameter.name();
    return name == null ? "" + (parameter.position() + 1) : name;
  }

  private void problem(String reason, String mend) {
    problems.add(new BuildProblem(where, reason, mend));
  }
}
