package dev.koalja.knative.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.knative.serving.local.AppBuild;
import dev.koalja.knative.serving.local.StartupCache;
import dev.koalja.knative.serving.local.UnpackedImage;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Our image in the hands of others: skopeo reads and copies it, a registry keeps it, and what comes
 * back is the same and runs.
 */
@Tag("long")
@Timeout(300)
class ImageExchangeIT {
  private static final AppName HELLO = new AppName("hello");
  private static final Path PROJECT = Path.of("..", "..", "examples", "hello", "target");

  @TempDir static Path folder;
  private static BuiltImage image;
  private static LocalRegistry registry;

  @BeforeAll
  static void build() throws Exception {
    boolean installed = LocalRegistry.isInstalled();
    if (System.getenv("CI") != null) {
      assertThat(installed).as("CI has skopeo and docker-registry").isTrue();
    }
    assumeTrue(installed, "skopeo and docker-registry are not installed");
    image =
        ImageBuilder.build(
            ImageRequest.of(
                    HELLO, "1.0.0", PROJECT.resolve("quarkus-app"), folder.resolve("target"))
                .withPipeline(Files.readString(PROJECT.resolve("koalja/pipeline.yaml"))),
            new CacheStore(folder.resolve("store")));
    registry = new LocalRegistry(folder);
  }

  @AfterAll
  static void end() throws IOException {
    if (registry != null) {
      registry.close();
    }
  }

