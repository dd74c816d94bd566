package dev.koalja.runtime.deployment;

import dev.koalja.function.codec.Payload;
import dev.koalja.pipeline.schema.DataSchema;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.MethodInfo;
import org.jboss.jandex.MethodParameterInfo;
import org.jboss.jandex.Type;

/** Gives the inputs and outputs of an app their schemas, as long as there is room for them. */
final class PortSchemas {
  /** A task is one record on the definition topic, which Kafka takes up to 1 MiB. */
  private static final int MAX_TASK = 256 * 1024;

  /** The pipeline file has up to 4 MiB. */
  private static final int MAX_APP = 1024 * 1024;

  /** Whose JSON is not what a class makes of it, but the text or bytes themselves. */
  private static final List<String> AS_IT_IS =
      List.of(
          "java.lang.String",
          "java.lang.CharSequence",
          "java.io.InputStream",
          "io.cloudevents.CloudEvent");

  private static final byte[] NOTHING = {};

  private final JavaSchemas schemas;
  private int ofTask;
  private int ofApp;

  PortSchemas(JavaSchemas schemas) {
    this.schemas = schemas;
  }

  /** Begins with another function. */
  void next() {
    ofTask = 0;
  }

  /** The inputs, each with what it can read. */
  List<InputPort> inputs(MethodInfo method, List<InputPort> inputs) {
    return inputs.stream()
        .map(
            input ->
                input.withSchema(
                    json(input.element())
                        .flatMap(
                            type ->
                                schemas.of(
                                    type,
                                    JavaSchemas.Direction.READ,
                                    validated(method.parameters().get(input.position()), input)))
                        // each merged link is an input of its own
                        .filter(schema -> fits(schema, 1 + input.merged().size()))))
        .toList();
  }

  /** The outputs, each with what its data looks like. */
  List<OutputPort> outputs(List<OutputPort> outputs) {
    return outputs.stream()
        .map(
            output ->
                output.withSchema(
                    json(output.element())
                        .filter(_ -> new Payload(NOTHING, output.contentType()).isJson())
                        .flatMap(type -> schemas.of(type, JavaSchemas.Direction.WRITTEN, false))
                        .filter(schema -> fits(schema, 1))))
        .toList();
  }

  private static Optional<Type> json(Type type) {
    return type.kind() == Type.Kind.ARRAY || AS_IT_IS.contains(type.name().toString())
        ? Optional.empty()
        : Optional.of(type);
  }

  /** Whether the validator looks at every event that is read. */
  private static boolean validated(MethodParameterInfo parameter, InputPort input) {
    Type type = parameter.type();
    boolean element =
        type.kind() == Type.Kind.PARAMETERIZED_TYPE
            && type.asParameterizedType().arguments().stream().anyMatch(PortSchemas::valid);
    return element
        || type.equals(input.element())
            && Stream.concat(parameter.declaredAnnotations().stream(), type.annotations().stream())
                .anyMatch(PortSchemas::isValid);
  }

  private static boolean valid(Type type) {
    return type.annotations().stream().anyMatch(PortSchemas::isValid);
  }

  private static boolean isValid(AnnotationInstance annotation) {
    return annotation.name().equals(JavaProperties.VALID);
  }

  private boolean fits(DataSchema schema, int times) {
    int size = schema.json().length() * times;
    if (ofTask + size > MAX_TASK || ofApp + size > MAX_APP) {
      return false;
    }
    ofTask += size;
    ofApp += size;
    return true;
  }
}
