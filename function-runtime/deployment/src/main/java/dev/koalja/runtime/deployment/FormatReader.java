package dev.koalja.runtime.deployment;

import dev.koalja.function.codec.ContentTypes;
import dev.koalja.function.codec.DataFormat;
import java.lang.reflect.Modifier;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.ClassInfo;
import org.jboss.jandex.DotName;
import org.jboss.jandex.IndexView;
import org.jboss.jandex.Type;
import org.jspecify.annotations.Nullable;

/** Finds the formats of data that an app brings, and checks that each output can be written. */
final class FormatReader {
  private static final DotName FORMAT = DotName.createSimple(DataFormat.class);
  private static final DotName CONTENT_TYPES = DotName.createSimple(ContentTypes.class);
  private static final String FORM = "application/x-www-form-urlencoded";
  private static final Set<String> OURS =
      Set.of(
          "application/json", "text/json", "+json", "text/plain", "application/octet-stream", FORM);

  /** What is as the function made it, whatever it is called. */
  private static final Set<String> AS_IT_IS =
      Set.of("java.lang.String", "byte[]", "java.io.InputStream", "io.cloudevents.CloudEvent");

  private final IndexView index;
  private final List<BuildProblem> problems;

  FormatReader(IndexView index, List<BuildProblem> problems) {
    this.index = index;
    this.problems = problems;
  }

  /** Names of classes, by media type or suffix; when there is a problem, those that are right. */
  SortedMap<String, String> read() {
    SortedMap<String, String> formats = new TreeMap<>();
    index.getAllKnownImplementations(FORMAT).stream()
        .filter(each -> !each.isInterface() && !Modifier.isAbstract(each.flags()))
        .sorted(Comparator.comparing(each -> each.name().toString()))
        .forEach(each -> read(each, formats));
    for (AnnotationInstance annotation : index.getAnnotations(CONTENT_TYPES)) {
      ClassInfo type = annotation.target().asClass();
      if (!index.getAllKnownImplementations(FORMAT).contains(type)) {
        problem(type, "it has @ContentTypes but is no DataFormat", "Implement DataFormat");
      }
    }
    return formats;
  }

  private void read(ClassInfo type, Map<String, String> formats) {
    @Nullable AnnotationInstance annotation = type.declaredAnnotation(CONTENT_TYPES);
    if (annotation == null) {
      problem(
          type,
          "it is a DataFormat, but nothing says of which data",
          "Add @ContentTypes(\"text/csv\") with the media type");
      return;
    }
    if (type.nestingType() == ClassInfo.NestingType.INNER && !Modifier.isStatic(type.flags())) {
      problem(
          type,
          "it is an inner class, which needs an outer object",
          "Make the class static or top-level");
      return;
    }
    for (String contentType : annotation.value().asStringArray()) {
      if (!contentType.matches("([a-z0-9.+-]+/)?[a-z0-9.+-]+")
          || !contentType.contains("/") && !contentType.startsWith("+")) {
        problem(
            type,
            "\"%s\" is no content type".formatted(contentType),
            "Write type/subtype in lower case and without parameters, or a suffix such as +cbor");
      } else if (OURS.contains(contentType)) {
        problem(
            type,
            "%s is read and written by Koalja itself".formatted(contentType),
            "Remove it; JSON is that of the app's ObjectMapper bean");
      } else {
        String other = formats.putIfAbsent(contentType, type.name().toString());
        if (other != null) {
          problems.add(
              new BuildProblem(
                  JavaNames.canonical(DotName.createSimple(other))
                      + " and "
                      + JavaNames.canonical(type.name()),
                  "both are the format of %s".formatted(contentType),
                  "Keep one"));
        }
      }
    }
  }

  private void problem(ClassInfo type, String reason, String mend) {
    problems.add(new BuildProblem(JavaNames.canonical(type.name()), reason, mend));
  }

  /** An output whose content type nothing writes would fail at its first event. */
  void check(List<FunctionMethod> functions, Map<String, String> formats) {
    for (FunctionMethod function : functions) {
      for (OutputPort output : function.outputs()) {
        String contentType = output.contentType();
        if (!contentType.isEmpty() && !asItIs(output.element()) && !written(contentType, formats)) {
          problems.add(
              new BuildProblem(
                  function.where(),
                  "output \"%s\" is %s, and nothing writes %s as that"
                      .formatted(output.link(), contentType, JavaNames.simple(output.element())),
                  "Return String or byte[], or add a class that implements DataFormat with"
                      + " @ContentTypes(\"%s\")".formatted(essence(contentType))));
        }
      }
    }
  }

  private static boolean asItIs(Type element) {
    return AS_IT_IS.contains(JavaNames.jackson(element))
        || element.name().toString().equals("java.lang.Object");
  }

  private static boolean written(String contentType, Map<String, String> formats) {
    String essence = essence(contentType);
    int plus = essence.lastIndexOf('+');
    String suffix = plus < 0 ? "" : essence.substring(plus);
    return formats.containsKey(essence)
        || formats.containsKey(suffix)
        || essence.equals("application/json")
        || essence.equals("text/json")
        || suffix.equals("+json")
        || essence.equals(FORM);
  }

  private static String essence(String contentType) {
    return contentType.split(";", 2)[0].strip().toLowerCase(java.util.Locale.ROOT);
  }
}
