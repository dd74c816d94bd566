package dev.koalja.runtime.deployment;

import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationValue;
import org.jboss.jandex.ClassInfo;
import org.jboss.jandex.DotName;
import org.jboss.jandex.FieldInfo;
import org.jboss.jandex.IndexView;
import org.jboss.jandex.MethodInfo;
import org.jboss.jandex.MethodParameterInfo;
import org.jboss.jandex.RecordComponentInfo;
import org.jboss.jandex.Type;
import org.jspecify.annotations.Nullable;

/** The properties that Jackson finds in a class, by its conventions. */
final class JavaProperties {
  static final DotName VALID = DotName.createSimple("jakarta.validation.Valid");

  private static final String JACKSON = "com.fasterxml.jackson.";
  private static final DotName META =
      DotName.createSimple("com.fasterxml.jackson.annotation.JacksonAnnotationsInside");
  private static final DotName PROPERTY = annotation("JsonProperty");
  private static final DotName IGNORE = annotation("JsonIgnore");
  private static final DotName ALIAS = annotation("JsonAlias");
  private static final DotName INCLUDE = annotation("JsonInclude");

  /** Those that change nothing here, or are heard below. */
  private static final Set<DotName> HEARD =
      Set.of(
          PROPERTY,
          IGNORE,
          ALIAS,
          INCLUDE,
          annotation("JsonPropertyOrder"),
          annotation("JsonPropertyDescription"),
          annotation("JsonClassDescription"));

  private static final Set<String> NEVER_NULL =
      Set.of(
          "jakarta.validation.constraints.NotNull",
          "jakarta.validation.constraints.NotBlank",
          "jakarta.validation.constraints.NotEmpty");

  private static final Set<String> PLAIN_SUPERS = Set.of("java.lang.Object", "java.lang.Record");

  private final IndexView index;

  JavaProperties(IndexView index) {
    this.index = index;
  }

  private static DotName annotation(String name) {
    return DotName.createSimple("com.fasterxml.jackson.annotation." + name);
  }

  /**
   * A property.
   *
   * @param name as it stands in JSON
   * @param type of its value
   * @param opaque whether its parts disagree about the type
   * @param nullable whether the author says that it may be null
   * @param notNull whether a constraint forbids null
   * @param demanded whether Jackson fails without it
   * @param valid whether its value is validated too
   * @param mayBeLeftOut whether it is not always written
   * @param hasAlias whether it is read from other names too
   */
  record Property(
      String name,
      Type type,
      boolean opaque,
      boolean nullable,
      boolean notNull,
      boolean demanded,
      boolean valid,
      boolean mayBeLeftOut,
      boolean hasAlias) {}

  /** What a class has of one property. */
  private static final class Parts {
    private final List<AnnotationInstance> annotations = new ArrayList<>();
    private final List<Type> types = new ArrayList<>();
    private boolean written;
    private boolean read;
    private boolean field;

    void add(Stream<AnnotationInstance> found, Type type) {
      found.forEach(annotations::add);
      annotations.addAll(type.annotations());
      types.add(type);
    }
  }

  /**
   * Whether the class is one whose JSON its members decide: no subtypes, and no annotation that
   * says otherwise.
   */
  boolean conventional(ClassInfo type) {
    if (type.isInterface()
        || type.isAnnotation()
        || Modifier.isAbstract(type.flags()) && !type.isEnum()
        || type.nestingType() == ClassInfo.NestingType.INNER && !Modifier.isStatic(type.flags())) {
      return false;
    }
    if (type.isEnum()) {
      return type.annotations().stream().noneMatch(this::ofJackson);
    }
    return heardOnly(type) && supersAreHeard(type);
  }

  private boolean heardOnly(ClassInfo type) {
    return type.annotations().stream()
        .filter(this::ofJackson)
        .allMatch(
            each ->
                HEARD.contains(each.name())
                    && each.value("access") == null
                    && each.value("index") == null);
  }

