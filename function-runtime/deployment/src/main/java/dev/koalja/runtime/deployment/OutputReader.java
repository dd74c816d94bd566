package dev.koalja.runtime.deployment;

import dev.koalja.function.AttributeName;
import dev.koalja.function.KebabCase;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.PortName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.stream.BaseStream;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationValue;
import org.jboss.jandex.ClassInfo;
import org.jboss.jandex.DotName;
import org.jboss.jandex.IndexView;
import org.jboss.jandex.MethodInfo;
import org.jboss.jandex.PrimitiveType;
import org.jboss.jandex.RecordComponentInfo;
import org.jboss.jandex.Type;
import org.jspecify.annotations.Nullable;

/** Reads what a function returns. */
final class OutputReader {
  private static final Set<String> SEVERAL_VALUES =
      Set.of(
          "java.util.Optional",
          "java.util.Collection",
          "java.util.SequencedCollection",
          "java.util.List",
          "java.util.ArrayList",
          "java.util.Set",
          "java.util.LinkedHashSet",
          "java.util.stream.Stream");
  private static final List<Class<?>> MANY =
      List.of(Collection.class, BaseStream.class, Iterator.class);
  static final String UNI = "io.smallrye.mutiny.Uni";
  private static final Set<String> STAGES =
      Set.of("java.util.concurrent.CompletionStage", "java.util.concurrent.CompletableFuture");

  /** Among them those that are waited for. */
  private static final List<Class<?>> LATER =
      List.of(Future.class, CompletionStage.class, Flow.Publisher.class);

  private static final String NO_CODE =
      "Make what that does the body of the method: what it takes are parameters with @Input, what"
          + " it makes is returned";

  private static final Set<String> TIMES = Set.of("java.time.Instant", "java.time.OffsetDateTime");

  private final IndexView index;
  private final MethodInfo method;
  private final String where;
  private final List<BuildProblem> problems;

  /**
   * What a function returns.
   *
   * @param returned what it makes, and when
   * @param ports in the order of the components when there are several
   * @param several whether a record with an output per component is returned
   * @param sharedKey the key of all of several outputs, if there is one
   * @param sharedAttributes attributes of all of several outputs
   */
  record Outputs(
      Returned returned,
      List<OutputPort> ports,
      boolean several,
      Optional<KeyAccess> sharedKey,
      List<AttributePort> sharedAttributes) {
    /** One output or none. */
    Outputs(Returned returned, List<OutputPort> ports) {
      this(returned, ports, false, Optional.empty(), List.of());
    }
  }

  OutputReader(IndexView index, MethodInfo method, List<BuildProblem> problems) {
    this.index = index;
    this.method = method;
    this.where = JavaNames.method(method);
    this.problems = problems;
  }

  /** What is wrong with a method that gives its caller code to run, as other frameworks ask for. */
  static Optional<BuildProblem> code(MethodInfo method) {
    return isCode(method.returnType())
        ? Optional.of(
            new BuildProblem(JavaNames.method(method), codeIn(method.returnType()), NO_CODE))
        : Optional.empty();
  }

  private static boolean isCode(Type type) {
    return type.name().toString().startsWith("java.util.function.");
  }

  private static String codeIn(Type declared) {
    return "it returns %s, which is code and no data".formatted(JavaNames.simple(declared));
  }

  /** The outputs; when there is a problem, what of them is right. */
  Outputs read() {
    @Nullable AnnotationInstance output = method.declaredAnnotation(Annotations.OUTPUT);
    Returned what = returned();
    Type returned = what.type();
    List<RecordComponentInfo> components = components(returned);
    boolean several = components.stream().anyMatch(each -> each.hasAnnotation(Annotations.OUTPUT));
    if (output != null && several) {
      problem(
          "it has @Output, and so have components of the %s it returns"
              .formatted(JavaNames.simple(returned)),
          "Keep the one or the others");
      return new Outputs(what, List.of());
    }
    if (returned.kind() == Type.Kind.VOID || returned.name().toString().equals("java.lang.Void")) {
      if (output != null) {
        problem("it has @Output but returns nothing", "Return what goes there, or remove @Output");
      }
      return new Outputs(what, List.of());
    }
    if (several) {
      return several(what, components);
    }
    if (output == null) {
      problem(
          "it returns %s but has no @Output, so the result would be lost"
              .formatted(JavaNames.simple(returned)),
          "Add @Output(\"link\"), or return void");
      return new Outputs(what, List.of());
    }
    List<OutputPort> ports = new ArrayList<>();
    port("result", "", output, returned).ifPresent(ports::add);
    return new Outputs(what, ports);
  }

