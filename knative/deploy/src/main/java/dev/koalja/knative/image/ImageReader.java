package dev.koalja.knative.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.knative.serving.local.AppBuild;
import dev.koalja.knative.serving.local.UnpackedImage;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Json;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Takes the image of an app apart, to run it without a container. Every byte that is used is
 * checked against the digests by which the image names its parts, which are those that a registry
 * and a cluster check; nothing is trusted that an image says of places or sizes.
 *
 * <p>Unpacked is what our images start: {@code /jre} and {@code /app}. Loader and C library are
 * those of this machine; what lies elsewhere in the image is read and checked, and not unpacked.
 */
public final class ImageReader {
  /** The label that says whose image it is. */
  static final String APP = "dev.koalja.app";

  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final Set<String> MANIFESTS =
      Set.of(OciLayout.MANIFEST_TYPE, "application/vnd.docker.distribution.manifest.v2+json");
  private static final Set<String> LAYERS =
      Set.of(
          "application/vnd.oci.image.layer.v1.tar+gzip",
          "application/vnd.docker.image.rootfs.diff.tar.gzip");
  private static final long LARGEST = 4L << 30;
  private static final long LARGEST_TEXT = 4 << 20;
  private static final int MOST_LAYERS = 128;
  private static final int MOST_FILES = 200_000;

  /** Folders at the top of an image that are unpacked. */
  private static final Set<String> UNPACKED = Set.of("app", "jre");

  /** Before the name of a file that a layer takes away. */
  private static final String WHITEOUT = ".wh.";

  private static final String OPAQUE = ".wh..wh..opq";

  private final String source;
  private final Path layout;
  private final Path folder;
  private ForeignTar.Allowance left = new ForeignTar.Allowance(LARGEST, MOST_FILES);

  private ImageReader(String source, Path layout, Path folder) {
    this.source = source;
    this.layout = layout;
    this.folder = folder;
  }

