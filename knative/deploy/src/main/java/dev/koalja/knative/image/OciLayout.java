package dev.koalja.knative.image;

import com.fasterxml.jackson.core.JsonProcessingException;
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
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
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
  static final String DOCKER = "manifest.json";

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
    try (InputStream in = new BufferedInputStream(Files.newInputStream(archive), 1 << 16)) {
      ForeignTar tar =
          new ForeignTar(archive.toString(), in, new ForeignTar.Allowance(limit, MOST_ENTRIES));
      for (Optional<ForeignTar.Entry> next = tar.next(); next.isPresent(); next = tar.next()) {
        ForeignTar.Entry entry = next.get();
        Path target = folder.resolve(entry.name());
        if (entry.folder()) {
          Files.createDirectories(target);
        } else if (entry.plain() && !entry.name().isEmpty()) {
          tar.copyTo(target);
        } else {
          throw new InvalidImageException(
              "%s holds %s, which is neither file nor folder"
                  .formatted(archive, ForeignTar.clip(entry.name())));
        }
      }
    } catch (java.nio.file.FileAlreadyExistsException e) {
      throw new InvalidImageException(archive + " holds the same file twice", e);
    }
  }

  /** The layout in a folder that we wrote. */
  static OciLayout in(Path folder) throws IOException {
    JsonNode index = Json.MAPPER.readTree(folder.resolve(INDEX).toFile());
    String digest = index.at("/manifests/0/digest").asText();
    return new OciLayout(folder, digest, Json.MAPPER.readTree(blob(folder, digest).toFile()));
  }

  /**
   * The layout of one image in a folder that others wrote.
   *
   * @param source what the user calls it
   * @throws InvalidImageException when it has no image, or several
   */
  static OciLayout single(String source, Path folder) throws IOException {
    if (!Files.isRegularFile(folder.resolve(INDEX))) {
      throw new InvalidImageException(source + " is no image: it has no file " + INDEX);
    }
    JsonNode manifests = Json.MAPPER.readTree(folder.resolve(INDEX).toFile()).path("manifests");
    String digest = manifests.at("/0/digest").asText();
    if (manifests.size() == 1
        && digest.matches("sha256:[0-9a-f]{64}")
        && Files.isRegularFile(blob(folder, digest))) {
      OciLayout layout = in(folder);
      if (layout.manifest().path("layers").isArray() && layout.manifest().has("config")) {
        requirePart(source, folder, digest);
        requirePart(source, folder, layout.manifest().at("/config/digest").asText());
        for (JsonNode layer : layout.manifest().get("layers")) {
          requirePart(source, folder, layer.path("digest").asText());
        }
        return layout;
      }
    }
    throw new InvalidImageException(
        source
            + " is not the image for one kind of machine: copy that one out of it, as skopeo does");
  }

  /** A stranger's part is below its folder, and what its digest says. */
  private static void requirePart(String source, Path folder, String digest) throws IOException {
    if (!digest.matches("sha256:[0-9a-f]{64}")) {
      throw new InvalidImageException(
          "%s names a part \"%s\", which is no SHA-256 digest"
              .formatted(source, ForeignTar.clip(digest)));
    }
    Path file = blob(folder, digest);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new InvalidImageException(source + " lacks its part " + digest);
    }
    MessageDigest sha256 = ImageReader.sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    if (!digest.endsWith(ImageReader.hex(sha256.digest()))) {
      throw new InvalidImageException(
          "%s was changed: its part %s is not what that digest says".formatted(source, digest));
    }
  }

  /**
   * A stranger's archive of Docker's, unpacked: what it says it consists of is in it, and nowhere
   * else on this machine.
   */
  static void requireOwnParts(String source, Path folder) throws IOException {
    JsonNode images;
    try {
      images = Json.MAPPER.readTree(folder.resolve(DOCKER).toFile());
    } catch (JsonProcessingException e) {
      throw new InvalidImageException(source + " does not describe itself in JSON", e);
    }
    if (!images.isArray() || images.size() != 1 || !images.at("/0/Layers").isArray()) {
      throw new InvalidImageException(source + " is not one image: save one of them alone");
    }
    List<String> parts = new ArrayList<>(List.of(images.at("/0/Config").asText()));
    images.at("/0/Layers").forEach(each -> parts.add(each.asText()));
    Path root = folder.toAbsolutePath().normalize();
    for (String part : parts) {
      Path file = null;
      try {
        file = root.resolve(part).normalize();
      } catch (InvalidPathException e) {
        // none of its files
      }
      if (file == null
          || file.equals(root)
          || !file.startsWith(root)
          || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new InvalidImageException(
            "%s names a part %s, which is not in it".formatted(source, ForeignTar.clip(part)));
      }
    }
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