  /** The value that comes of what the method returns. */
  private Returned returned() {
    Type declared = method.returnType();
    String name = declared.name().toString();
    if (!name.equals(UNI) && !STAGES.contains(name)) {
      return new Returned(declared, Returned.When.NOW);
    }
    Returned.When when = name.equals(UNI) ? Returned.When.UNI : Returned.When.STAGE;
    if (declared.kind() != Type.Kind.PARAMETERIZED_TYPE) {
      // reported where its elements are looked at
      return new Returned(declared, when);
    }
    Type value = declared.asParameterizedType().arguments().getFirst();
    return new Returned(
        value.kind() == Type.Kind.WILDCARD_TYPE ? value.asWildcardType().extendsBound() : value,
        when);
  }

  private Outputs several(Returned what, List<RecordComponentInfo> components) {
    Type returned = what.type();
    List<OutputPort> ports = new ArrayList<>();
    for (RecordComponentInfo component : components) {
      if (component.hasAnnotation(Annotations.OUTPUT)) {
        port(
                KebabCase.of(component.name()),
                component.name(),
                component.annotation(Annotations.OUTPUT),
                component.type())
            .ifPresent(ports::add);
      } else if (!component.hasAnnotation(Annotations.KEY)
          && !component.hasAnnotation(Annotations.ATTRIBUTE)) {
        problem(
            "component %s of %s has no @Output, so it would be lost"
                .formatted(component.name(), JavaNames.simple(returned)),
            "Add @Output(\"link\") to it, or remove it");
      }
    }
    return new Outputs(what, ports, true, key(returned), attributes(returned));
  }

  private Optional<OutputPort> port(
      String name, String component, AnnotationInstance output, Type declared) {
    Optional<Type> one = element(declared);
    if (one.isEmpty()) {
      return Optional.empty();
    }
    boolean event = one.get().name().equals(Annotations.EVENT);
    Optional<Type> element = event ? JavaNames.eventData(one.get()) : one;
    if (element.isEmpty()) {
      problem(
          "it returns %s, of which the build cannot tell what its data is"
              .formatted(JavaNames.simple(declared)),
          "Name the type of the data, such as Event<Order>, or return CloudEvent");
      return Optional.empty();
    }
    if (isCode(element.get())) {
      problem(codeIn(declared), NO_CODE);
      return Optional.empty();
    }
    List<AttributePort> attributes = new ArrayList<>(constants(output));
    attributes.addAll(attributes(element.get()));
    try {
      return Optional.of(
          new OutputPort(
              new PortName(name),
              component,
              new LinkName(output.value().asString()),
              Annotations.text(output, "type"),
              declared,
              element.get(),
              key(element.get()),
              contentType(output),
              event || element.get().name().toString().equals("java.lang.Object"),
              attributes,
              Optional.empty()));
    } catch (IllegalArgumentException e) {
      problem(String.valueOf(e.getMessage()), "Choose such a name");
      return Optional.empty();
    }
  }

  /** The type of one event's data. */
  private Optional<Type> element(Type declared) {
    String name = declared.name().toString();
    String simple = JavaNames.simple(declared);
    if ((name.equals(UNI) || STAGES.contains(name))
        && declared.kind() != Type.Kind.PARAMETERIZED_TYPE) {
      problem(
          "it returns %s of unknown elements".formatted(simple),
          "Name the element's type, such as %s<Order>".formatted(simple));
      return Optional.empty();
    }
    if (later(declared)) {
      problem(
          "it returns %s, which has no value yet when the method returns".formatted(simple),
          "Return CompletionStage, CompletableFuture or Uni of all of it, or wait: functions run on"
              + " virtual threads, so waiting is cheap");
      return Optional.empty();
    }
    if (declared.kind() == Type.Kind.ARRAY
        && !declared.asArrayType().elementType().equals(PrimitiveType.BYTE)) {
      problem(
          "it returns %s, which could be one event or many".formatted(simple),
          "Return a List for one event each, or a record for one event");
      return Optional.empty();
    }
    if (!SEVERAL_VALUES.contains(name)) {
      if (isA(declared.name(), MANY) || name.equals("java.lang.Iterable")) {
        problem(
            "it returns %s, of which the build cannot tell what one event is".formatted(simple),
            "Return List, Set, Collection or Stream of what one event is");
        return Optional.empty();
      }
      return Optional.of(declared);
    }
    if (declared.kind() != Type.Kind.PARAMETERIZED_TYPE) {
      problem(
          "it returns %s of unknown elements".formatted(simple),
          "Name the element's type, such as %s<Order>".formatted(simple));
      return Optional.empty();
    }
    Type element = declared.asParameterizedType().arguments().getFirst();
    if (element.kind() == Type.Kind.WILDCARD_TYPE) {
      element = element.asWildcardType().extendsBound();
    }
    if (SEVERAL_VALUES.contains(element.name().toString()) || isA(element.name(), MANY)) {
      problem("it returns %s, which is many of many".formatted(simple), "Return one flat List");
      return Optional.empty();
    }
    if (later(element)) {
      problem(
          "it returns %s, whose values are not there yet when the method returns".formatted(simple),
          "Return CompletionStage, CompletableFuture or Uni of a List");
      return Optional.empty();
    }
    return Optional.of(element);
  }

