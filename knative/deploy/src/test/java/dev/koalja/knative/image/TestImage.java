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

/** A small image of an app, written by hand, so that each part of it can be wrong. */
final class TestImage {
  final Path folder;
  final List<TarArchiveEntry> entries = new ArrayList<>();
  final ObjectNode config = Json.MAPPER.createObjectNode();
  Consumer<ObjectNode> manifestChange = _ -> {};
  Consumer<ObjectNode> indexChange = _ -> {};
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
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
      for (int i = 0; i < entries.size(); i++) {
        tar.putArchiveEntry(entries.get(i));
        tar.write(contents.get(i));
        tar.closeArchiveEntry();
      }
    }
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