  private boolean ofJackson(AnnotationInstance annotation) {
    String name = annotation.name().toString();
    if (name.startsWith(JACKSON) || name.equals("kotlin.Metadata")) {
      return true;
    }
    @Nullable ClassInfo type = index.getClassByName(annotation.name());
    return type != null && type.hasDeclaredAnnotation(META);
  }

  private boolean supersAreHeard(ClassInfo type) {
    @Nullable DotName above = type.superName();
    if (above != null && !PLAIN_SUPERS.contains(above.toString())) {
      @Nullable ClassInfo superclass = index.getClassByName(above);
      if (superclass == null
          || !superclass.typeParameters().isEmpty()
          || !heardOnly(superclass)
          || !supersAreHeard(superclass)) {
        return false;
      }
    }
    for (DotName each : type.interfaceNames()) {
      @Nullable ClassInfo found = index.getClassByName(each);
      boolean plain =
          found == null
              ? each.toString().startsWith("java.")
              : found.annotations().stream().noneMatch(this::ofJackson)
                  && found.methods().stream().noneMatch(JavaProperties::hasBody)
                  && supersAreHeard(found);
      // a collection is written as one
      if (!plain
          || each.toString().startsWith("java.util.")
          || each.toString().equals("java.lang.Iterable")) {
        return false;
      }
    }
    return true;
  }

  private static boolean hasBody(MethodInfo method) {
    return !Modifier.isAbstract(method.flags()) && !Modifier.isStatic(method.flags());
  }

  /** The properties of a conventional class; empty when its members do not decide after all. */
  Optional<List<Property>> of(ClassInfo type, JavaSchemas.Direction direction) {
    boolean writing = direction == JavaSchemas.Direction.WRITTEN;
    if (!writing && !type.isRecord() && !type.hasNoArgsConstructor()) {
      return Optional.empty();
    }
    Map<String, Parts> parts = new LinkedHashMap<>();
    chain(type).forEach(each -> collect(each, parts));
    List<Property> properties = new ArrayList<>();
    boolean leavesOut = chain(type).stream().anyMatch(each -> each.hasDeclaredAnnotation(INCLUDE));
    for (Map.Entry<String, Parts> each : parts.entrySet()) {
      Parts found = each.getValue();
      boolean visible = writing ? found.written : found.read || found.field && found.written;
      if (visible && !has(found, IGNORE)) {
        properties.add(property(each.getKey(), found, leavesOut));
      }
    }
    if (properties.stream().map(Property::name).distinct().count() < properties.size()) {
      return Optional.empty();
    }
    return Optional.of(properties);
  }

  /** From the topmost class down, as Jackson has it. */
  private List<ClassInfo> chain(ClassInfo type) {
    List<ClassInfo> chain = new ArrayList<>();
    @Nullable ClassInfo next = type;
    while (next != null) {
      chain.addFirst(next);
      @Nullable DotName above = next.superName();
      next =
          above == null || PLAIN_SUPERS.contains(above.toString())
              ? null
              : index.getClassByName(above);
    }
    return chain;
  }

  private static void collect(ClassInfo type, Map<String, Parts> all) {
    for (RecordComponentInfo component : type.recordComponentsInDeclarationOrder()) {
      Parts parts = all.computeIfAbsent(component.name(), _ -> new Parts());
      parts.add(component.declaredAnnotations().stream(), component.type());
      parts.written = true;
      parts.read = true;
    }
    for (FieldInfo field : type.fieldsInDeclarationOrder()) {
      if (Modifier.isStatic(field.flags()) || field.isSynthetic()) {
        continue;
      }
      boolean open = Modifier.isPublic(field.flags()) && !Modifier.isTransient(field.flags());
      Parts parts = all.computeIfAbsent(field.name(), _ -> new Parts());
      parts.add(field.declaredAnnotations().stream(), field.type());
      parts.field = true;
      boolean named = field.hasDeclaredAnnotation(PROPERTY);
      parts.written |= open || named;
      parts.read |= open || named;
    }
    for (MethodInfo method : type.methodsInDeclarationOrder()) {
      if (!Modifier.isStatic(method.flags()) && !method.isSynthetic()) {
        accessor(type, method, all);
      }
    }
    for (MethodInfo constructor : type.constructors()) {
      if (type.isRecord()
          && constructor.parametersCount() == type.recordComponentsInDeclarationOrder().size()) {
        for (MethodParameterInfo parameter : constructor.parameters()) {
          @Nullable Parts parts = parameter.name() == null ? null : all.get(parameter.name());
          if (parts != null) {
            parts.annotations.addAll(parameter.declaredAnnotations());
          }
        }
      }
    }
  }

