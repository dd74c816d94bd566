package dev.koalja.runtime.deployment;

import dev.koalja.function.KebabCase;
import dev.koalja.pipeline.Correlation;
import dev.koalja.pipeline.Input;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.PortName;
import dev.koalja.pipeline.StartPosition;
import dev.koalja.pipeline.filter.Filter;
import dev.koalja.runtime.registry.InputDescriptor.Shape;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationValue;
import org.jboss.jandex.MethodInfo;
import org.jboss.jandex.MethodParameterInfo;
import org.jboss.jandex.PrimitiveType;
import org.jboss.jandex.Type;
import org.jspecify.annotations.Nullable;

/** Reads the parameters of a function. */
final class InputReader {
  private static final String LIST = "java.util.List";
  private static final String OPTIONAL = "java.util.Optional";
  private static final Set<String> COLLECTIONS =
      Set.of(
          LIST,
          OPTIONAL,
          "java.lang.Iterable",
          "java.util.Collection",
          "java.util.SequencedCollection",
          "java.util.Set",
          "java.util.stream.Stream");
  private static final String READABLE =
      "Read a record or class, JsonNode, String, byte[], InputStream, CloudEvent or Event of one";

  private final MethodInfo method;
  private final String where;
  private final List<BuildProblem> problems;

  /** A parameter's type taken apart. */
  private record Read(Shape shape, Type element, boolean attributed) {}

  InputReader(MethodInfo method, List<BuildProblem> problems) {
    this.method = method;
    this.where = JavaNames.method(method);
    this.problems = problems;
  }

  /** The inputs in the order of the parameters; when there is a problem, those that are right. */
  List<InputPort> read() {
    List<InputPort> inputs = new ArrayList<>();
    boolean any = false;
    for (MethodParameterInfo parameter : method.parameters()) {
      if (parameter.hasAnnotation(Annotations.INPUT)) {
        any = true;
        if (!parameter.type().name().equals(Annotations.STATE)) {
          input(parameter).ifPresent(inputs::add);
        }
      } else if (!parameter.type().name().equals(Annotations.CONTEXT)
          && !parameter.type().name().equals(Annotations.STATE)) {
        any = true;
        problem(
            "parameter %s has no @Input, so nothing says which link it reads"
                .formatted(name(parameter)),
            "Write @Input(\"link\") before it");
      }
    }
    if (!any) {
      problem(
          "it has no input, so nothing would ever call it",
          "Add a parameter with @Input(\"link\")");
    }
    samePort(inputs);
    return inputs;
  }

  /** Where it remembers things of a key; empty when it does not, or not rightly. */
  Optional<StatePort> state() {
    List<MethodParameterInfo> states =
        method.parameters().stream()
            .filter(parameter -> parameter.type().name().equals(Annotations.STATE))
            .toList();
    if (states.size() > 1) {
      problem(
          "it has %d states, but a key has one".formatted(states.size()),
          "Put what is to be remembered into one record");
    }
    return states.stream().findFirst().flatMap(this::state);
  }

  private Optional<StatePort> state(MethodParameterInfo parameter) {
    String simple = JavaNames.simple(parameter.type());
    if (parameter.hasAnnotation(Annotations.INPUT)) {
      problem(
          "parameter %s is %s, which is read from no link".formatted(name(parameter), simple),
          "Remove @Input");
      return Optional.empty();
    }
    Type element =
        parameter.type().kind() == Type.Kind.PARAMETERIZED_TYPE
            ? parameter.type().asParameterizedType().arguments().getFirst()
            : parameter.type();
    boolean json =
        (element.kind() == Type.Kind.CLASS || element.kind() == Type.Kind.PARAMETERIZED_TYPE)
            && !element.name().equals(Annotations.STATE)
            && !element.name().toString().equals("java.lang.Object")
            && !element.name().toString().equals("io.cloudevents.CloudEvent");
    if (!json) {
      problem(
          "parameter %s is %s, which cannot be kept as JSON".formatted(name(parameter), simple),
          "Remember a record or class, a number, String or JsonNode");
      return Optional.empty();
    }
    return Optional.of(new StatePort(parameter.position(), name(parameter), element));
  }

