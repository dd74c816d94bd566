package dev.koalja.runtime.deployment;

import dev.koalja.pipeline.schema.DataSchema;
import dev.koalja.pipeline.schema.Shape;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.ClassInfo;
import org.jboss.jandex.DotName;
import org.jboss.jandex.FieldInfo;
import org.jboss.jandex.IndexView;
import org.jboss.jandex.ParameterizedType;
import org.jboss.jandex.Type;
import org.jboss.jandex.TypeVariable;
import org.jspecify.annotations.Nullable;

/**
 * What JSON of Java types looks like, by the conventions of Jackson as Quarkus configures it. Where
 * an annotation, a subtype or a setting may change that, it may be anything: a schema must never
 * refuse what works.
 */
final class JavaSchemas {
  private static final int MAX_CLASSES = 1_000;

  private static final Map<String, Shape> PLAIN =
      Map.ofEntries(
          Map.entry("java.lang.String", Shape.TEXT),
          Map.entry("java.lang.CharSequence", Shape.TEXT),
          Map.entry("java.lang.Character", Shape.TEXT),
          Map.entry("java.lang.Boolean", Shape.BOOLEAN),
          Map.entry("java.lang.Byte", Shape.INTEGER),
          Map.entry("java.lang.Short", Shape.INTEGER),
          Map.entry("java.lang.Integer", Shape.INTEGER),
          Map.entry("java.lang.Long", Shape.INTEGER),
          Map.entry("java.math.BigInteger", Shape.INTEGER),
          Map.entry("java.lang.Float", Shape.NUMBER),
          Map.entry("java.lang.Double", Shape.NUMBER),
          Map.entry("java.lang.Number", Shape.NUMBER),
          Map.entry("java.math.BigDecimal", Shape.NUMBER),
          Map.entry("java.util.OptionalInt", Shape.orNull(Shape.INTEGER)),
          Map.entry("java.util.OptionalLong", Shape.orNull(Shape.INTEGER)),
          Map.entry("java.util.OptionalDouble", Shape.orNull(Shape.NUMBER)),
          Map.entry("java.util.UUID", text("uuid")),
          Map.entry("java.time.Instant", text("date-time")),
          Map.entry("java.time.OffsetDateTime", text("date-time")),
          Map.entry("java.time.ZonedDateTime", text("date-time")),
          Map.entry("java.util.Date", text("date-time")),
          Map.entry("java.time.LocalDateTime", text("date-time-local")),
          Map.entry("java.time.LocalDate", text("date")),
          Map.entry("java.time.LocalTime", text("time-local")),
          Map.entry("java.time.OffsetTime", text("time")));

  private static final Set<String> LISTS =
      Set.of(
          "java.lang.Iterable",
          "java.util.Collection",
          "java.util.SequencedCollection",
          "java.util.List",
          "java.util.ArrayList",
          "java.util.LinkedList",
          "java.util.Set",
          "java.util.HashSet",
          "java.util.LinkedHashSet",
          "java.util.SortedSet",
          "java.util.NavigableSet",
          "java.util.TreeSet",
          "java.util.Queue",
          "java.util.Deque",
          "java.util.ArrayDeque");

  private static final Set<String> MAPS =
      Set.of(
          "java.util.Map",
          "java.util.SequencedMap",
          "java.util.HashMap",
          "java.util.LinkedHashMap",
          "java.util.SortedMap",
          "java.util.NavigableMap",
          "java.util.TreeMap",
          "java.util.EnumMap",
          "java.util.concurrent.ConcurrentMap",
          "java.util.concurrent.ConcurrentHashMap");

  private static final List<DotName> MODULES =
      List.of(
          DotName.createSimple("com.fasterxml.jackson.databind.Module"),
          DotName.createSimple("com.fasterxml.jackson.databind.module.SimpleModule"));
  private static final DotName CUSTOMIZER =
      DotName.createSimple("io.quarkus.jackson.ObjectMapperCustomizer");
  private static final List<DotName> MIXINS =
      List.of(DotName.createSimple("io.quarkus.jackson.JacksonMixin"));
  private static final DotName PRODUCES =
      DotName.createSimple("jakarta.enterprise.inject.Produces");
  private static final Set<String> MAPPERS =
      Set.of(
          "com.fasterxml.jackson.databind.ObjectMapper",
          "com.fasterxml.jackson.databind.json.JsonMapper");

  private final IndexView index;
  private final JavaProperties properties;
  private final boolean known;

  /** Whether a type is written or read. */
  enum Direction {
    WRITTEN,
    READ
  }