  private static void accessor(ClassInfo type, MethodInfo method, Map<String, Parts> all) {
    String name = method.name();
    boolean open = Modifier.isPublic(method.flags());
    boolean truth =
        Set.of("boolean", "java.lang.Boolean").contains(method.returnType().name() + "");
    if (method.parametersCount() == 0 && method.returnType().kind() != Type.Kind.VOID) {
      if (type.isRecord() && type.recordComponent(name) != null) {
        all.computeIfAbsent(name, _ -> new Parts())
            .add(method.declaredAnnotations().stream(), method.returnType());
      } else if (open && name.startsWith("get") && name.length() > 3) {
        getter(property(name.substring(3)), method, all);
      } else if (open && truth && name.startsWith("is") && name.length() > 2) {
        getter(property(name.substring(2)), method, all);
      }
    } else if (method.parametersCount() == 1 && name.startsWith("set") && name.length() > 3) {
      Parts parts = all.computeIfAbsent(property(name.substring(3)), _ -> new Parts());
      parts.add(method.declaredAnnotations().stream(), method.parameterType(0));
      parts.read = true;
    }
  }

  private static void getter(String property, MethodInfo method, Map<String, Parts> all) {
    Parts parts = all.computeIfAbsent(property, _ -> new Parts());
    parts.add(method.declaredAnnotations().stream(), method.returnType());
    parts.written = true;
  }

  /** Every capital at the beginning becomes small, as Jackson does it: {@code URL} is url. */
  private static String property(String name) {
    int capitals = 0;
    while (capitals < name.length() && Character.isUpperCase(name.charAt(capitals))) {
      capitals++;
    }
    return name.substring(0, capitals).toLowerCase(Locale.ROOT) + name.substring(capitals);
  }

  private static Property property(String name, Parts parts, boolean leavesOut) {
    Optional<String> renamed =
        values(parts, PROPERTY, "value")
            .map(AnnotationValue::asString)
            .filter(each -> !each.isEmpty())
            .findFirst();
    boolean demanded = values(parts, PROPERTY, "required").anyMatch(AnnotationValue::asBoolean);
    Type type = parts.types.getFirst();
    return new Property(
        renamed.orElse(name),
        type,
        parts.types.stream()
            .anyMatch(
                each ->
                    !each.toString().equals(type.toString())
                        && !JavaNames.simple(each).equals(JavaNames.simple(type))),
        parts.annotations.stream()
            .anyMatch(each -> each.name().withoutPackagePrefix().equals("Nullable")),
        parts.annotations.stream().anyMatch(JavaProperties::forbidsNull),
        demanded,
        has(parts, VALID),
        leavesOut || has(parts, INCLUDE),
        has(parts, ALIAS));
  }

  /** In some group only, it is not what is looked at when an event is read. */
  private static boolean forbidsNull(AnnotationInstance annotation) {
    return NEVER_NULL.contains(annotation.name().toString()) && annotation.value("groups") == null;
  }

  private static boolean has(Parts parts, DotName name) {
    return parts.annotations.stream().anyMatch(each -> each.name().equals(name));
  }

  private static Stream<AnnotationValue> values(Parts parts, DotName name, String member) {
    return parts.annotations.stream()
        .filter(each -> each.name().equals(name))
        .flatMap(each -> Optional.ofNullable(each.value(member)).stream());
  }
}
