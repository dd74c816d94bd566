package dev.koalja.knative.image;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.pipeline.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;

/**
 * What is in an image, as a bill of materials: CycloneDX 1.6 in JSON. Jars with their Maven
 * coordinates, the JRE, and the libraries of the system with their packages, each file with its
 * SHA-256. It says no time and has no number of its own, so the same image has the same bill.
 */
final class Sbom {
  /**
   * Written by Quarkus beside the app: a line {@code group:artifact:classifier:type:version} each.
   */
  static final String DEPENDENCIES = "quarkus-app-dependencies.txt";

  private Sbom() {}

  /**
   * The bill of one image.
   *
   * @param name of the app
   * @param version of the app
   * @param app the staged folder of the app
   * @param dependencies what Quarkus wrote, a line each; none when it did not
   * @param jre the staged JRE
   * @param javaHome the JDK that it was made of, which knows its version better
   * @param system files of this machine by the path they have in the image
   */
  static byte[] of(
      String name,
      String version,
      Path app,
      List<String> dependencies,
      Path jre,
      Path javaHome,
      SortedMap<String, Path> system)
      throws IOException {
    ObjectNode bill = Json.MAPPER.createObjectNode();
    bill.put("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
    bill.put("bomFormat", "CycloneDX").put("specVersion", "1.6").put("version", 1);
    bill.putObject("metadata")
        .putObject("component")
        .put("type", "application")
        .put("bom-ref", name)
        .put("name", name)
        .put("version", version);
    ArrayNode components = bill.putArray("components");
    jars(app, dependencies, components);
    jre(jre, javaHome, components);
    Map<Path, DebianPackages.Package> packages = new DebianPackages().of(system.values());
    for (Map.Entry<String, Path> each : system.entrySet()) {
      ObjectNode component = file("library", each.getKey(), each.getValue(), components);
      DebianPackages.Package origin = packages.get(each.getValue());
      if (origin != null) {
        component.put("version", origin.version()).put("purl", origin.purl());
      }
    }
    DefaultPrettyPrinter lines =
        new DefaultPrettyPrinter()
            .withObjectIndenter(new DefaultIndenter("  ", "\n"))
            .withArrayIndenter(new DefaultIndenter("  ", "\n"));
    return Json.MAPPER.writer(lines).writeValueAsString(bill).getBytes(StandardCharsets.UTF_8);
  }

  private static void jars(Path app, List<String> dependencies, ArrayNode components)
      throws IOException {
    Map<String, String[]> coordinates = new LinkedHashMap<>();
    for (String line : dependencies) {
      String[] parts = line.strip().split(":", -1);
      if (parts.length == 5) {
        String classifier = parts[2].isEmpty() ? "" : "-" + parts[2];
        coordinates.put(
            "%s.%s-%s%s.%s".formatted(parts[0], parts[1], parts[4], classifier, parts[3]), parts);
      }
    }
    for (Path jar : FileTree.files(app)) {
      if (!jar.toString().endsWith(".jar")) {
        continue;
      }
      String[] known = coordinates.get(String.valueOf(jar.getFileName()));
      if (known == null) {
        file("file", "/app/" + app.relativize(jar), jar, components);
        continue;
      }
      String purl = "pkg:maven/%s/%s@%s".formatted(known[0], known[1], known[4]);
      String detail = known[2].isEmpty() ? "" : "?classifier=" + known[2];
      ObjectNode component = components.addObject();
      component
          .put("type", "library")
          .put("bom-ref", purl + detail)
          .put("group", known[0])
          .put("name", known[1])
          .put("version", known[4]);
      hash(component, jar);
      component.put("purl", purl + detail);
    }
  }

  private static void jre(Path jre, Path javaHome, ArrayNode components) throws IOException {
    Properties release = new Properties();
    // what jlink makes says its modules, and of its origin the first part of its version only
    for (Path file : List.of(javaHome.resolve("release"), jre.resolve("release"))) {
      try (java.io.InputStream in = Files.newInputStream(file)) {
        release.load(in);
      }
    }
    ObjectNode component = components.addObject();
    component
        .put("type", "platform")
        .put("bom-ref", "jre")
        .put("name", "OpenJDK")
        .put("version", unquoted(release.getProperty("JAVA_RUNTIME_VERSION", "unknown")));
    String vendor = unquoted(release.getProperty("IMPLEMENTOR", ""));
    if (!vendor.isEmpty()) {
      component.put("publisher", vendor);
    }
    component.put("description", "modules " + unquoted(release.getProperty("MODULES", "unknown")));
    hash(component, jre.resolve("lib/modules"));
  }

  private static String unquoted(String value) {
    return value.replace("\"", "");
  }

  private static ObjectNode file(String type, String path, Path file, ArrayNode components)
      throws IOException {
    ObjectNode component = components.addObject();
    component.put("type", type).put("bom-ref", path).put("name", path);
    hash(component, file);
    return component;
  }

  private static void hash(ObjectNode component, Path file) throws IOException {
    component
        .putArray("hashes")
        .addObject()
        .put("alg", "SHA-256")
        .put("content", FileTree.digest(file));
  }
}
