package dev.koalja.knative.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** A Docker archive, unpacked as a container engine unpacks it, with what its config says. */
record WholeImage(Path root, JsonNode config, List<String> tags) {
  static WholeImage of(Path archive, Path folder) throws IOException {
    Path parts = Files.createDirectories(folder.resolve("parts"));
    Path root = Files.createDirectories(folder.resolve("root"));
    untar(Files.newInputStream(archive), parts);
    JsonNode manifest = Json.MAPPER.readTree(parts.resolve("manifest.json").toFile()).get(0);
    for (JsonNode layer : manifest.get("Layers")) {
      untar(
          new GZIPInputStream(
              new BufferedInputStream(Files.newInputStream(parts.resolve(layer.asText())))),
          root);
    }
    JsonNode config = Json.MAPPER.readTree(parts.resolve(manifest.get("Config").asText()).toFile());
    return new WholeImage(
        root,
        config.get("config"),
        StreamSupport.stream(manifest.get("RepoTags").spliterator(), false)
            .map(JsonNode::asText)
            .toList());
  }

  private static void untar(InputStream raw, Path folder) throws IOException {
    Map<Path, FileTime> times = new LinkedHashMap<>();
    try (TarArchiveInputStream tar = new TarArchiveInputStream(raw)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path target = folder.resolve(entry.getName());
        if (entry.isDirectory()) {
          Files.createDirectories(target);
        } else {
          Files.createDirectories(target.getParent());
          Files.copy(tar, target);
          Set<PosixFilePermission> permissions = EnumSet.of(PosixFilePermission.OWNER_READ);
          if ((entry.getMode() & 0100) != 0) {
            permissions.add(PosixFilePermission.OWNER_EXECUTE);
          }
          Files.setPosixFilePermissions(target, permissions);
        }
        times.put(target, entry.getLastModifiedTime());
      }
    }
    for (Map.Entry<Path, FileTime> each : times.entrySet()) {
      Files.setLastModifiedTime(each.getKey(), each.getValue());
    }
  }

  /** The command line, with the paths of the image where they are now. */
  List<String> entrypoint() {
    return StreamSupport.stream(config.get("Entrypoint").spliterator(), false)
        .map(JsonNode::asText)
        .map(argument -> argument.replaceAll("(^|=)/(?=jre/|app/)", "$1" + root + "/"))
        .toList();
  }

  Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    for (JsonNode each : config.get("Env")) {
      String[] parts = each.asText().split("=", 2);
      environment.put(parts[0], parts[1]);
    }
    return environment;
  }
}
