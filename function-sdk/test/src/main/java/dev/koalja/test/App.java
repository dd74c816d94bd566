package dev.koalja.test;

import dev.koalja.function.ObjectStore;
import dev.koalja.function.codec.ContentTypes;
import dev.koalja.function.codec.DataFormat;
import dev.koalja.function.codec.PayloadCodec;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.runtime.deployment.CompiledCircuit;
import dev.koalja.runtime.registry.FunctionDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jboss.jandex.ClassInfo;
import org.jboss.jandex.Index;
import org.jboss.jandex.Indexer;
import org.jboss.jandex.MethodInfo;
import org.jboss.jandex.Type;

/**
 * The app under test, as its build would find it.
 *
 * @param name the app's name
 * @param project its folder
 * @param circuit its circuit
 * @param handWritten its {@code pipeline.yaml}, when it counts
 * @param validation the language of its validator; empty: it has none
 * @param loader of its classes, which a {@code @QuarkusTest} of the same module loads anew
 */
record App(
    String name,
    Path project,
    CompiledCircuit circuit,
    Optional<PipelineReader.Source> handWritten,
    Optional<Locale> validation,
    ClassLoader loader) {
  private static final Map<List<Object>, App> FOUND = new ConcurrentHashMap<>();

  /** The name in a POM that is not that of its parent. */
  private static final Pattern PARENT = Pattern.compile("<parent>.*?</parent>", Pattern.DOTALL);

  private static final Pattern ARTIFACT = Pattern.compile("<artifactId>\\s*([^<\\s]+)");

  /** The extension by which functions are validated in their process; a bare validator is not. */
  private static final String VALIDATOR =
      "io.quarkus.hibernate.validator.runtime.HibernateValidatorRecorder";

  /** The app of a class with functions; of one among tests, these functions alone. */
  static App ofFunctions(Class<?> functions) {
    Path classes = location(functions);
    return Files.isDirectory(classes) && classes.equals(classes(functions))
        ? of(functions)
        : of(functions, functions);
  }

  /** The app that a test class tests. */
  static App of(Class<?> test, Class<?>... functions) {
    Path classes = classes(test);
    return FOUND.computeIfAbsent(
        List.of(test.getClassLoader(), classes, Set.of(functions)),
        _ -> read(test, classes, functions));
  }

  private static App read(Class<?> test, Path classes, Class<?>... functions) {
    Path project = project(classes);
    try {
      Indexer indexer = new Indexer();
      Optional<PipelineReader.Source> handWritten = Optional.empty();
      if (functions.length > 0) {
        for (Class<?> each : functions) {
          add(indexer, each.getClassLoader(), each.getName());
        }
        addAll(indexer, classes, type -> type.hasAnnotation(ContentTypes.class));
      } else {
        addAll(indexer, classes, _ -> true);
        Path file = project.resolve("pipeline.yaml");
        if (Files.isRegularFile(file)) {
          handWritten =
              Optional.of(new PipelineReader.Source("pipeline.yaml", Files.readString(file)));
        }
      }
      Properties settings = settings(test.getClassLoader());
      String name = name(settings, project);
      Index index = withTypes(indexer, test.getClassLoader());
      Optional<Locale> validation = validation(settings, test.getClassLoader());
      CompiledCircuit circuit =
          CompiledCircuit.of(name, index, handWritten, validation.isPresent());
      if (circuit.functions().isEmpty() && circuit.pipeline().tasks().isEmpty()) {
        throw new IllegalStateException(
            "no method with @Function was found in %s: name classes with @KoaljaTest(functions = …)"
                .formatted(classes));
      }
      define(circuit, test.getClassLoader());
      return new App(name, project, circuit, handWritten, validation, test.getClassLoader());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Locale> validation(Properties settings, ClassLoader loader) {
    try {
      Class.forName(VALIDATOR, false, loader);
    } catch (ClassNotFoundException _) {
      return Optional.empty();
    }
    String language = settings.getProperty("quarkus.default-locale");
    return Optional.of(
        language == null ? Locale.getDefault() : Locale.forLanguageTag(language.strip()));
  }

  /** The classes of the project beside those of its tests. */
  private static Path classes(Class<?> test) {
    Path tests = location(test);
    String folder = tests.toString();
    // Maven: target/test-classes; Gradle: build/classes/java/test
    return folder.endsWith("test-classes")
        ? tests.resolveSibling("classes")
        : folder.endsWith("test") ? tests.resolveSibling("main") : tests;
  }

  private static Path location(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    try {
      return Path.of(source.getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("nobody knows where %s came from".formatted(type), e);
    }
  }

  /** The next folder above that has a build file. */
  private static Path project(Path classes) {
    for (Path folder = classes; folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve("pom.xml"))
          || Files.exists(folder.resolve("build.gradle"))
          || Files.exists(folder.resolve("build.gradle.kts"))) {
        return folder;
      }
    }
    return Path.of("").toAbsolutePath();
  }

  private static void addAll(Indexer indexer, Path classes, Predicate<ClassInfo> which)
      throws IOException {
    if (!Files.isDirectory(classes)) {
      return;
    }
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
        byte[] type = Files.readAllBytes(file);
        if (which.test(Index.singleClass(type))) {
          indexer.index(new ByteArrayInputStream(type));
        }
      }
    }
  }

  private static boolean add(Indexer indexer, ClassLoader loader, String name) throws IOException {
    try (InputStream in = loader.getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        return false;
      }
      indexer.index(in);
      return true;
    }
  }

  /** What functions read and write may be of other projects; the build looks there too. */
  private static Index withTypes(Indexer indexer, ClassLoader loader) throws IOException {
    Index index = indexer.complete();
    Set<String> known = new HashSet<>();
    index.getKnownClasses().forEach(each -> known.add(each.name().toString()));
    Deque<String> missing = new ArrayDeque<>();
    index.getKnownClasses().forEach(each -> mentioned(each, missing));
    if (missing.stream().allMatch(known::contains)) {
      return index;
    }
    Indexer more = new Indexer();
    for (ClassInfo each : index.getKnownClasses()) {
      add(more, loader, each.name().toString());
    }
    while (!missing.isEmpty()) {
      String name = missing.pop();
      if (!name.startsWith("java.") && known.add(name) && add(more, loader, name)) {
        try (InputStream in = loader.getResourceAsStream(name.replace('.', '/') + ".class")) {
          if (in != null) {
            mentioned(Index.singleClass(in), missing);
          }
        }
      }
    }
    return more.complete();
  }

  private static void mentioned(ClassInfo type, Deque<String> names) {
    for (MethodInfo method : type.methods()) {
      if (type.isRecord() || method.hasAnnotation("dev.koalja.function.Function")) {
        mentioned(method.returnType(), names);
        method.parameterTypes().forEach(each -> mentioned(each, names));
      }
    }
  }

  private static void mentioned(Type type, Deque<String> names) {
    switch (type.kind()) {
      case CLASS -> names.add(type.name().toString());
      case PARAMETERIZED_TYPE -> {
        names.add(type.name().toString());
        type.asParameterizedType().arguments().forEach(each -> mentioned(each, names));
      }
      default -> {
        // has no class of its own
      }
    }
  }

  private static Properties settings(ClassLoader loader) throws IOException {
    Properties settings = new Properties();
    try (InputStream in = loader.getResourceAsStream("application.properties")) {
      if (in != null) {
        settings.load(in);
      }
    }
    return settings;
  }

  /** As Quarkus will name it. */
  private static String name(Properties settings, Path project) throws IOException {
    String name = settings.getProperty("quarkus.application.name");
    if (name != null) {
      return name;
    }
    Path pom = project.resolve("pom.xml");
    if (Files.isRegularFile(pom)) {
      Matcher artifact = ARTIFACT.matcher(PARENT.matcher(Files.readString(pom)).replaceFirst(""));
      if (artifact.find()) {
        return artifact.group(1);
      }
    }
    Path folder = project.getFileName();
    return folder == null ? "app" : folder.toString();
  }

  /** Puts the invokers beside the functions that they call, as the build does. */
  private static void define(CompiledCircuit circuit, ClassLoader loader) {
    for (FunctionDescriptor function : circuit.functions()) {
      String name = function.invoker();
      try {
        Class.forName(name, false, loader);
      } catch (ClassNotFoundException _) {
        try {
          Class<?> owner =
              Class.forName(name.substring(0, name.indexOf("_Koalja_")), false, loader);
          MethodHandles.privateLookupIn(owner, MethodHandles.lookup())
              .defineClass(circuit.invokers().get(name));
        } catch (ReflectiveOperationException e) {
          throw new IllegalStateException("the functions cannot be called: " + name, e);
        }
      }
    }
  }

  /** Functions ready to be called, in this process. */
  FunctionsInPlace functions(Map<Class<?>, Object> instances, ObjectStore objects) {
    return functions(circuit.functions(), instances, objects);
  }

  /** Those of one class alone, on an object of it. */
  FunctionsInPlace functions(Class<?> type, Object instance, ObjectStore objects) {
    return functions(functions(type), Map.of(type, instance), objects);
  }

  private FunctionsInPlace functions(
      List<FunctionDescriptor> which, Map<Class<?>, Object> instances, ObjectStore objects) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    // the runtime finds classes by name, as its process has one loader for all
    thread.setContextClassLoader(loader);
    try {
      return new FunctionsInPlace(name, which, instances, objects, codec(instances), validation);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** What the build found of a class. */
  List<FunctionDescriptor> functions(Class<?> type) {
    return circuit.functions().stream()
        .filter(each -> each.invoker().startsWith(type.getName() + "_Koalja_"))
        .toList();
  }

  /** What reads and writes data: Koalja's formats, and the app's own. */
  PayloadCodec codec(Map<Class<?>, Object> instances) {
    return new PayloadCodec(Json.MAPPER, formats(instances));
  }

  /** The app's own formats: one object of each class, the test's where it gives one. */
  private Map<String, DataFormat> formats(Map<Class<?>, Object> instances) {
    Map<Class<?>, Object> made = new HashMap<>(instances);
    Map<String, DataFormat> formats = new HashMap<>();
    circuit
        .formats()
        .forEach(
            (contentType, type) -> {
              try {
                Class<?> format = Class.forName(type, true, loader);
                formats.put(
                    contentType,
                    (DataFormat) made.computeIfAbsent(format, FunctionsInPlace::instance));
              } catch (ClassNotFoundException e) {
                throw new IllegalStateException("the format cannot be used: " + type, e);
              }
            });
    return formats;
  }
}