  /**
   * Unpacks an image.
   *
   * @param folder where to; it must not exist, and does not when this fails
   * @return what it is an image of
   * @throws InvalidImageException when it is damaged, changed, or no image of ours
   * @throws IOException when it cannot be read, or the folder cannot be written
   */
  public static UnpackedImage unpack(ImageSource source, Path folder, Registries.Access access)
      throws IOException {
    Path target = folder.toAbsolutePath().normalize();
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(target + " is there already");
    }
    Files.createDirectories(target);
    Path layout = target.resolve("layout");
    try {
      Path from =
          switch (source) {
            case ImageSource.Layout(Path there) -> there;
            case ImageSource.Archive(Path file) -> {
              OciLayout.untar(file, layout, LARGEST);
              yield layout;
            }
            case ImageSource.Registry(String reference) -> {
              Registries.pull(reference, layout, access);
              yield layout;
            }
          };
      UnpackedImage image = new ImageReader(source.toString(), from, target).unpack();
      FileTree.delete(layout);
      image.finish(target);
      return image;
    } catch (IOException | RuntimeException e) {
      FileTree.delete(target);
      throw e;
    }
  }

  /** The pipeline file that an unpacked image carries. */
  public static Path pipeline(Path folder) {
    return folder.resolve(UnpackedImage.ROOT).resolve("app").resolve(ImageBuilder.PIPELINE);
  }

  /**
   * @throws InvalidImageException when the parts together are larger than any image of ours
   */
  static void requireSizes(String source, Collection<Long> sizes) throws InvalidImageException {
    long left = LARGEST;
    for (long size : sizes) {
      left -= size;
      if (size < 0 || left < 0 || sizes.size() > MOST_LAYERS + 1) {
        throw new InvalidImageException(
            source + " has parts that are larger than any image of ours");
      }
    }
  }

  private UnpackedImage unpack() throws IOException {
    if (!Files.isRegularFile(layout.resolve(OciLayout.MARK))
        || !Files.isRegularFile(layout.resolve(OciLayout.INDEX))) {
      throw wrong("is no OCI image: build it with koalja image, or save it with skopeo copy");
    }
    JsonNode described = json(text(layout.resolve(OciLayout.INDEX))).at("/manifests");
    if (!described.isArray()
        || described.size() != 1
        || !MANIFESTS.contains(described.at("/0/mediaType").asText())) {
      throw wrong("holds %d images, and one is run at a time".formatted(described.size()));
    }
    String digest = described.at("/0/digest").asText();
    JsonNode manifest = json(part(described.get(0)));
    JsonNode config = json(part(manifest.path("config")));
    UnpackedImage image = image(digest, config);
    List<JsonNode> layers = new ArrayList<>();
    manifest.path("layers").forEach(layers::add);
    JsonNode contents = config.at("/rootfs/diff_ids");
    if (layers.isEmpty()
        || layers.size() > MOST_LAYERS
        || !manifest.path("layers").isArray()
        || !contents.isArray()
        || contents.size() != layers.size()) {
      throw wrong(
          "has %d layers and %d contents of layers".formatted(layers.size(), contents.size()));
    }
    for (int i = 0; i < layers.size(); i++) {
      layer(layers.get(i), contents.get(i).asText());
    }
    requireWhatStarts(image);
    return image;
  }

  private UnpackedImage image(String digest, JsonNode config) throws IOException {
    String architecture = config.path("architecture").asText();
    if (!config.path("os").asText().equals("linux")
        || !architecture.equals(Machine.here().architecture())) {
      throw wrong(
          "is for %s on %s, and this is %s on linux"
              .formatted(architecture, config.path("os").asText(), Machine.here().architecture()));
    }
    JsonNode labels = config.at("/config/Labels");
    AppName app;
    try {
      app = new AppName(labels.path(APP).asText());
    } catch (IllegalArgumentException e) {
      throw wrong(
          "is no image of an app: it has no label %s; koalja image makes one".formatted(APP));
    }
    List<String> command = new ArrayList<>();
    config.at("/config/Entrypoint").forEach(each -> command.add(each.asText()));
    Map<String, String> environment = new TreeMap<>();
    config
        .at("/config/Env")
        .forEach(
            each -> {
              String[] parts = each.asText().split("=", 2);
              environment.put(parts[0], parts.length == 2 ? parts[1] : "");
            });
    UnpackedImage image =
        new UnpackedImage(
            app, labels.path(ImageRequest.VERSION).asText(), digest, command, environment);
    if (!image.startsAJar()
        || !config.at("/config/Cmd").isEmpty()
        || !config.at("/config/WorkingDir").asText().equals(image.workingDirectory())) {
      throw wrong("does not start as images of apps do: koalja image makes one that does");
    }
    return image;
  }

  // ---- parts, each as its digest says ----

  private byte[] part(JsonNode description) throws IOException {
    Path file = blob(description);
    byte[] bytes = text(file);
    if (!hex(sha256().digest(bytes)).equals(hash(description))) {
      throw changed(description);
    }
    return bytes;
  }

  private byte[] text(Path file) throws IOException {
    if (Files.size(file) > LARGEST_TEXT) {
      throw wrong("describes itself in more than %d bytes".formatted(LARGEST_TEXT));
    }
    return Files.readAllBytes(file);
  }

  private JsonNode json(byte[] text) throws IOException {
    try {
      return Json.MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw wrong("does not describe itself in JSON");
    }
  }

  private Path blob(JsonNode description) throws IOException {
    String digest = description.path("digest").asText();
    if (!DIGEST.matcher(digest).matches()) {
      throw wrong(
          "names a part \"%s\", which is no SHA-256 digest".formatted(ForeignTar.clip(digest)));
    }
    Path file = OciLayout.blob(layout, digest);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw wrong("lacks its part " + digest);
    }
    if (Files.size(file) != description.path("size").asLong(-1)) {
      throw changed(description);
    }
    return file;
  }

  private static String hash(JsonNode description) {
    return description.path("digest").asText().substring("sha256:".length());
  }

  private void layer(JsonNode description, String content) throws IOException {
    if (!LAYERS.contains(description.path("mediaType").asText())) {
      throw wrong(
          "has a layer of type %s: only tar with gzip is read"
              .formatted(ForeignTar.clip(description.path("mediaType").asText())));
    }
    MessageDigest packed = sha256();
    MessageDigest unpacked = sha256();
    try (InputStream file =
            new BufferedInputStream(Files.newInputStream(blob(description)), 1 << 16);
        DigestInputStream in = new DigestInputStream(file, packed);
        DigestInputStream tar = new DigestInputStream(new GZIPInputStream(in, 1 << 16), unpacked)) {
      untar(tar);
      in.transferTo(OutputStream.nullOutputStream());
    } catch (ZipException | java.io.EOFException e) {
      throw changed(description);
    } catch (InvalidImageException e) {
      // what was damaged may look like anything: then that is what is wrong with it
      throw FileTree.digest(blob(description)).equals(hash(description)) ? e : changed(description);
    }
    if (!hex(packed.digest()).equals(hash(description))
        || !("sha256:" + hex(unpacked.digest())).equals(content)) {
      throw changed(description);
    }
  }

  private void untar(InputStream in) throws IOException {
    ForeignTar tar = new ForeignTar(source, in, left);
    Map<Path, FileTime> times = new TreeMap<>();
    for (Optional<ForeignTar.Entry> next = tar.next(); next.isPresent(); next = tar.next()) {
      if (used(next.get().name())) {
        write(tar, next.get(), times);
      }
    }
    tar.end();
    left = tar.left();
    for (Map.Entry<Path, FileTime> each : times.entrySet()) {
      Files.setLastModifiedTime(each.getKey(), each.getValue());
    }
  }

  /**
   * Whether it is part of what is started.
   *
   * @throws InvalidImageException when it takes such a part away: a container would lack it
   */
  private boolean used(String name) throws InvalidImageException {
    int slash = name.indexOf('/');
    String top = slash < 0 ? name : name.substring(0, slash);
    boolean used = UNPACKED.contains(top);
    boolean away =
        used
            ? name.contains("/" + WHITEOUT)
            : name.equals(OPAQUE)
                || UNPACKED.stream().anyMatch(each -> top.equals(WHITEOUT + each));
    if (away) {
      throw wrong(
          "takes %s away that a layer below has; ours never do".formatted(ForeignTar.clip(name)));
    }
    return used;
  }

  private void write(ForeignTar tar, ForeignTar.Entry entry, Map<Path, FileTime> times)
      throws IOException {
    Path target = folder.resolve(UnpackedImage.ROOT).resolve(entry.name());
    String shown = ForeignTar.clip(entry.name());
    try {
      if (entry.folder()) {
        Files.createDirectories(target);
      } else if (entry.plain()) {
        Files.createDirectories(target.resolveSibling(""));
        Files.deleteIfExists(target); // an upper layer has its own
        tar.copyTo(target);
        Set<PosixFilePermission> permissions =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        if ((entry.header().getMode() & 0100) != 0) {
          permissions.add(PosixFilePermission.OWNER_EXECUTE);
        }
        Files.setPosixFilePermissions(target, permissions);
        times.put(target, entry.header().getLastModifiedTime());
      } else {
        throw wrong("holds %s, which is neither file nor folder".formatted(shown));
      }
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      throw wrong("holds %s both as a file and as a folder".formatted(shown));
    }
  }

  /** What is started has to be there, or a container would not start either. */
  private void requireWhatStarts(UnpackedImage image) throws IOException {
    AppBuild build;
    try {
      build = image.build(image.app(), "", folder);
    } catch (IllegalArgumentException e) {
      throw wrong("does not start as images of apps do: koalja image makes one that does");
    }
    List<Path> needed = new ArrayList<>();
    needed.add(build.javaHome().resolve("bin/java"));
    build.program().stream().skip(1).map(Path::of).forEach(needed::add);
    image
        .startupCache()
        .map(cache -> folder.resolve(UnpackedImage.ROOT + cache))
        .ifPresent(needed::add);
    for (Path each : needed) {
      if (!Files.isRegularFile(each, LinkOption.NOFOLLOW_LINKS)) {
        throw wrong(
            "lacks /%s, which it starts with"
                .formatted(folder.resolve(UnpackedImage.ROOT).relativize(each)));
      }
    }
  }

  // ---- words ----

  private InvalidImageException wrong(String what) {
    return new InvalidImageException(source + " " + what);
  }

  private InvalidImageException changed(JsonNode description) {
    return wrong(
        "was damaged or changed: its part %s is not what its digest says; build or fetch it again"
            .formatted(description.path("digest").asText()));
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  static MessageDigest sha256() throws IOException {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IOException("every Java platform has SHA-256", e);
    }
  }
}
