package dev.koalja.knative.image;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.pipeline.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** A small image of an app, written by hand, so that each part of it can be wrong. */
final class TestImage {
  final Path folder;
  final List<TarArchiveEntry> entries = new ArrayList<>();
  final ObjectNode config = Json.MAPPER.createObjectNode();
  Consumer<ObjectNode> manifestChange = _ -> {};
  Consumer<ObjectNode> indexChange = _ -> {};

  /** What precedes the first file in its archive. */
  byte[] before = {};

  /** What follows the end of its archive. */
  byte[] after = {};

  private final List<byte[]> contents = new ArrayList<>();

  TestImage(Path folder) {
    this.folder = folder;
    file("jre/bin/java", "#!/bin/sh", 0755);
    file("app/quarkus-run.jar", "jar", 0644);
    file("app/koalja/pipeline.yaml", "name: shop", 0644);
    config.put("architecture", Machine.here().architecture()).put("os", "linux");
    ObjectNode run = config.putObject("config");
    run.putObject("Labels")
        .put("dev.koalja.app", "shop")
        .put("org.opencontainers.image.version", "1.3.0");
    run.putArray("Entrypoint").add("/jre/bin/java").add("-jar").add("/app/quarkus-run.jar");
    run.put("WorkingDir", "/app");
    run.putArray("Env").add("PORT=8080").add("LANG=C.UTF-8");
  }

  TestImage file(String name, String content, int mode) {
    TarArchiveEntry entry = new TarArchiveEntry(name, true);
    entry.setMode(mode);
    return add(entry, content);
  }

  TestImage add(TarArchiveEntry entry, String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    entry.setSize(bytes.length);
    entry.setModTime(1000);
    entries.add(entry);
    contents.add(bytes);
    return this;
  }

  TestImage entrypoint(String... words) {
    ArrayNode command = ((ObjectNode) config.get("config")).putArray("Entrypoint");
    List.of(words).forEach(command::add);
    return this;
  }

  /** The first file has a name of that length; by hand, because libraries take minutes for it. */
  TestImage longName(int length) {
    return described("././@LongLink", TarConstants.LF_GNUTYPE_LONGNAME, "n".repeat(length));
  }

  /** The first file is all hole: small in the archive, as large as it says when it is read. */
  TestImage sparse(String name, long size) {
    StringBuilder attributes = new StringBuilder();
    for (String each :
        List.of(
            "GNU.sparse.major=0",
            "GNU.sparse.minor=1",
            "GNU.sparse.name=" + name,
            "GNU.sparse.size=" + size,
            "GNU.sparse.numblocks=1",
            "GNU.sparse.map=" + size + ",0")) {
      attributes.append("%d %s%n".formatted(each.length() + 4, each)); // all of two digits
    }
    return described("PaxHeader", TarConstants.LF_PAX_EXTENDED_HEADER_LC, attributes.toString());
  }

  /** What the archive says of its first file before it. */
  private TestImage described(String name, byte type, String text) {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    TarArchiveEntry entry = new TarArchiveEntry(name, type);
    entry.setSize(content.length);
    before = new byte[512 + (content.length + 511) / 512 * 512];
    entry.writeEntryHeader(before);
    System.arraycopy(content, 0, before, 512, content.length);
    return this;
  }

  /** Writes it as a layout. */
  Path write() throws IOException {
    byte[] layer = tar();
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(layer);
    }
    config
        .putObject("rootfs")
        .put("type", "layers")
        .putArray("diff_ids")
        .add("sha256:" + sha256(layer));
    ObjectNode manifest = Json.MAPPER.createObjectNode();
    manifest.put("schemaVersion", 2).put("mediaType", OciLayout.MANIFEST_TYPE);
    manifest.set(
        "config",
        blob(
            "application/vnd.oci.image.config.v1+json",
            config.toString().getBytes(StandardCharsets.UTF_8)));
    ArrayNode layers = manifest.putArray("layers");
    layers.add(blob("application/vnd.oci.image.layer.v1.tar+gzip", packed.toByteArray()));
    manifestChange.accept(manifest);
    ObjectNode described =
        blob(OciLayout.MANIFEST_TYPE, manifest.toString().getBytes(StandardCharsets.UTF_8));
    ObjectNode index = Json.MAPPER.createObjectNode();
    index.put("schemaVersion", 2).putArray("manifests").add(described);
    indexChange.accept(index);
    Files.writeString(folder.resolve(OciLayout.INDEX), index.toString());
    Files.writeString(folder.resolve(OciLayout.MARK), "{\"imageLayoutVersion\":\"1.0.0\"}");
    return folder;
  }

  private byte[] tar() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(before);
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (int i = 0; i < entries.size(); i++) {
        tar.putArchiveEntry(entries.get(i));
        tar.write(contents.get(i));
        tar.closeArchiveEntry();
      }
    }
    bytes.write(after);
    return bytes.toByteArray();
  }

  private ObjectNode blob(String type, byte[] content) throws IOException {
    Path blobs = Files.createDirectories(folder.resolve("blobs/sha256"));
    String digest = sha256(content);
    Files.write(blobs.resolve(digest), content);
    return Json.MAPPER
        .createObjectNode()
        .put("mediaType", type)
        .put("digest", "sha256:" + digest)
        .put("size", content.length);
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
