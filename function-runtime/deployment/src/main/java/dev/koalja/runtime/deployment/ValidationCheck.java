package dev.koalja.runtime.deployment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.ClassInfo;
import org.jboss.jandex.DotName;
import org.jboss.jandex.IndexView;
import org.jboss.jandex.MethodInfo;
import org.jboss.jandex.MethodParameterInfo;
import org.jboss.jandex.RecordComponentInfo;
import org.jboss.jandex.Type;
import org.jspecify.annotations.Nullable;

/**
 * Checks that what Jakarta Validation is asked for on functions happens. The validator of the app
 * does it, when the method is called.
 */
final class ValidationCheck {
  private static final DotName VALID = DotName.createSimple("jakarta.validation.Valid");
  private static final DotName CONSTRAINT = DotName.createSimple("jakarta.validation.Constraint");
  private static final String CONSTRAINTS = "jakarta.validation.constraints.";

  /** What the validator cannot look into: it would wait, or take what is to be sent. */
  private static final Set<String> CLOSED =
      Set.of(
          "java.util.stream.Stream",
          "java.util.concurrent.CompletionStage",
          "java.util.concurrent.CompletableFuture",
          OutputReader.UNI);

  private final IndexView index;
  private final boolean validator;
  private final List<BuildProblem> problems = new ArrayList<>();
  private final List<BuildProblem> warnings = new ArrayList<>();

  private ValidationCheck(IndexView index, boolean validator) {
    this.index = index;
    this.validator = validator;
  }

  /**
   * What was found.
   *
   * @param problems what would not happen though a function asks for it
   * @param warnings what looks as if it were asked for
   */
  record Found(List<BuildProblem> problems, List<BuildProblem> warnings) {}

  /**
   * Looks at the parameters and results of functions.
   *
   * @param validator whether the app has a validator
   */
  static Found check(IndexView index, List<FunctionMethod> functions, boolean validator) {
    ValidationCheck check = new ValidationCheck(index, validator);
    functions.forEach(check::check);
    return new Found(check.problems, check.warnings);
  }

  private void check(FunctionMethod function) {
    MethodInfo method = function.method();
    for (MethodParameterInfo parameter : method.parameters()) {
      String what = "parameter " + parameter.name();
      Stream<AnnotationInstance> declared =
          Stream.concat(
              parameter.declaredAnnotations().stream(), nested(parameter.type()).stream());
      asked(function, what, parameter.type(), declared.toList());
    }
    function.inputs().forEach(input -> forgotten(function, input));
    Stream<AnnotationInstance> ofResult =
        Stream.concat(method.declaredAnnotations().stream(), nested(method.returnType()).stream());
    asked(function, "its result", method.returnType(), ofResult.toList());
  }

  private void asked(
      FunctionMethod function, String what, Type type, List<AnnotationInstance> annotations) {
    Optional<AnnotationInstance> first = annotations.stream().filter(this::validates).findFirst();
    if (first.isEmpty()) {
      return;
    }
    String annotation = "@" + JavaNames.last(first.get().name());
    String simple = JavaNames.simple(type);
    if (!validator) {
      problems.add(
          new BuildProblem(
              function.where(),
              "%s has %s, but the app has no validator".formatted(what, annotation),
              "Add the dependency io.quarkus:quarkus-hibernate-validator"));
    } else if (CLOSED.contains(type.name().toString())) {
      problems.add(
          new BuildProblem(
              function.where(),
              "%s is %s and has %s, but a validator cannot look into that"
                  .formatted(what, simple, annotation),
              "Return the value itself or a List"));
    } else if (type.name().equals(Annotations.EVENT)
        && type.kind() == Type.Kind.PARAMETERIZED_TYPE
        && type.asParameterizedType().arguments().stream()
            .flatMap(data -> nested(data).stream())
            .noneMatch(this::validates)) {
      problems.add(
          new BuildProblem(
              function.where(),
              "%s is %s, of which %s does not mean the data".formatted(what, simple, annotation),
              "Write it before the type of the data, as in Event<@Valid Order>"));
    }
  }

  /** Constraints of a record that is read without {@code @Valid} are easily believed to count. */
  private void forgotten(FunctionMethod function, InputPort input) {
    MethodParameterInfo parameter = function.method().parameters().get(input.position());
    boolean valid =
        Stream.concat(parameter.declaredAnnotations().stream(), nested(parameter.type()).stream())
            .anyMatch(each -> each.name().equals(VALID));
    @Nullable ClassInfo type =
        input.element().kind() == Type.Kind.CLASS
            ? index.getClassByName(input.element().name())
            : null;
    if (valid || type == null) {
      return;
    }
    for (RecordComponentInfo component : type.recordComponentsInDeclarationOrder()) {
      Optional<AnnotationInstance> first =
          Stream.concat(component.annotations().stream(), nested(component.type()).stream())
              .filter(this::validates)
              .findFirst();
      if (first.isPresent()) {
        warnings.add(
            new BuildProblem(
                function.where(),
                "component %s of %s has @%s, which nobody looks at when it is read"
                    .formatted(
                        component.name(),
                        JavaNames.simple(input.element()),
                        JavaNames.last(first.get().name())),
                "Write @Valid before %s of parameter %s"
                    .formatted(JavaNames.simple(input.element()), parameter.name())));
        return;
      }
    }
  }

  /** Annotations of a type and of its arguments. */
  private static List<AnnotationInstance> nested(Type type) {
    List<AnnotationInstance> all = new ArrayList<>(type.annotations());
    if (type.kind() == Type.Kind.PARAMETERIZED_TYPE) {
      type.asParameterizedType().arguments().forEach(each -> all.addAll(nested(each)));
    }
    return all;
  }

  private boolean validates(AnnotationInstance annotation) {
    DotName name = annotation.name();
    if (name.equals(VALID) || name.toString().startsWith(CONSTRAINTS)) {
      return true;
    }
    @Nullable ClassInfo type = index.getClassByName(name);
    return type != null && type.hasDeclaredAnnotation(CONSTRAINT);
  }
}
