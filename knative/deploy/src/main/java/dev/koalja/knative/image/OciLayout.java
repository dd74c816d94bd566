package dev.koalja.knative.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.pipeline.Json;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * An image as a folder, by the OCI image layout specification 1.0: {@code oci-layout}, {@code
 * index.json} and blobs named by digest.
 *
 * @param folder where it is
 * @param digest of the manifest
 * @param manifest what it says
 */
record OciLayout(Path folder, String digest, JsonNode manifest) {
  static final String MARK = "oci-layout";
  static final String INDEX = "index.json";
  static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

  /** What {@code docker load} reads, beside the layout. */
  private static final String DOCKER = "manifest.json";

  private static final String NAME = "org.opencontainers.image.ref.name";
  private static final String CONTAINERD_NAME = "io.containerd.image.name";
  private static final int MOST_ENTRIES = 10_000;

  /** Unpacks an OCI archive into {@code folder}, which is emptied first. */
  static OciLayout unpack(Path archive, Path folder) throws IOException {
    FileTree.delete(folder);
    Files.createDirectories(folder);
    untar(archive, folder, Long.MAX_VALUE);
    return in(folder);
  }

  /**
   * Takes an archive apart: plain files and folders only, none of them outside.
   *
   * @param limit how many bytes may come of it
   * @throws InvalidImageException when there is anything else in it
   */
  static void untar(Path archive, Path folder, long limit) throws IOException {
    long left = limit;
    int entries = 0;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(archive), 1 << 16);
        TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path target = folder.resolve(entry.getName()).normalize();
        left -= entry.getSize();
        if (!target.startsWith(folder)) {
          throw new InvalidImageException(
              "%s holds %s, which leads outside of it".formatted(archive, entry.getName()));
        }
        if (++entries > MOST_ENTRIES || left < 0) {
          throw new InvalidImageException(archive + " holds more than an image of an app does");
        }
        if (entry.isDirectory()) {
          Files.createDirectories(target);
        } else if (isPlain(entry)) {
          Files.createDirectories(target.resolveSibling(""));
          Files.copy(tar, target);
        } else {
          throw new InvalidImageException(
              "%s holds %s, which is neither file nor folder".formatted(archive, entry.getName()));
        }
      }
    } catch (java.nio.file.FileAlreadyExistsException e) {
      throw new InvalidImageException(archive + " holds the same file twice", e);
    }
  }

  /**
   * Whether an entry is a file with content of its own; what the library calls a file may be a
   * device.
   */
  static boolean isPlain(TarArchiveEntry entry) {
    return entry.isFile()
        && !entry.isLink()
        && !entry.isSymbolicLink()
        && !entry.isCharacterDevice()
        && !entry.isBlockDevice()
        && !entry.isFIFO();
  }

  /** The layout in a folder that we wrote. */
  static OciLayout in(Path folder) throws IOException {
    JsonNode index = Json.MAPPER.readTree(folder.resolve(INDEX).toFile());
    String digest = index.at("/manifests/0/digest").asText();
    return new OciLayout(folder, digest, Json.MAPPER.readTree(blob(folder, digest).toFile()));
  }

  /**
   * Writes a layout's mark and its index, of one image.
   *
   * @param platform the architecture, as images call it
   */
  static void writeIndex(Path folder, String digest, long size, String reference, String platform)
      throws IOException {
    ObjectNode index = Json.MAPPER.createObjectNode();
    index.put("schemaVersion", 2).put("mediaType", "application/vnd.oci.image.index.v1+json");
    ObjectNode manifest = index.putArray("manifests").addObject();
    manifest.put("mediaType", MANIFEST_TYPE).put("digest", digest).put("size", size);
    manifest.putObject("platform").put("architecture", platform).put("os", "linux");
    ObjectNode annotations = manifest.putObject("annotations");
    annotations.put(NAME, reference.substring(reference.lastIndexOf(':') + 1));
    annotations.put(CONTAINERD_NAME, reference);
    Files.write(folder.resolve(INDEX), Json.MAPPER.writeValueAsBytes(index));
    Files.writeString(folder.resolve(MARK), "{\"imageLayoutVersion\":\"1.0.0\"}");
  }

  static Path blob(Path folder, String digest) {
    return folder.resolve("blobs").resolve(digest.replace(':', '/'));
  }

  /** The layers, from the bottom up, with names for people; layers below those are the base's. */
  List<BuiltImage.Layer> layers(List<String> names) {
    List<BuiltImage.Layer> layers = new ArrayList<>();
    int base = manifest.get("layers").size() - names.size();
    for (JsonNode layer : manifest.get("layers")) {
      int index = layers.size() - base;
      layers.add(
          new BuiltImage.Layer(
              index < 0 ? "base" : names.get(index),
              layer.get("digest").asText(),
              layer.get("size").asLong()));
    }
    return layers;
  }

  /**
   * Writes the image into one file that is an OCI archive and one of Docker's as well: both lists
   * name the same blobs, so it has one digest whoever loads it.
   *
   * @param reference name and tag that it gets where it is loaded
   */
  void writeArchive(Path archive, String reference) throws IOException {
    ArrayNode docker = Json.MAPPER.createArrayNode();
    ObjectNode image = docker.addObject();
    image.put("Config", blobName(manifest.at("/config/digest").asText()));
    image.putArray("RepoTags").add(reference);
    ArrayNode layers = image.putArray("Layers");
    manifest.get("layers").forEach(each -> layers.add(blobName(each.get("digest").asText())));
    Path fresh = archive.resolveSibling(archive.getFileName() + ".new");
    try (OutputStream out = Files.newOutputStream(fresh);
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out, "UTF-8")) {
      tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      put(tar, MARK, Files.readAllBytes(folder.resolve(MARK)));
      put(tar, INDEX, Files.readAllBytes(folder.resolve(INDEX)));
      put(tar, DOCKER, docker.toString().getBytes(StandardCharsets.UTF_8));
      for (Path file : FileTree.files(folder.resolve("blobs"))) {
        TarArchiveEntry entry = entry(folder.relativize(file).toString(), Files.size(file));
        tar.putArchiveEntry(entry);
        Files.copy(file, tar);
        tar.closeArchiveEntry();
      }
    }
    Files.move(fresh, archive, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  private static String blobName(String digest) {
    return "blobs/" + digest.replace(':', '/');
  }

  private static void put(TarArchiveOutputStream tar, String name, byte[] content)
      throws IOException {
    tar.putArchiveEntry(entry(name, content.length));
    tar.write(content);
    tar.closeArchiveEntry();
  }

  private static TarArchiveEntry entry(String name, long size) {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(size);
    entry.setMode(0644);
    entry.setModTime(FileTree.TIME.toEpochMilli());
    return entry;
  }
}
