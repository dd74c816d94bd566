package dev.koalja.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.control.LinkReference;
import dev.koalja.cli.show.Words;
import dev.koalja.pipeline.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code koalja capture}. */
@Command(
    name = "capture",
    description = "Write the last events of a link into the project, with a test that sends them.",
    footer = {
      "",
      "Examples:",
      "  koalja capture order --last 20",
      "  koalja capture shop/order --dir shop",
      "",
      "Real events may hold what is nobody's business: look at the file before you share it."
    })
final class CaptureCommand implements Runnable {
  private static final Pattern PACKAGE = Pattern.compile("(?m)^package\\s+([\\w.]+)\\s*;");

  @Mixin Shared shared = new Shared();

  @Parameters(paramLabel = "LINK", description = "The link, or pipeline/link.")
  String link = "";

  @Option(
      names = {"-n", "--last"},
      paramLabel = "N",
      defaultValue = "20",
      description = "How many of the last events (${DEFAULT-VALUE}).")
  int last;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "",
      description = "The project; by default the folder one stands in.")
  Path dir = Path.of("");

  @Override
  public void run() {
    if (last < 1) {
      throw CliException.usage("--last is %d, must be at least 1".formatted(last));
    }
    List<JsonNode> shown = new ArrayList<>();
    LinkReference found;
    try (ControlClient control = shared.control()) {
      found = LinkReference.find(control, link);
      control.follow(
          "/api/pipelines/%s/links/%s/events?follow=false&last=%d"
              .formatted(found.pipeline(), found.link(), last),
          shown::add);
    }
    ArrayNode events = events(shown);
    if (events.isEmpty()) {
      throw CliException.usage("link %s has no events to capture".formatted(found));
    }
    try {
      write(found.link(), events);
    } catch (IOException e) {
      throw CliException.usage("%s cannot be written: %s".formatted(dir, e.getMessage()));
    }
  }

  private void write(String name, ArrayNode events) throws IOException {
    Path file = dir.resolve("src/test/resources/captured/" + name + ".json");
    Files.createDirectories(file.getParent());
    Files.writeString(
        file, Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(events) + "\n");
    shared
        .screen()
        .line("%s of %s written to %s".formatted(Words.count(events.size(), "event"), name, file));
    String type = testName(name);
    Optional<String> in = packageName(dir);
    Path test =
        dir.resolve("src/test/java")
            .resolve(in.map(each -> each.replace('.', '/')).orElse(""))
            .resolve(type + ".java");
    if (Files.exists(test)) {
      shared.screen().line("%s is there already and stays as it is".formatted(test));
      return;
    }
    Files.createDirectories(test.getParent());
    Files.writeString(test, test(in, type, name));
    shared.screen().line("Test that sends them: %s".formatted(test));
  }

  /** What the control API shows of events, as CloudEvents in the JSON batch format. */
  static ArrayNode events(List<JsonNode> shown) {
    ArrayNode events = Json.MAPPER.createArrayNode();
    for (JsonNode each : shown) {
      if (!each.hasNonNull("id")) {
        continue; // no CloudEvent
      }
      ObjectNode event = events.addObject();
      event.put("specversion", "1.0");
      for (String name : List.of("id", "source", "type", "subject", "datacontenttype")) {
        if (each.hasNonNull(name)) {
          event.set(name, each.get(name));
        }
      }
      if (each.hasNonNull("eventTime")) {
        event.set("time", each.get("eventTime"));
      }
      each.path("extensions").properties().forEach(e -> event.set(e.getKey(), e.getValue()));
      if (each.hasNonNull("key")) {
        event.set("partitionkey", each.get("key"));
      }
      for (String name : List.of("data", "data_base64")) {
        if (each.has(name)) {
          event.set(name, each.get(name));
        }
      }
    }
    return events;
  }

  /** {@code CapturedOrderTest}. */
  static String testName(String link) {
    StringBuilder name = new StringBuilder("Captured");
    for (String word : link.split("-", -1)) {
      name.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
    }
    return name.append("Test").toString();
  }

  /** The package of the project: that of the first of its sources that has one. */
  static Optional<String> packageName(Path project) throws IOException {
    Path sources = project.resolve("src/main/java");
    if (!Files.isDirectory(sources)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).sorted().toList()) {
        Matcher matcher = PACKAGE.matcher(Files.readString(file));
        if (matcher.find()) {
          return Optional.of(matcher.group(1));
        }
      }
    }
    return Optional.empty();
  }

  static String test(Optional<String> in, String type, String link) {
    return in.map("package %s;\n\n"::formatted).orElse("")
        + """
        import dev.koalja.test.Circuit;
        import dev.koalja.test.Fixtures;
        import dev.koalja.test.KoaljaTest;
        import org.junit.jupiter.api.Test;

        /** Real events of link %1$s: koalja capture %1$s writes them anew. */
        @KoaljaTest
        class %2$s {
          @Test
          void takesRealEvents(Circuit circuit) {
            Fixtures.events("captured/%1$s.json").forEach(event -> circuit.send("%1$s", event));

            circuit.expectNoDeadLetters();
          }
        }
        """
            .formatted(link, type);
  }
}
