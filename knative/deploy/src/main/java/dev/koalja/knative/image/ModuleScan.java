package dev.koalja.knative.image;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Which modules of the JDK the classes in jars refer to, as {@code jdeps} finds them, but jar by
 * jar and without regard to module descriptors: a function process runs on the class path.
 */
final class ModuleScan {
  /** What every function process needs, however little its classes say of it. */
  private static final List<String> ALWAYS =
      List.of(
          "java.base",
          "java.logging",
          "java.management", // Quarkus reads the start time and memory of its JVM
          "java.naming", // DNS and TLS providers look here
          "jdk.httpserver",
          "jdk.unsupported",
          "jdk.zipfs");

  /**
   * What libraries mention for those who have it, and do without otherwise: Jackson and SnakeYAML
   * know JavaBeans annotations and {@code java.sql} types; both would bring in half the JDK.
   */
  private static final List<String> OPTIONAL_FOR_LIBRARIES =
      List.of(
          "java.beans",
          "java.sql",
          "java.rmi",
          "javax.sql",
          "javax.swing",
          "javax.imageio",
          "java.awt");

  private final Map<String, String> moduleOfPackage = new HashMap<>();

  ModuleScan() {
    ModuleFinder.ofSystem()
        .findAll()
        .forEach(
            module ->
                module
                    .descriptor()
                    .packages()
                    .forEach(name -> moduleOfPackage.put(name, module.descriptor().name())));
  }

  /** The modules that these jars need, sorted. */
  SortedSet<String> modules(List<Path> libraries, List<Path> app) throws IOException {
    SortedSet<String> modules = new TreeSet<>(ALWAYS);
    for (Path jar : libraries) {
      for (String name : packages(jar)) {
        if (OPTIONAL_FOR_LIBRARIES.stream().noneMatch(name::startsWith)) {
          module(name).ifPresent(modules::add);
        }
      }
    }
    for (Path jar : app) {
      for (String name : packages(jar)) {
        module(name).ifPresent(modules::add);
      }
    }
    return modules;
  }

  private Optional<String> module(String packageName) {
    return Optional.ofNullable(moduleOfPackage.get(packageName));
  }

  /** The packages that the classes of a jar refer to. */
  private static SortedSet<String> packages(Path jar) throws IOException {
    SortedSet<String> packages = new TreeSet<>();
    try (JarFile file = new JarFile(jar.toFile())) {
      for (Enumeration<JarEntry> entries = file.entries(); entries.hasMoreElements(); ) {
        JarEntry entry = entries.nextElement();
        if (entry.getName().endsWith(".class") && !entry.getName().endsWith("module-info.class")) {
          try (InputStream in = file.getInputStream(entry)) {
            addPackages(in.readAllBytes(), packages);
          } catch (IllegalArgumentException e) {
            // a class for a JVM that is not ours to run
            throw new IOException(jar + ": cannot read " + entry.getName(), e);
          }
        }
      }
    }
    return packages;
  }

  private static void addPackages(byte[] bytes, SortedSet<String> packages) {
    for (PoolEntry entry : ClassFile.of().parse(bytes).constantPool()) {
      if (entry instanceof ClassEntry type) {
        String name = type.asInternalName().replaceFirst("^\\[+L?", "");
        int slash = name.lastIndexOf('/');
        if (slash > 0) {
          packages.add(name.substring(0, slash).replace('/', '.'));
        }
      }
    }
  }
}