  /** Names that differ in Java may be one in kebab-case, and merged links get names too. */
  private void samePort(List<InputPort> inputs) {
    Map<PortName, InputPort> first = new HashMap<>();
    for (InputPort input : inputs) {
      for (Input each : input.inputs()) {
        InputPort other = first.putIfAbsent(each.name(), input);
        if (other != null) {
          problem(
              "parameters %s and %s are both the input \"%s\""
                  .formatted(other.parameter(), input.parameter(), each.name()),
              "Give one of them another name");
        }
      }
    }
  }

  private Optional<InputPort> input(MethodParameterInfo parameter) {
    @Nullable String name = parameter.name();
    if (name == null) {
      problem(
          "the name of its parameter was not kept by the compiler",
          "Compile with -parameters (maven.compiler.parameters=true)");
      return Optional.empty();
    }
    Optional<Read> type = type(name, parameter.type());
    AnnotationInstance annotation = parameter.annotation(Annotations.INPUT);
    int before = problems.size();
    Input.Length length = length(name, annotation);
    try {
      List<LinkName> links = links(name, annotation);
      PortName port = new PortName(KebabCase.of(name));
      StartPosition from = from(Annotations.text(annotation, "from").orElse("earliest"));
      List<Filter> filters = filters(name, annotation);
      Optional<Correlation> correlate =
          correlation("parameter " + name + ": correlate", annotation, "correlate");
      if (type.isEmpty() || problems.size() > before) {
        return Optional.empty();
      }
      return Optional.of(
          new InputPort(
              parameter.position(),
              name,
              port,
              links.getFirst(),
              links.subList(1, links.size()),
              from,
              parameter.type(),
              type.get().element(),
              type.get().shape(),
              nullable(parameter),
              type.get().attributed(),
              filters,
              length,
              Annotations.value(annotation, "slide").isPresent(),
              correlate,
              Optional.empty()));
    } catch (IllegalArgumentException e) {
      problem(String.valueOf(e.getMessage()), "Choose such a name");
    } catch (DateTimeException e) {
      problem(
          "from is \"%s\"".formatted(Annotations.text(annotation, "from").orElse("")),
          "Write earliest, latest or an RFC 3339 time such as 2026-01-01T00:00:00Z");
    }
    return Optional.empty();
  }

  /** What one event is read as, and how many the parameter holds. */
  private Optional<Read> type(String name, Type type) {
    String simple = JavaNames.simple(type);
    String holder = type.name().toString();
    if (type.kind() == Type.Kind.ARRAY && !readable(type)) {
      problem(
          "parameter %s is %s, which could be one event or many".formatted(name, simple),
          "Read a List for many, or JsonNode for one");
      return Optional.empty();
    }
    if (!readable(type)) {
      problem("parameter %s is %s, which could be anything".formatted(name, simple), READABLE);
      return Optional.empty();
    }
    if (!COLLECTIONS.contains(holder)) {
      return element(name, simple, Shape.ONE, type);
    }
    if (!holder.equals(LIST) && !holder.equals(OPTIONAL)) {
      problem(
          "parameter %s is %s, but the events of an input come as a List".formatted(name, simple),
          "Read a List of what one event is");
      return Optional.empty();
    }
    if (type.kind() != Type.Kind.PARAMETERIZED_TYPE) {
      problem(
          "parameter %s is %s of unknown elements".formatted(name, simple),
          "Name the element's type, such as %s<Order>".formatted(simple));
      return Optional.empty();
    }
    Type element = type.asParameterizedType().arguments().getFirst();
    if (element.kind() == Type.Kind.WILDCARD_TYPE) {
      element = element.asWildcardType().extendsBound();
    }
    if (!readable(element)
        || COLLECTIONS.contains(element.name().toString())
        || element.name().toString().equals("java.lang.Object")) {
      problem(
          "parameter %s is %s, of which the build cannot tell what one event is"
              .formatted(name, simple),
          READABLE + ", or a List of one of them");
      return Optional.empty();
    }
    return element(name, simple, holder.equals(LIST) ? Shape.LIST : Shape.OPTIONAL, element);
  }

