package dev.koalja.knative.image;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.ConstantInstruction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Numbers anew what the build steps of Quarkus hand to one another at the start of an app. They run
 * side by side and take numbers as they come, so that two builds of the same sources differ in them
 * and in nothing else of the generated classes.
 */
final class RecorderKeys {
  private static final String RECORDED = "io/quarkus/runner/recorded/";
  private static final String KEY = "proxykey";

  private RecorderKeys() {}

  /** Rewrites a jar in place, if it has such classes; what else is in it stays. */
  static void settle(Path jar) throws IOException {
    SortedMap<String, byte[]> entries = new TreeMap<>();
    try (ZipFile from = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : Collections.list(from.entries())) {
        try (InputStream in = from.getInputStream(entry)) {
          entries.put(entry.getName(), in.readAllBytes());
        }
      }
    }
    Map<String, String> numbers = new HashMap<>();
    entries.forEach(
        (name, bytes) -> {
          if (isRecorded(name)) {
            number(bytes, numbers);
          }
        });
    if (numbers.isEmpty()) {
      return;
    }
    Path fresh = jar.resolveSibling(jar.getFileName() + ".numbered");
    try (ZipOutputStream to = new ZipOutputStream(Files.newOutputStream(fresh))) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        to.putNextEntry(new ZipEntry(entry.getKey()));
        to.write(
            isRecorded(entry.getKey()) ? renamed(entry.getValue(), numbers) : entry.getValue());
        to.closeEntry();
      }
    }
    Files.move(fresh, jar, StandardCopyOption.REPLACE_EXISTING);
  }

  private static boolean isRecorded(String name) {
    return name.startsWith(RECORDED) && name.endsWith(".class");
  }

  /** The keys of a class, numbered in the order in which its code names them. */
  private static void number(byte[] bytes, Map<String, String> numbers) {
    for (MethodModel method : ClassFile.of().parse(bytes).methods()) {
      for (CodeElement element :
          method.code().map(CodeModel::elementList).orElse(java.util.List.of())) {
        if (element instanceof ConstantInstruction constant
            && constant.constantValue() instanceof String key
            && key.startsWith(KEY)) {
          numbers.putIfAbsent(key, KEY + numbers.size());
        }
      }
    }
  }

  private static byte[] renamed(byte[] bytes, Map<String, String> numbers) {
    // without the old pool, in which the old keys would stay
    ClassFile format = ClassFile.of(ClassFile.ConstantPoolSharingOption.NEW_POOL);
    ClassModel model = format.parse(bytes);
    return format.transformClass(
        model,
        ClassTransform.transformingMethodBodies(
            (code, element) -> {
              if (element instanceof ConstantInstruction constant
                  && constant.constantValue() instanceof String key
                  && numbers.containsKey(key)) {
                code.loadConstant(numbers.get(key));
              } else {
                code.with(element);
              }
            }));
  }
}
