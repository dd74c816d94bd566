package dev.koalja.pipeline.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** The test suite of the CESQL specification, which is not part of this repository. */
class CesqlConformanceTest {
  private static final int CASES = 275;

  /**
   * Cases of the suite that contradict the specification, and what the specification says instead.
   *
   * <p>{@code NOT 10}: the suite expects a cast error. Section 3.7 says that casting an Integer to
   * a Boolean MUST be supported and gives false for 0 and true otherwise, and the suite itself has
   * {@code BOOL(100)} as true; section 3.4 casts operands that way. So it is {@code NOT true}.
   */
  private static final Map<String, Outcome> CONTRADICTIONS =
      Map.of("NOT 10", new Outcome(false, Optional.empty()));

  private record Outcome(Object value, Optional<String> error) {}

  @Test
  void shouldPassTheSuiteOfTheSpecification() throws IOException {
    String folder = System.getProperty("koalja.testdata", "");
    if (folder.isBlank()) {
      if ("true".equals(System.getenv("CI"))) {
        throw new AssertionError("CI needs -Dkoalja.testdata: " + CASES + " cases did not run");
      }
      System.out.println(
          "CesqlConformanceTest: " + CASES + " cases skipped, koalja.testdata is not set");
      Assumptions.abort(CASES + " cases skipped: koalja.testdata is not set");
    }
    List<String> wrong = new ArrayList<>();
    int cases = 0;
    int contradictions = 0;
    for (Path file : files(Path.of(folder, "conformance", "cesql-tck"))) {
      for (Map<?, ?> test : tests(file)) {
        cases++;
        String expression = String.valueOf(test.get("expression"));
        Outcome expected =
            new Outcome(
                test.get("result") == null ? "anything" : test.get("result"),
                Optional.ofNullable(test.get("error")).map(String::valueOf));
        if (CONTRADICTIONS.containsKey(expression)) {
          contradictions++;
          expected = CONTRADICTIONS.get(expression);
        }
        Outcome actual = evaluate(expression, event(test));
        boolean parses = !actual.error().equals(Optional.of("parse"));
        boolean same =
            actual.error().equals(expected.error())
                && (!parses
                    || expected.value().equals("anything")
                    || actual.value().equals(expected.value()));
        if (!same) {
          wrong.add(file.getFileName() + ": " + expression + ": " + expected + " but " + actual);
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(cases).isEqualTo(CASES);
    assertThat(contradictions).isEqualTo(CONTRADICTIONS.size());
  }

  private static Outcome evaluate(String expression, CloudEvent event) {
    Cesql parsed;
    try {
      parsed = Cesql.parse(expression);
    } catch (IllegalArgumentException e) {
      return new Outcome("anything", Optional.of("parse"));
    }
    Cesql.Result result = parsed.evaluate(new EventView(event));
    return new Outcome(result.value(), result.error().map(error -> camelCase(error.kind().name())));
  }

  private static String camelCase(String constant) {
    return Pattern.compile("_(.)")
        .matcher(constant.toLowerCase(Locale.ROOT))
        .replaceAll(found -> found.group(1).toUpperCase(Locale.ROOT));
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  private static List<Map<?, ?>> tests(Path file) throws IOException {
    LoaderOptions loading = new LoaderOptions();
    DumperOptions dumping = new DumperOptions();
    Yaml yaml =
        new Yaml(
            new SafeConstructor(loading),
            new Representer(dumping),
            dumping,
            loading,
            new ResolverWithoutTimes());
    List<Map<?, ?>> tests = new ArrayList<>();
    for (Object test : (List<?>) ((Map<?, ?>) yaml.load(Files.readString(file))).get("tests")) {
      tests.add((Map<?, ?>) test);
    }
    return tests;
  }

  /** The suite writes times without quotes, and they are to keep their offset. */
  private static final class ResolverWithoutTimes extends Resolver {
    @Override
    public void addImplicitResolver(Tag tag, Pattern pattern, String first, int limit) {
      if (!tag.equals(Tag.TIMESTAMP)) {
        super.addImplicitResolver(tag, pattern, first, limit);
      }
    }
  }

  private static CloudEvent event(Map<?, ?> test) {
    Map<Object, Object> attributes = new LinkedHashMap<>();
    attributes.putAll(Map.of("id", "1", "source", "http://localhost/source", "type", "a.type"));
    for (String part : List.of("event", "eventOverrides")) {
      if (test.get(part) instanceof Map<?, ?> given) {
        attributes.putAll(given);
      }
    }
    CloudEventBuilder event = CloudEventBuilder.v1();
    attributes.forEach(
        (name, value) -> {
          switch (name.toString()) {
            case "specversion" -> assertThat(value).isEqualTo("1.0");
            case "id" -> event.withId(value.toString());
            case "source" -> event.withSource(URI.create(value.toString()));
            case "type" -> event.withType(value.toString());
            case "subject" -> event.withSubject(value.toString());
            case "time" -> event.withTime(OffsetDateTime.parse(value.toString()));
            case String extension -> {
              switch (value) {
                case Boolean bool -> event.withExtension(extension, bool);
                case Integer number -> event.withExtension(extension, number);
                default -> event.withExtension(extension, value.toString());
              }
            }
          }
        });
    return event.build();
  }
}