  /** Of an event with attributes, what its data is read as. */
  private Optional<Read> element(String name, String simple, Shape shape, Type type) {
    if (!type.name().equals(Annotations.EVENT)) {
      return Optional.of(new Read(shape, type, false));
    }
    Optional<Type> data = JavaNames.eventData(type);
    if (data.isEmpty()) {
      problem(
          "parameter %s is %s, of which the build cannot tell what its data is"
              .formatted(name, simple),
          "Name the type of the data, such as Event<Order>, or read CloudEvent");
    }
    return data.map(each -> new Read(shape, each, true));
  }

  private static boolean readable(Type type) {
    return switch (type.kind()) {
      case CLASS, PRIMITIVE, PARAMETERIZED_TYPE -> true;
      case ARRAY -> type.asArrayType().elementType().equals(PrimitiveType.BYTE);
      case TYPE_VARIABLE, UNRESOLVED_TYPE_VARIABLE, TYPE_VARIABLE_REFERENCE, WILDCARD_TYPE, VOID ->
          false;
    };
  }

  /** By its simple name: there are many annotations of that name. */
  private static boolean nullable(MethodParameterInfo parameter) {
    return Stream.concat(
            parameter.declaredAnnotations().stream(), parameter.type().annotations().stream())
        .anyMatch(each -> each.name().withoutPackagePrefix().equals("Nullable"));
  }

  private Input.Length length(String name, AnnotationInstance annotation) {
    BoundedMembers members =
        new BoundedMembers(where, "parameter " + name + ": ", annotation, problems);
    if (members.has("length") && (members.has("min") || members.has("max"))) {
      members.problem("it has a length and min or max", "Keep length, or min and max");
      return Input.Length.ONE;
    }
    int length = members.number("length", 1, 1, Input.Length.MAX);
    int min = members.number("min", length, 1, Input.Length.MAX);
    int max = members.number("max", min, 1, Input.Length.MAX);
    int slide = members.number("slide", 1, 1, Input.Length.MAX);
    if (max < min) {
      members.problem(
          "max is %d, less than min, which is %d".formatted(max, min), "Make max at least min");
      return Input.Length.ONE;
    }
    if (slide > min) {
      members.problem(
          "slide is %d, more than the %d there %s".formatted(slide, min, min == 1 ? "is" : "are"),
          "Let go of as many events as there are, or fewer");
      return Input.Length.ONE;
    }
    return new Input.Length(min, max, slide);
  }

  private List<LinkName> links(String name, AnnotationInstance annotation) {
    List<LinkName> links = new ArrayList<>();
    links.add(new LinkName(annotation.value().asString()));
    Annotations.value(annotation, "merge")
        .map(AnnotationValue::asStringArray)
        .ifPresent(merged -> Stream.of(merged).map(LinkName::new).forEach(links::add));
    if (Set.copyOf(links).size() < links.size()) {
      problem(
          "parameter %s reads a link twice".formatted(name),
          "Name each link once in @Input and its merge");
    }
    return links;
  }

  private List<Filter> filters(String name, AnnotationInstance annotation) {
    Optional<String> expression = Annotations.text(annotation, "filter");
    try {
      return expression.<Filter>map(Filter.Sql::new).stream().toList();
    } catch (IllegalArgumentException e) {
      problem(
          "parameter %s: filter: %s".formatted(name, e.getMessage()),
          "Write an expression of CloudEvents SQL that is true or false");
      return List.of();
    }
  }

  /** What an annotation says to correlate by: an attribute, or a pointer into the data. */
  Optional<Correlation> correlation(String what, AnnotationInstance annotation, String member) {
    try {
      return Annotations.text(annotation, member)
          .map(
              text ->
                  text.startsWith("/")
                      ? new Correlation.Pointer(text)
                      : new Correlation.Attribute(text));
    } catch (IllegalArgumentException e) {
      problem(
          "%s: %s".formatted(what, e.getMessage()),
          "Name an attribute, or a value in JSON data such as /customer/id");
      return Optional.empty();
    }
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