  /**
   * Reads an index.
   *
   * @param configured whether settings change how JSON is written; then nothing is known
   */
  JavaSchemas(IndexView index, boolean configured) {
    this.index = index;
    this.properties = new JavaProperties(index);
    this.known = !configured && !customized(index);
  }

  private static Shape text(String format) {
    return new Shape.Text(Optional.of(format));
  }

  /** Whether the app has an {@code ObjectMapper} of its own making. */
  private static boolean customized(IndexView index) {
    return index.getAllKnownImplementations(CUSTOMIZER).stream().anyMatch(JavaSchemas::foreign)
        || MODULES.stream()
            .flatMap(each -> index.getAllKnownSubclasses(each).stream())
            .anyMatch(JavaSchemas::foreign)
        || MIXINS.stream().anyMatch(each -> !index.getAnnotations(each).isEmpty())
        || index.getAnnotations(PRODUCES).stream().anyMatch(JavaSchemas::producesMapper);
  }

  /** Those of Quarkus make the mapper what it is. */
  private static boolean foreign(ClassInfo type) {
    return !type.name().toString().startsWith("io.quarkus.")
        && !type.name().toString().startsWith("com.fasterxml.jackson.");
  }

  private static boolean producesMapper(AnnotationInstance annotation) {
    return switch (annotation.target().kind()) {
      case METHOD ->
          MAPPERS.contains(annotation.target().asMethod().returnType().name().toString());
      case FIELD -> MAPPERS.contains(annotation.target().asField().type().name().toString());
      case CLASS, METHOD_PARAMETER, TYPE, RECORD_COMPONENT -> false;
    };
  }

  /**
   * The schema of a type; empty when nothing is known of it, or it would be too long.
   *
   * @param validated whether what is read is validated, so that it fails without what it needs
   */
  Optional<DataSchema> of(Type type, Direction direction, boolean validated) {
    if (!known) {
      return Optional.empty();
    }
    Reading reading = new Reading(direction);
    Shape root = reading.shape(type, Map.of(), validated);
    if (root instanceof Shape.Anything || reading.shapes.size() > MAX_CLASSES) {
      return Optional.empty();
    }
    return reading.schema(root).bounded();
  }

  private final class Reading {
    private final Direction direction;
    private final Map<Key, String> names = new HashMap<>();
    private final TreeMap<String, Shape> shapes = new TreeMap<>();

    private record Key(String type, boolean validated) {}

    Reading(Direction direction) {
      this.direction = direction;
    }

    /** What only the root names needs no name. */
    DataSchema schema(Shape root) {
      if (root instanceof Shape.Named(var name)) {
        Shape shape = shapes.get(name);
        boolean named = shapes.values().stream().anyMatch(each -> mentions(each, name));
        if (shape != null && !named) {
          TreeMap<String, Shape> others = new TreeMap<>(shapes);
          others.remove(name);
          return new DataSchema(shape, others);
        }
      }
      return new DataSchema(root, shapes);
    }

    private static boolean mentions(Shape shape, String name) {
      return switch (shape) {
        case Shape.Named(var other) -> other.equals(name);
        case Shape.OrNull(var inner) -> mentions(inner, name);
        case Shape.Items(var element) -> mentions(element, name);
        case Shape.Entries(var value) -> mentions(value, name);
        case Shape.Fields(var fields) ->
            fields.values().stream().anyMatch(field -> mentions(field.shape(), name));
        case Shape.Anything _,
            Shape.Text _,
            Shape.Choice _,
            Shape.Decimal _,
            Shape.Whole _,
            Shape.Truth _ ->
            false;
      };
    }

    Shape shape(Type type, Map<String, Type> variables, boolean validated) {
      return switch (type.kind()) {
        case PRIMITIVE -> PLAIN.getOrDefault(JavaNames.boxed(type).getName(), Shape.ANYTHING);
        case ARRAY -> array(type, variables, validated);
        case CLASS -> named(type, variables, validated);
        case PARAMETERIZED_TYPE -> named(type, variables, validated);
        case WILDCARD_TYPE -> shape(type.asWildcardType().extendsBound(), variables, validated);
        case TYPE_VARIABLE -> {
          @Nullable Type bound = variables.get(type.asTypeVariable().identifier());
          yield bound == null ? Shape.ANYTHING : shape(bound, Map.of(), validated);
        }
        case VOID, UNRESOLVED_TYPE_VARIABLE, TYPE_VARIABLE_REFERENCE -> Shape.ANYTHING;
      };
    }

