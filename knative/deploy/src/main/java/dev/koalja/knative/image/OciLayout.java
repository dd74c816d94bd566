package dev.koalja.knative.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * An image as a folder: {@code oci-layout}, {@code index.json} and blobs named by digest.
 *
 * @param digest of the manifest
 * @param manifest what it says
 */
record OciLayout(String digest, JsonNode manifest) {
  /** Unpacks an OCI archive into {@code folder}, which is emptied first. */
  static OciLayout unpack(Path archive, Path folder) throws IOException {
    FileTree.delete(folder);
    try (InputStream in = Files.newInputStream(archive);
        TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path target = folder.resolve(entry.getName()).normalize();
        if (!target.startsWith(folder)) {
          throw new IOException(archive + " holds " + entry.getName() + ", which leads outside");
        }
        if (entry.isDirectory()) {
          Files.createDirectories(target);
        } else {
          Files.createDirectories(target.getParent());
          Files.copy(tar, target);
        }
      }
    }
    JsonNode index = Json.MAPPER.readTree(folder.resolve("index.json").toFile());
    String digest = index.at("/manifests/0/digest").asText();
    return new OciLayout(digest, Json.MAPPER.readTree(blob(folder, digest).toFile()));
  }

  static Path blob(Path folder, String digest) {
    return folder.resolve("blobs").resolve(digest.replace(':', '/'));
  }

  /** The layers, from the bottom up, with names for people. */
  List<BuiltImage.Layer> layers(List<String> names) {
    List<BuiltImage.Layer> layers = new ArrayList<>();
    for (JsonNode layer : manifest.get("layers")) {
      layers.add(
          new BuiltImage.Layer(
              names.get(layers.size()), layer.get("digest").asText(), layer.get("size").asLong()));
    }
    return layers;
  }
}
