package dev.koalja.knative.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.knative.serving.local.AppBuild;
import dev.koalja.knative.serving.local.UnpackedImage;
import dev.koalja.pipeline.AppName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ImageReaderTest {
  @TempDir Path folder;

  private UnpackedImage unpack(ImageSource source) throws IOException {
    return ImageReader.unpack(source, folder.resolve("unpacked"), Registries.Access.USUAL);
  }

  private TestImage image() throws IOException {
    return new TestImage(Files.createDirectories(folder.resolve("layout")));
  }

  @Test
  void shouldUnpackWhatIsStartedWithItsTimesAndRights() throws IOException {
    TestImage image = image().file("etc/passwd", "root:x:0:0", 0644);

    UnpackedImage unpacked = unpack(ImageSource.of(image.write().toString()));

    assertThat(unpacked.app()).isEqualTo(new AppName("shop"));
    assertThat(unpacked.version()).isEqualTo("1.3.0");
    assertThat(unpacked.digest()).matches("sha256:[0-9a-f]{64}");
    Path root = folder.resolve("unpacked/root");
    assertThat(root.resolve("jre/bin/java")).isExecutable();
    assertThat(root.resolve("app/quarkus-run.jar")).hasContent("jar");
    assertThat(Files.isExecutable(root.resolve("app/quarkus-run.jar"))).isFalse();
    assertThat(Files.getLastModifiedTime(root.resolve("app/quarkus-run.jar")).toMillis())
        .isEqualTo(1000);
    assertThat(root.resolve("etc")).doesNotExist();
    assertThat(ImageReader.pipeline(folder.resolve("unpacked"))).hasContent("name: shop");
    assertThat(UnpackedImage.in(folder.resolve("unpacked"))).contains(unpacked);
    AppBuild build = AppBuild.in(new AppName("shop"), "1", folder.resolve("unpacked"));
    assertThat(build.javaHome()).isEqualTo(root.resolve("jre"));
    assertThat(build.program())
        .containsExactly("-jar", root.resolve("app/quarkus-run.jar").toString());
    assertThat(build.workingDirectory()).isEqualTo(root.resolve("app"));
    assertThat(build.environment()).containsOnlyKeys("LANG");
  }

  @Test
  void shouldRunAnImageOfTheAppItIsAskedForOnly() throws IOException {
    unpack(ImageSource.of(image().write().toString()));
    assertThatThrownBy(() -> AppBuild.in(new AppName("stock"), "1", folder.resolve("unpacked")))
        .hasMessageContaining("has the image of app shop, not of stock");
  }

  @Test
  void shouldLeaveWhatIsThereAlready() throws IOException {
    ImageSource source = ImageSource.of(image().write().toString());
    Path there = Files.createDirectories(folder.resolve("unpacked"));
    assertThatThrownBy(() -> unpack(source)).hasMessage(there + " is there already");
    assertThat(there).isEmptyDirectory();
  }

  /** Something that is wrong with an image. */
  @FunctionalInterface
  interface Wrong {
    void make(TestImage image) throws IOException;
  }

  static Stream<Arguments> wrongImages() {
    return Stream.of(
        wrong(
            "a label less",
            image -> labels(image).remove("dev.koalja.app"),
            "is no image of an app"),
        wrong(
            "no app's name",
            image -> labels(image).put("dev.koalja.app", "../x"),
            "is no image of an app"),
        wrong(
            "another machine",
            image -> image.config.put("architecture", "s390x"),
            "is for s390x on linux"),
        wrong("another system", image -> image.config.put("os", "windows"), "on windows"),
        wrong(
            "a shell",
            image ->
                ((ObjectNode) image.config.get("config")).putArray("Entrypoint").add("/bin/sh"),
            "does not start as"),
        wrong(
            "arguments",
            image -> ((ObjectNode) image.config.get("config")).putArray("Cmd").add("-x"),
            "does not start as"),
        wrong(
            "Java from outside",
            image ->
                ((ObjectNode) image.config.get("config"))
                    .putArray("Entrypoint")
                    .add("java")
                    .add("-jar")
                    .add("/app/a.jar"),
            "does not start as"),
        wrong("a path outside", image -> image.file("app/../../evil", "x", 0644), "leads outside"),
        wrong("a path beside", image -> image.file("app/../etc/evil", "x", 0644), "leads outside"),
        wrong(
            "a link",
            image -> image.add(link("app/l", "/etc/passwd", TarConstants.LF_SYMLINK), ""),
            "neither file nor folder"),
        wrong(
            "a folder that is a link",
            image -> image.add(link("app", "/etc", TarConstants.LF_SYMLINK), ""),
            "neither file nor folder"),
        wrong(
            "a hard link",
            image -> image.add(link("jre/l", "/etc/passwd", TarConstants.LF_LINK), ""),
            "neither file nor folder"),
        wrong(
            "a device",
            image -> image.add(link("jre/d", "", TarConstants.LF_CHR), ""),
            "neither file nor folder"),
        wrong(
            "a file taken away",
            image -> image.file("app/.wh.quarkus-run.jar", "", 0644),
            "takes app/.wh.quarkus-run.jar away"),
        wrong(
            "the whole app taken away",
            image -> image.file(".wh.app", "", 0644),
            "takes .wh.app away"),
        wrong(
            "everything taken away",
            image -> image.file("./.wh..wh..opq", "", 0644),
            "takes .wh..wh..opq away"),
        wrong(
            "a path outside that comes back",
            image -> image.file("etc/../app/quarkus-run.jar", "x", 0644),
            "leads outside"),
        wrong(
            "a file in place of a folder",
            image -> image.file("app", "x", 0644),
            "holds app both as a file and as a folder"),
        wrong(
            "a file under a file",
            image -> image.file("app/quarkus-run.jar/x", "x", 0644),
            "both as a file and as a folder"),
        wrong(
            "a name that is too long",
            image -> image.file("app/" + "n".repeat(256), "x", 0644),
            "whose name is none here"),
        wrong(
            "a name of megabytes",
            image -> image.longName(2 << 20),
            "describes its files in more than"),
        wrong(
            "much after its end",
            image -> image.after = new byte[2 << 20],
            "describes its files in more than"),
        wrong(
            "a sparse file",
            image -> image.sparse("app/zeros", 2_000_000_000L),
            "neither file nor folder"),
        wrong(
            "a sparse file that is not unpacked",
            image -> image.sparse("var/zeros", 2_000_000_000L),
            "neither file nor folder"),
        wrong(
            "no Java",
            image -> image.entrypoint("/jre/other/bin/java", "-jar", "/app/quarkus-run.jar"),
            "lacks /jre/other/bin/java"),
        wrong(
            "no jar",
            image -> image.entrypoint("/jre/bin/java", "-jar", "/app/other.jar"),
            "lacks /app/other.jar"),
        wrong(
            "no start-up cache",
            image ->
                image.entrypoint(
                    "/jre/bin/java", "-XX:AOTCache=/app/app.aot", "-jar", "/app/quarkus-run.jar"),
            "lacks /app/app.aot"),
        wrong(
            "a start-up cache from outside",
            image ->
                image.entrypoint(
                    "/jre/bin/java", "-XX:AOTCache=../x", "-jar", "/app/quarkus-run.jar"),
            "does not start as"),
        wrong(
            "Java from outside by a detour",
            image -> image.entrypoint("/../../usr/bin/java", "-jar", "/app/quarkus-run.jar"),
            "does not start as"),
        wrong(
            "another folder to start in",
            image -> ((ObjectNode) image.config.get("config")).put("WorkingDir", "/tmp"),
            "does not start as"),
        wrong(
            "another layer type",
            image ->
                image.manifestChange =
                    manifest ->
                        ((ObjectNode) manifest.at("/layers/0")).put("mediaType", "application/x"),
            "of type application/x"),
        wrong(
            "a layer less",
            image -> image.manifestChange = manifest -> manifest.putArray("layers"),
            "has 0 layers"),
        wrong(
            "another digest",
            image ->
                image.manifestChange =
                    manifest ->
                        ((ObjectNode) manifest.at("/layers/0"))
                            .put("digest", "sha256:" + "0".repeat(64)),
            "lacks its part"),
        wrong(
            "no digest",
            image ->
                image.manifestChange =
                    manifest -> ((ObjectNode) manifest.at("/layers/0")).put("digest", "../../x"),
            "is no SHA-256 digest"),
        wrong(
            "another size",
            image ->
                image.manifestChange =
                    manifest -> ((ObjectNode) manifest.at("/layers/0")).put("size", 1),
            "was damaged or changed"),
        wrong(
            "two images",
            image ->
                image.indexChange =
                    index ->
                        ((com.fasterxml.jackson.databind.node.ArrayNode) index.get("manifests"))
                            .add(index.at("/manifests/0").deepCopy()),
            "holds 2 images"),
        wrong(
            "no image",
            image -> image.indexChange = index -> index.remove("manifests"),
            "holds 0 images"),
        wrong(
            "a list",
            image ->
                image.indexChange =
                    index ->
                        ((ObjectNode) index.at("/manifests/0"))
                            .put("mediaType", "application/vnd.oci.image.index.v1+json"),
            "holds 1 images"));
  }

  private static Arguments wrong(String what, Wrong wrong, String message) {
    return arguments(what, wrong, message);
  }

  private static ObjectNode labels(TestImage image) {
    return (ObjectNode) image.config.at("/config/Labels");
  }

  private static TarArchiveEntry link(String name, String target, byte type) {
    TarArchiveEntry entry = new TarArchiveEntry(name, type);
    entry.setLinkName(target);
    return entry;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongImages")
  void shouldRefuseAnImageWith(String what, Wrong wrong, String message) throws IOException {
    TestImage image = image();
    wrong.make(image);
    ImageSource source = ImageSource.of(image.write().toString());

    assertThatThrownBy(() -> unpack(source))
        .isInstanceOf(InvalidImageException.class)
        .hasMessageContaining(message)
        .message()
        .hasLineCount(1);
    assertThat(folder.resolve("unpacked")).doesNotExist();
    try (Stream<Path> all = Files.walk(folder)) {
      assertThat(all).as("wherever it leads").noneMatch(each -> each.endsWith("evil"));
    }
  }

  /** As container engines read names: the last of the same file counts, however it is spelt. */
  @Test
  void shouldKnowAFileByEverySpellingOfItsName() throws IOException {
    TestImage image = image();
    for (String name : new String[] {"././app/quarkus-run.jar", "//app//quarkus-run.jar"}) {
      TarArchiveEntry entry = new TarArchiveEntry(name, true);
      entry.setMode(0644);
      image.add(entry, name);
    }
    unpack(ImageSource.of(image.write().toString()));
    assertThat(folder.resolve("unpacked/root/app/quarkus-run.jar"))
        .hasContent("//app//quarkus-run.jar");
  }

  /** What is said of it is one line, whatever a stranger wrote into it. */
  @Test
  void shouldRefuseAnArchiveThatIsNone() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.tar"), "hello ".repeat(2000));
    Path outside = folder.resolve("outside.tar");
    try (var tar = new TarArchiveOutputStream(Files.newOutputStream(outside), "UTF-8")) {
      tar.putArchiveEntry(new TarArchiveEntry("../x\n\u001b[31mred", true));
      tar.closeArchiveEntry();
    }
    Path cut = folder.resolve("cut.tar");
    OciLayout.in(image().write()).writeArchive(cut, "shop:1");
    byte[] whole = Files.readAllBytes(cut);
    Files.write(cut, java.util.Arrays.copyOf(whole, whole.length / 2));
    for (Path file : java.util.List.of(text, outside, cut)) {
      assertThatThrownBy(() -> unpack(ImageSource.of(file.toString())))
          .as(file.toString())
          .isInstanceOf(InvalidImageException.class)
          .hasMessageStartingWith(file.toString())
          .message()
          .hasLineCount(1)
          .doesNotContain("\u001b");
      assertThat(folder.resolve("unpacked")).doesNotExist();
    }
  }

  /** Every single part of an image, changed by one byte, cut short, or with one byte more. */
  @Test
  void shouldRefuseAnImageOfWhichAnyPartWasTamperedWith() throws IOException {
    Path layout = image().write();
    for (Path part : FileTree.files(layout.resolve("blobs"))) {
      byte[] whole = Files.readAllBytes(part);
      byte[] changed = whole.clone();
      changed[whole.length / 2] ^= 1;
      byte[] cut = java.util.Arrays.copyOf(whole, whole.length - 1);
      byte[] longer = java.util.Arrays.copyOf(whole, whole.length + 1);
      for (byte[] each : new byte[][] {changed, cut, longer}) {
        Files.write(part, each);
        assertThatThrownBy(() -> unpack(new ImageSource.Layout(layout)))
            .as(part + " with %d of %d bytes", each.length, whole.length)
            .isInstanceOf(InvalidImageException.class);
        assertThat(folder.resolve("unpacked")).doesNotExist();
      }
      Files.write(part, whole);
    }
    assertThat(unpack(new ImageSource.Layout(layout)).version()).isEqualTo("1.3.0");
  }

  /**
   * The layer says itself what it is, and its content is another than the configuration promises.
   */
  @Test
  void shouldRefuseALayerWithAnotherContentThanThatOfTheConfiguration() throws IOException {
    TestImage image = image();
    image.write();
    TestImage other = new TestImage(image.folder);
    other.file("app/more.jar", "evil", 0644);
    other.manifestChange =
        manifest -> {
          // the configuration of the first with the layer of the second
          String first = "sha256:" + firstConfig(image);
          ((ObjectNode) manifest.get("config")).put("digest", first);
          ((ObjectNode) manifest.get("config")).put("size", image.config.toString().length());
        };
    other.write();
    assertThatThrownBy(() -> unpack(new ImageSource.Layout(image.folder)))
        .isInstanceOf(InvalidImageException.class)
        .hasMessageContaining("was damaged or changed");
  }

  private static String firstConfig(TestImage image) {
    try {
      for (Path each : FileTree.files(image.folder.resolve("blobs"))) {
        if (Files.readString(each, java.nio.charset.StandardCharsets.ISO_8859_1)
            .equals(image.config.toString())) {
          return String.valueOf(each.getFileName());
        }
      }
      throw new AssertionError("no configuration");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldSayWhatIsNoImage() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.txt"), "hello");
    assertThatThrownBy(() -> unpack(ImageSource.of(text.toString())))
        .isInstanceOf(IOException.class);
    assertThat(folder.resolve("unpacked")).doesNotExist();
    assertThatThrownBy(() -> ImageSource.of(folder.toString())).hasMessageContaining("is no image");
    assertThatThrownBy(() -> ImageSource.of("./shop.tar")).hasMessageContaining("there is no file");
    assertThatThrownBy(() -> ImageSource.of("Shop:1:2")).hasMessageContaining("neither a file nor");
    assertThat(ImageSource.of("registry.example/shop:1"))
        .isEqualTo(new ImageSource.Registry("registry.example/shop:1"));
    assertThat(Optional.of(ImageSource.of("registry.example/shop").toString()))
        .contains("registry.example/shop:latest");
  }
}
