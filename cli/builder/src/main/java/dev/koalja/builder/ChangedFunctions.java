package dev.koalja.builder;

import dev.koalja.function.Function;
import dev.koalja.function.KebabCase;
import java.io.IOException;
import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationElement;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Says whose code changed between two builds: the functions of the classes that did. */
final class ChangedFunctions {
  private static final ClassDesc FUNCTION = ClassDesc.of(Function.class.getName());

  private Map<String, byte[]> before;

  /** Compares with these classes first, if there are any. */
  ChangedFunctions(Path first) throws IOException {
    this.before = read(first);
  }

  /** Whether there were functions when this was asked last. */
  boolean knowsFunctions() {
    return before.values().stream()
        .anyMatch(bytes -> !functions(ClassFile.of().parse(bytes)).isEmpty());
  }

  /**
   * The tasks of classes that are not as they were when this was asked last; sorted. Empty when
   * nothing was built before, and when what changed belongs to no function or to all.
   */
  List<String> since(Path classes) throws IOException {
    Map<String, byte[]> now = read(classes);
    Map<String, byte[]> then = before;
    before = now;
    List<String> tasks = new ArrayList<>();
    if (then.isEmpty()) {
      return tasks;
    }
    for (Map.Entry<String, byte[]> each : now.entrySet()) {
      if (!Arrays.equals(each.getValue(), then.get(each.getKey()))) {
        tasks.addAll(functions(ClassFile.of().parse(each.getValue())));
      }
    }
    return tasks.stream().sorted().toList();
  }

  private static Map<String, byte[]> read(Path classes) throws IOException {
    Map<String, byte[]> read = new HashMap<>();
    if (Files.isDirectory(classes)) {
      try (Stream<Path> files = Files.walk(classes)) {
        for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
          read.put(classes.relativize(file).toString(), Files.readAllBytes(file));
        }
      }
    }
    return read;
  }

  private static List<String> functions(ClassModel type) {
    List<String> names = new ArrayList<>();
    for (MethodModel method : type.methods()) {
      method
          .findAttribute(Attributes.runtimeVisibleAnnotations())
          .ifPresent(
              annotations ->
                  annotations.annotations().stream()
                      .filter(each -> each.classSymbol().equals(FUNCTION))
                      .map(each -> name(each, method))
                      .forEach(names::add));
    }
    return names;
  }

  private static String name(Annotation function, MethodModel method) {
    for (AnnotationElement element : function.elements()) {
      if (element.name().equalsString("name")
          && element.value() instanceof AnnotationValue.OfString name
          && !name.stringValue().isEmpty()) {
        return name.stringValue();
      }
    }
    return KebabCase.of(method.methodName().stringValue());
  }
}
