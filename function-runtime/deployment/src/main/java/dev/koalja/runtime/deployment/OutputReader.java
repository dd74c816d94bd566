package dev.koalja.runtime.deployment;

import dev.koalja.function.KebabCase;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.PortName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.BaseStream;
import org.jboss.jandex.AnnotationInstance;
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
  private static final Set<String> LATER =
      Set.of(
          "java.util.concurrent.Future",
          "java.util.concurrent.CompletionStage",
          "java.util.concurrent.CompletableFuture",
          "io.smallrye.mutiny.Uni",
          "io.smallrye.mutiny.Multi",
          "java.util.concurrent.Flow$Publisher");

  private final IndexView index;
  private final MethodInfo method;
  private final String where;
  private final List<BuildProblem> problems;

  /**
   * What a function returns.
   *
   * @param ports in the order of the components when there are several
   * @param several whether a record with an output per component is returned
   * @param sharedKey the key of all of several outputs, if there is one
   */
  record Outputs(List<OutputPort> ports, boolean several, Optional<KeyAccess> sharedKey) {}

  OutputReader(IndexView index, MethodInfo method, List<BuildProblem> problems) {
    this.index = index;
    this.method = method;
    this.where = JavaNames.method(method);
    this.problems = problems;
  }

  /** The outputs; when there is a problem, what of them is right. */
  Outputs read() {
    @Nullable AnnotationInstance output = method.declaredAnnotation(Annotations.OUTPUT);
    Type returned = method.returnType();
    List<RecordComponentInfo> components = components(returned);
    boolean several = components.stream().anyMatch(each -> each.hasAnnotation(Annotations.OUTPUT));
    if (output != null && several) {
      problem(
          "it has @Output, and so have components of the %s it returns"
              .formatted(JavaNames.simple(returned)),
          "Keep the one or the others");
      return new Outputs(List.of(), false, Optional.empty());
    }
    if (returned.kind() == Type.Kind.VOID) {
      if (output != null) {
        problem("it has @Output but returns nothing", "Return what goes there, or remove @Output");
      }
      return new Outputs(List.of(), false, Optional.empty());
    }
    if (several) {
      return several(returned, components);
    }
    if (output == null) {
      problem(
          "it returns %s but has no @Output, so the result would be lost"
              .formatted(JavaNames.simple(returned)),
          "Add @Output(\"link\"), or return void");
      return new Outputs(List.of(), false, Optional.empty());
    }
    List<OutputPort> ports = new ArrayList<>();
    port("result", "", output, returned).ifPresent(ports::add);
    return new Outputs(ports, false, Optional.empty());
  }

  private Outputs several(Type returned, List<RecordComponentInfo> components) {
    List<OutputPort> ports = new ArrayList<>();
    for (RecordComponentInfo component : components) {
      if (component.hasAnnotation(Annotations.OUTPUT)) {
        port(
                KebabCase.of(component.name()),
                component.name(),
                component.annotation(Annotations.OUTPUT),
                component.type())
            .ifPresent(ports::add);
      } else if (!component.hasAnnotation(Annotations.KEY)) {
        problem(
            "component %s of %s has no @Output, so it would be lost"
                .formatted(component.name(), JavaNames.simple(returned)),
            "Add @Output(\"link\") to it, or remove it");
      }
    }
    return new Outputs(ports, true, key(returned));
  }

  private Optional<OutputPort> port(
      String name, String component, AnnotationInstance output, Type declared) {
    Optional<Type> element = element(declared);
    if (element.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new OutputPort(
              new PortName(name),
              component,
              new LinkName(output.value().asString()),
              Annotations.text(output, "type"),
              declared,
              element.get(),
              key(element.get())));
    } catch (IllegalArgumentException e) {
      problem(String.valueOf(e.getMessage()), "Choose such a name");
      return Optional.empty();
    }
  }

  /** The type of one event's data. */
  private Optional<Type> element(Type declared) {
    String name = declared.name().toString();
    String simple = JavaNames.simple(declared);
    if (LATER.contains(name)) {
      problem(
          "it returns %s, which has no value yet when the method returns".formatted(simple),
          "Wait for the value and return it: functions run on virtual threads, so waiting is cheap");
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
      if (many(declared.name()) || name.equals("java.lang.Iterable")) {
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
    if (SEVERAL_VALUES.contains(element.name().toString()) || many(element.name())) {
      problem("it returns %s, which is many of many".formatted(simple), "Return one flat List");
      return Optional.empty();
    }
    return Optional.of(element);
  }

  /** Whether a returned value of that type holds any number of values. */
  private boolean many(DotName type) {
    if (MANY.stream().anyMatch(each -> each.getName().equals(type.toString()))) {
      return true;
    }
    @Nullable ClassInfo info = index.getClassByName(type);
    if (info != null) {
      @Nullable DotName above = info.superName();
      return above != null && many(above) || info.interfaceNames().stream().anyMatch(this::many);
    }
    try {
      Class<?> loaded =
          Class.forName(type.toString(), false, Thread.currentThread().getContextClassLoader());
      return MANY.stream().anyMatch(each -> each.isAssignableFrom(loaded));
    } catch (ClassNotFoundException | LinkageError _) {
      // a primitive or an array, or a class that the app cannot load either
      return false;
    }
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
