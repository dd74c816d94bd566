package dev.koalja.test.api;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What others can compile against, one line for each type and member, as Java would declare it. Two
 * of them can be compared as text.
 */
final class PublicApi {
  private static final Set<String> OF_EVERY_OBJECT = Set.of("equals", "hashCode", "toString");

  private final SortedSet<String> lines = new TreeSet<>();

  private PublicApi() {}

  /**
   * The API of the classes in a folder or jar.
   *
   * @param loader finds the classes; none is initialised
   */
  static SortedSet<String> of(Path classes, ClassLoader loader) throws Exception {
    PublicApi api = new PublicApi();
    for (String name : names(classes)) {
      Class<?> type = Class.forName(name, false, loader);
      if (isVisible(type)) {
        api.add(type);
      }
    }
    return api.lines;
  }

  private static List<String> names(Path classes) throws IOException {
    if (Files.isDirectory(classes)) {
      return namesBelow(classes);
    }
    try (FileSystem jar = FileSystems.newFileSystem(classes)) {
      return namesBelow(jar.getPath("/"));
    }
  }

  private static List<String> namesBelow(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .map(file -> root.relativize(file).toString().replace('\\', '/'))
          .filter(file -> file.endsWith(".class") && !file.endsWith("-info.class"))
          .map(file -> file.substring(0, file.length() - ".class".length()).replace('/', '.'))
          .toList();
    }
  }

  private static boolean isVisible(Class<?> type) {
    if (type.isAnonymousClass() || type.isLocalClass() || type.isSynthetic()) {
      return false;
    }
    Class<?> around = type.getDeclaringClass();
    return isVisible(type.getModifiers()) && (around == null || isVisible(around));
  }

  private static boolean isVisible(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private void add(Class<?> type) {
    String name = type.getName();
    lines.add("%s: %s%s".formatted(name, deprecated(type), declaration(type)));
    for (Field field : type.getDeclaredFields()) {
      if (isVisible(field.getModifiers()) && !field.isSynthetic()) {
        lines.add("%s: %s%s".formatted(name, deprecated(field), field.toGenericString()));
      }
    }
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (isVisible(constructor.getModifiers()) && !constructor.isSynthetic()) {
        lines.add(
            "%s: %s%s".formatted(name, deprecated(constructor), constructor.toGenericString()));
      }
    }
    for (Method method : type.getDeclaredMethods()) {
      if (isMember(method)) {
        String declared =
            method.toGenericString().replace(" synchronized ", " "); // nobody's business
        lines.add("%s: %s%s%s".formatted(name, deprecated(method), declared, preset(method)));
      }
    }
  }

  /** The type with what it extends and, of a record, its components in their order. */
  private static String declaration(Class<?> type) {
    List<String> words = new ArrayList<>(List.of(type.toGenericString()));
    if (type.isRecord()) {
      words.add(
          Arrays.stream(type.getRecordComponents())
              .map(RecordComponent::getName)
              .collect(Collectors.joining(", ", "(", ")")));
    }
    Type above = type.getGenericSuperclass();
    if (above != null && above != Object.class && !type.isRecord() && !type.isEnum()) {
      words.add("extends " + above.getTypeName());
    }
    if (type.getGenericInterfaces().length > 0 && !type.isAnnotation()) {
      words.add("implements " + names(type.getGenericInterfaces()));
    }
    Class<?>[] permitted = type.getPermittedSubclasses();
    if (permitted != null && !type.isEnum()) {
      // a switch over them knows each
      words.add("permits " + names(permitted));
    }
    return String.join(" ", words);
  }

  private static String names(Type[] types) {
    return Arrays.stream(types).map(Type::getTypeName).sorted().collect(Collectors.joining(", "));
  }

  private static boolean isMember(Method method) {
    return isVisible(method.getModifiers())
        && !method.isSynthetic()
        && !(OF_EVERY_OBJECT.contains(method.getName()) && isOfObject(method));
  }

  private static boolean isOfObject(Executable method) {
    return method.getParameterCount() == (method.getName().equals("equals") ? 1 : 0);
  }

  /** What an attribute of an annotation is when it is not given. */
  private static String preset(Method method) {
    Object preset = method.getDefaultValue();
    return switch (preset) {
      case null -> "";
      case String text -> " default \"" + text + "\"";
      case Object[] many -> " default " + Arrays.toString(many);
      case Annotation annotation -> " default " + values(annotation);
      default -> " default " + preset;
    };
  }

  /** By name: the order in which reflection has them is not promised. */
  private static String values(Annotation annotation) {
    return Arrays.stream(annotation.annotationType().getDeclaredMethods())
        .map(method -> method.getName() + "=" + value(annotation, method))
        .sorted()
        .collect(Collectors.joining(", ", "@" + annotation.annotationType().getName() + "(", ")"));
  }

  private static Object value(Annotation annotation, Method attribute) {
    try {
      return attribute.invoke(annotation);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(attribute.toString(), e);
    }
  }

  private static String deprecated(AnnotatedElement element) {
    return element.isAnnotationPresent(Deprecated.class) ? "@Deprecated " : "";
  }
}