    private Shape array(Type type, Map<String, Type> variables, boolean validated) {
      Type element = type.asArrayType().elementType();
      if (type.asArrayType().dimensions() > 1) {
        return Shape.ANYTHING;
      }
      if (element.kind() == Type.Kind.PRIMITIVE) {
        switch (element.asPrimitiveType().primitive()) {
          case BYTE -> {
            return text("byte");
          }
          case CHAR -> {
            return Shape.TEXT;
          }
          default -> {
            // a list of them
          }
        }
      }
      return new Shape.Items(shape(element, variables, validated && valid(element)));
    }

    private Shape named(Type type, Map<String, Type> variables, boolean validated) {
      String name = type.name().toString();
      Shape plain = PLAIN.get(name);
      if (plain != null) {
        return plain;
      }
      if (type instanceof ParameterizedType parameterized) {
        List<Type> arguments = parameterized.arguments();
        if (LISTS.contains(name)) {
          return new Shape.Items(shape(arguments.getFirst(), variables, validated));
        }
        if (MAPS.contains(name)) {
          return new Shape.Entries(shape(arguments.getLast(), variables, validated));
        }
        if (name.equals("java.util.Optional")) {
          return Shape.orNull(shape(arguments.getFirst(), variables, validated));
        }
      }
      @Nullable ClassInfo info = index.getClassByName(type.name());
      return info == null ? Shape.ANYTHING : ofClass(info, type, variables, validated);
    }

    private Shape ofClass(
        ClassInfo info, Type type, Map<String, Type> variables, boolean validated) {
      if (!properties.conventional(info) || shapes.size() > MAX_CLASSES) {
        return Shape.ANYTHING;
      }
      if (info.isEnum()) {
        return new Shape.Choice(
            info.fieldsInDeclarationOrder().stream()
                .filter(FieldInfo::isEnumConstant)
                .map(FieldInfo::name)
                .toList());
      }
      Map<String, Type> bound = new HashMap<>();
      List<TypeVariable> parameters = info.typeParameters();
      for (int i = 0; i < parameters.size(); i++) {
        if (!(type instanceof ParameterizedType parameterized)) {
          return Shape.ANYTHING;
        }
        Type argument = parameterized.arguments().get(i);
        if (argument.kind() == Type.Kind.TYPE_VARIABLE) {
          argument = variables.get(argument.asTypeVariable().identifier());
        }
        if (argument == null || !closed(argument)) {
          return Shape.ANYTHING;
        }
        bound.put(parameters.get(i).identifier(), argument);
      }
      Key key =
          new Key(
              bound.isEmpty() ? info.name().toString() : info.name() + bound.toString(), validated);
      String known = names.get(key);
      if (known != null) {
        return new Shape.Named(known);
      }
      Optional<List<JavaProperties.Property>> found = properties.of(info, direction);
      if (found.isEmpty()) {
        return Shape.ANYTHING;
      }
      String name = unique(JavaNames.last(info.name()));
      names.put(key, name);
      // stands for the class until its fields are known, in which it may occur
      shapes.put(name, Shape.ANYTHING);
      Map<String, Shape.Field> fields = new LinkedHashMap<>();
      for (JavaProperties.Property property : found.get()) {
        fields.put(property.name(), field(property, bound, validated));
      }
      shapes.put(name, new Shape.Fields(fields));
      return new Shape.Named(name);
    }

    private Shape.Field field(
        JavaProperties.Property property, Map<String, Type> variables, boolean validated) {
      boolean cascades = validated && property.valid();
      Shape shape =
          property.opaque() ? Shape.ANYTHING : shape(property.type(), variables, cascades);
      boolean present = property.notNull() || property.demanded();
      if (property.nullable() && !property.notNull()) {
        shape = Shape.orNull(shape);
      }
      boolean required =
          direction == Direction.WRITTEN
              ? present || !property.mayBeLeftOut()
              : !property.hasAlias() && (property.demanded() || validated && property.notNull());
      return new Shape.Field(shape, required);
    }

    private String unique(String name) {
      String unique = name;
      for (int i = 2; shapes.containsKey(unique); i++) {
        unique = name + "-" + i;
      }
      return unique;
    }

    /** Whether no variable is left in it. */
    private static boolean closed(Type type) {
      return switch (type.kind()) {
        case CLASS, PRIMITIVE -> true;
        case ARRAY -> closed(type.asArrayType().elementType());
        case PARAMETERIZED_TYPE ->
            type.asParameterizedType().arguments().stream().allMatch(Reading::closed);
        case VOID,
            WILDCARD_TYPE,
            TYPE_VARIABLE,
            UNRESOLVED_TYPE_VARIABLE,
            TYPE_VARIABLE_REFERENCE ->
            false;
      };
    }

    private static boolean valid(Type type) {
      return type.annotations().stream().anyMatch(each -> each.name().equals(JavaProperties.VALID));
    }
  }
}