  private boolean later(Type type) {
    return type.name().toString().equals(UNI) || isA(type.name(), LATER);
  }

  /** Whether a value of that type is one of others. */
  private boolean isA(DotName type, List<Class<?>> others) {
    if (others.stream().anyMatch(each -> each.getName().equals(type.toString()))) {
      return true;
    }
    @Nullable ClassInfo info = index.getClassByName(type);
    if (info != null) {
      @Nullable DotName above = info.superName();
      return above != null && isA(above, others)
          || info.interfaceNames().stream().anyMatch(each -> isA(each, others));
    }
    try {
      Class<?> loaded =
          Class.forName(type.toString(), false, Thread.currentThread().getContextClassLoader());
      return others.stream().anyMatch(each -> each.isAssignableFrom(loaded));
    } catch (ClassNotFoundException | LinkageError _) {
      // a primitive or an array, or a class that the app cannot load either
      return false;
    }
  }

  private String contentType(AnnotationInstance output) {
    String contentType = Annotations.text(output, "contentType").orElse("");
    if (!contentType.isEmpty() && !contentType.matches("[\\w.+-]+/[\\w.+-]+( *;[ -~]*)?")) {
      problem(
          "contentType is \"%s\", which is no media type".formatted(contentType),
          "Write one such as text/csv or application/xml; charset=utf-8");
    }
    return contentType;
  }

  private List<AttributePort> constants(AnnotationInstance output) {
    List<AttributePort> constants = new ArrayList<>();
    Optional<AnnotationValue> written = Annotations.value(output, "attributes");
    for (String each : written.map(AnnotationValue::asStringArray).orElse(new String[0])) {
      int equals = each.indexOf('=');
      if (equals < 1 || equals == each.length() - 1) {
        problem(
            "attributes has \"%s\", which has no name or no value".formatted(each),
            "Write name=value, such as tenant=acme");
      } else if (named(each.substring(0, equals), "attributes: ")) {
        constants.add(
            new AttributePort(
                each.substring(0, equals), each.substring(equals + 1), Optional.empty()));
      }
    }
    return constants;
  }

  /** What components of a record say. */
  private List<AttributePort> attributes(Type type) {
    List<AttributePort> attributes = new ArrayList<>();
    Map<String, String> first = new HashMap<>();
    for (RecordComponentInfo component : components(type)) {
      if (!component.hasAnnotation(Annotations.ATTRIBUTE)) {
        continue;
      }
      String name = component.annotation(Annotations.ATTRIBUTE).value().asString();
      String where = "component %s of %s: ".formatted(component.name(), JavaNames.simple(type));
      if (!named(name, where)) {
        continue;
      }
      String other = first.putIfAbsent(name, component.name());
      if (other != null) {
        problem(
            "components %s and %s of %s are both the attribute %s"
                .formatted(other, component.name(), JavaNames.simple(type), name),
            "Keep one");
      }
      if (name.equals("time") && !TIMES.contains(component.type().name().toString())) {
        problem(
            where + "time is " + JavaNames.simple(component.type()),
            "Make it an Instant or OffsetDateTime");
      }
      KeyAccess access = new KeyAccess(type.name(), component.name(), component.type());
      attributes.add(new AttributePort(name, "", Optional.of(access)));
    }
    return attributes;
  }

  private boolean named(String name, String prefix) {
    Optional<String> reason = AttributeName.problem(name);
    reason.ifPresent(each -> problem(prefix + each, "Choose another attribute, or remove it"));
    return reason.isEmpty();
  }

  private Optional<KeyAccess> key(Type type) {
    List<RecordComponentInfo> keys =
        components(type).stream().filter(each -> each.hasAnnotation(Annotations.KEY)).toList();
    if (keys.size() > 1) {
      problem(
          "%s has %d components with @Key".formatted(JavaNames.simple(type), keys.size()),
          "Keep one: an event has one key");
    }
    return keys.stream().findFirst().map(key -> new KeyAccess(type.name(), key.name(), key.type()));
  }

  private List<RecordComponentInfo> components(Type type) {
    boolean named = type.kind() == Type.Kind.CLASS || type.kind() == Type.Kind.PARAMETERIZED_TYPE;
    @Nullable ClassInfo info = named ? index.getClassByName(type.name()) : null;
    return info != null && info.isRecord() ? info.recordComponentsInDeclarationOrder() : List.of();
  }

  private void problem(String reason, String mend) {
    problems.add(new BuildProblem(where, reason, mend));
  }
}