  private static String skopeo(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("skopeo", "--insecure-policy"));
    command.addAll(List.of(arguments));
    Path errors = Files.createTempFile(folder, "skopeo", ".log");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    String out =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
    return out;
  }

  @Test
  void shouldBeReadBySkopeoInEveryForm() throws Exception {
    for (String form : List.of("oci:" + image.layout(), "oci-archive:" + image.archive())) {
      JsonNode seen = Json.MAPPER.readTree(skopeo("inspect", form));
      assertThat(seen.path("Digest").asText()).as(form).isEqualTo(image.digest());
      assertThat(seen.path("Layers")).hasSize(5);
      assertThat(seen.at("/Labels/dev.koalja.app").asText()).isEqualTo("hello");
      assertThat(seen.path("Os").asText()).isEqualTo("linux");
    }
    // docker's own archives know no digest of a manifest: their layers are what is the same
    JsonNode docker = Json.MAPPER.readTree(skopeo("inspect", "docker-archive:" + image.archive()));
    JsonNode config =
        Json.MAPPER.readTree(skopeo("inspect", "--config", "docker-archive:" + image.archive()));
    assertThat(docker.path("Layers")).hasSize(5);
    assertThat(config.at("/config/User").asText()).isEqualTo("65532:65532");
    assertThat(config)
        .isEqualTo(Json.MAPPER.readTree(skopeo("inspect", "--config", "oci:" + image.layout())));
  }

  @Test
  void shouldTravelThroughARegistryAndRunAsItWas() throws Exception {
    String reference = registry.name() + "/greetings/hello:1.0.0";

    assertThat(Registries.push(image, reference, Registries.Access.USUAL))
        .isEqualTo(image.digest());

    JsonNode there =
        Json.MAPPER.readTree(skopeo("inspect", "--tls-verify=false", "docker://" + reference));
    assertThat(there.path("Digest").asText()).isEqualTo(image.digest());
    Path unpacked = folder.resolve("pulled");
    UnpackedImage pulled =
        ImageReader.unpack(ImageSource.of(reference), unpacked, Registries.Access.USUAL);
    assertThat(pulled.digest()).isEqualTo(image.digest());
    assertThat(FileTree.files(unpacked))
        .noneMatch(file -> file.startsWith(unpacked.resolve("layout")));
    AppBuild build = AppBuild.in(HELLO, "1", unpacked);
    assertThat(StartupCache.check(build, build.startupCache().orElseThrow()))
        .isEqualTo(new StartupCache.Verdict.Usable());
    RunningImage.assertGreets(build, folder.resolve("run.log"));
    // a second time there is nothing to send
    assertThat(Registries.push(image, reference, Registries.Access.USUAL))
        .isEqualTo(image.digest());
  }

  @Test
  void shouldRunWhatSkopeoCopied() throws Exception {
    Path copy = folder.resolve("copy");
    skopeo("copy", "oci-archive:" + image.archive(), "oci:" + copy + ":x");
    Path unpacked = folder.resolve("copied");
    assertThat(
            ImageReader.unpack(ImageSource.of(copy.toString()), unpacked, Registries.Access.USUAL)
                .digest())
        .isEqualTo(image.digest());
    RunningImage.assertGreets(AppBuild.in(HELLO, "1", unpacked), folder.resolve("copy.log"));
  }

  /** The password is in the environment of this process; see the POM. */
  @Test
  void shouldTellTheRegistryWhoOneIsAndNobodyThePassword() throws Exception {
    String ann = "ann:$2b$04$gh2ljTYE8FbBidxGWXW2genKAcGuVYWqPBpqTz98kKC7p4lF0Dl0W";
    String bob = "bob:$2b$04$gnRYyJhilGrnDueUKggjFeKnPMbx8gJXXmdh582OgYiYl.C/G6/X6"; // another's
    Registries.Access right = new Registries.Access(Optional.of("ann"), false);
    Registries.Access wrong = new Registries.Access(Optional.of("bob"), false);
    try (LocalRegistry closed = new LocalRegistry(folder.resolve("closed"), List.of(ann, bob))) {
      String reference = closed.name() + "/hello:1.0.0";
      for (Registries.Access stranger : List.of(wrong, Registries.Access.USUAL)) {
        assertRefused(() -> Registries.push(image, reference, stranger), closed);
      }

      assertThat(Registries.push(image, reference, right)).isEqualTo(image.digest());

      ImageSource there = ImageSource.of(reference);
      for (Registries.Access stranger : List.of(wrong, Registries.Access.USUAL)) {
        assertRefused(() -> ImageReader.unpack(there, folder.resolve("refused"), stranger), closed);
        assertThat(folder.resolve("refused")).doesNotExist();
      }
      assertThat(ImageReader.unpack(there, folder.resolve("granted"), right).digest())
          .isEqualTo(image.digest());
    }
  }

  private static void assertRefused(ThrowingCallable call, LocalRegistry registry) {
    assertThatThrownBy(call)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(registry.name())
        .hasMessageContaining("does not let you")
        .satisfies(
            thrown -> {
              String all = Throwables.getStackTrace(thrown); // with what others said below
              assertThat(all).doesNotContain("correct horse");
              assertThat(all).doesNotContain("correct+horse").doesNotContain("Y29ycmVjdCBob3JzZQ");
              assertThat(all).doesNotContain("YW5uOmNvcnJlY3Q").doesNotContain("Ym9iOmNvcnJlY3Q");
            });
  }

  @Test
  void shouldBuildOnAnImageOfARegistryAndOnAnArchiveOfOthers() throws Exception {
    String reference = registry.name() + "/base:1";
    Registries.push(image, reference, Registries.Access.USUAL);
    Path archive = folder.resolve("others.tar");
    skopeo("copy", "oci:" + image.layout(), "oci-archive:" + archive + ":x");
    List<BuiltImage> based = new ArrayList<>();
    for (String base : List.of(reference, archive.toString())) {
      based.add(
          ImageBuilder.build(
              ImageRequest.of(
                      HELLO, "1.0.2", PROJECT.resolve("quarkus-app"), folder.resolve("target"))
                  .onBase(ImageSource.of(base)),
              new CacheStore(folder.resolve("store"))));
    }
    assertThat(based.getFirst().layers()).hasSize(10);
    assertThat(based.getFirst().digest())
        .as("one base, wherever it was")
        .isEqualTo(based.getLast().digest());
  }

  @Test
  void shouldSayWhatIsNoBase() throws Exception {
    Path text = Files.writeString(folder.resolve("base.txt"), "no image ".repeat(1000));
    Path empty = Files.createDirectories(folder.resolve("no-base"));
    Files.writeString(empty.resolve(OciLayout.MARK), "{}");
    Files.writeString(empty.resolve(OciLayout.INDEX), "{\"manifests\":[]}");
    for (Path base : List.of(text, empty)) {
      assertThatThrownBy(
              () ->
                  ImageBuilder.build(
                      ImageRequest.of(
                              HELLO, "1", PROJECT.resolve("quarkus-app"), folder.resolve("target"))
                          .onBase(ImageSource.of(base.toString())),
                      new CacheStore(folder.resolve("store"))))
          .isInstanceOf(InvalidImageException.class)
          .hasMessageStartingWith(base.toString())
          .message()
          .hasLineCount(1);
    }
  }

  @Test
  void shouldBuildOnAnotherImage() throws Exception {
    BuiltImage based =
        ImageBuilder.build(
            ImageRequest.of(
                    HELLO, "1.0.1", PROJECT.resolve("quarkus-app"), folder.resolve("target"))
                .onBase(ImageSource.of(image.layout().toString())),
            new CacheStore(folder.resolve("store")));
    assertThat(based.layers())
        .extracting(BuiltImage.Layer::name)
        .startsWith("base", "base", "base", "base", "base")
        .endsWith("jre", "libraries", "app", "start-up cache");
    assertThat(skopeo("inspect", "oci:" + based.layout())).contains(based.digest());
    Path unpacked = folder.resolve("unpacked-based");
    ImageReader.unpack(
        ImageSource.of(based.archive().toString()), unpacked, Registries.Access.USUAL);
    RunningImage.assertGreets(AppBuild.in(HELLO, "1", unpacked), folder.resolve("based.log"));
  }

  @Test
  void shouldSayWhatARegistryDoesNotHave() {
    assertThatThrownBy(
            () ->
                ImageReader.unpack(
                    ImageSource.of(registry.name() + "/nobody/nothing:1"),
                    folder.resolve("nothing"),
                    Registries.Access.USUAL))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(registry.name())
        .hasMessageContaining("nobody/nothing");
    assertThat(folder.resolve("nothing")).doesNotExist();
  }
}
