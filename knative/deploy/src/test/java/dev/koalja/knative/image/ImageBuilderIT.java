package dev.koalja.knative.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.koalja.knative.render.ManifestRenderer;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image of examples/hello, which Maven has built before. */
class ImageBuilderIT {
  private static final AppName HELLO = new AppName("hello");
  private static final Path PROJECT = Path.of("..", "..", "examples", "hello", "target");

  @TempDir static Path folder;
  private static ImageRequest request;
  private static BuiltImage image;
  private static CacheStore store;
  private static WholeImage unpacked;

  @BeforeAll
  static void build() throws Exception {
    assertThat(PROJECT.resolve("quarkus-app/quarkus-run.jar"))
        .as("examples/hello must be packaged first")
        .exists();
    store = new CacheStore(folder.resolve("store"));
    request =
        ImageRequest.of(HELLO, "1.0.0", PROJECT.resolve("quarkus-app"), folder.resolve("target"))
            .withPipeline(Files.readString(PROJECT.resolve("koalja/pipeline.yaml")))
            .withLabels(Map.of("org.opencontainers.image.source", "https://example.org/hello"));
    image = ImageBuilder.build(request, store);
    unpacked = WholeImage.of(image.archive(), folder.resolve("unpacked"));
  }

  @Test
  void shouldDescribeEachLayer() {
    assertThat(image.reference()).isEqualTo("hello:1.0.0");
    assertThat(image.digest()).matches("sha256:[0-9a-f]{64}");
    assertThat(image.layers())
        .extracting(BuiltImage.Layer::name)
        .containsExactly("system", "jre", "libraries", "app", "start-up cache");
    assertThat(image.size()).isBetween(20_000_000L, 90_000_000L);
    assertThat(unpacked.tags()).containsExactly("hello:1.0.0");
  }

  @Test
  void shouldBuildTheSameImageAgain() throws Exception {
    BuiltImage again = ImageBuilder.build(request, store);
    assertThat(again).isEqualTo(image);
  }

  /**
   * Packed at another time, built in another folder, nothing left of the first build but caches.
   */
  @Test
  void shouldBuildTheSameImageOfTheSameSourcesInAnotherFolder() throws Exception {
    Path copy = folder.resolve("elsewhere/quarkus-app");
    FileTree.copy(PROJECT.toAbsolutePath().resolve("quarkus-app"), copy, _ -> true);
    for (Path jar : FileTree.files(copy)) {
      if (jar.toString().endsWith(".jar") && !jar.toString().contains("/lib/")) {
        repack(jar);
      }
    }
    Path output = folder.resolve("elsewhere/target");
    BuiltImage again =
        ImageBuilder.build(
            ImageRequest.of(HELLO, "1.0.0", copy, output)
                .withPipeline(Files.readString(PROJECT.resolve("koalja/pipeline.yaml")))
                .withLabels(request.labels()),
            store);
    assertThat(again.layers()).isEqualTo(image.layers());
    assertThat(again.digest()).isEqualTo(image.digest());
    assertThat(again.archive()).hasSameBinaryContentAs(image.archive());
    assertThat(again.sbom()).hasSameBinaryContentAs(image.sbom());
  }

  /**
   * In the folder of the first build, as people do: what that left must not be taken for the new.
   */
  @Test
  void shouldChangeTheLayerOfTheAppOnlyWhenItIsWiredAnew() throws Exception {
    BuiltImage other =
        ImageBuilder.build(
            ImageRequest.of(
                    HELLO, "1.0.1", PROJECT.resolve("quarkus-app"), folder.resolve("target"))
                .withPipeline("name: other"),
            store);
    assertThat(other.layers())
        .filteredOn(layer -> !image.layers().contains(layer))
        .extracting(BuiltImage.Layer::name)
        .containsExactly("app");
    assertThat(
            WholeImage.of(other.archive(), folder.resolve("rewired"))
                .root()
                .resolve("app/koalja/pipeline.yaml"))
        .hasContent("name: other");
  }

  /** As another build a minute later packs the same classes. */
  private static void repack(Path jar) throws IOException {
    Path fresh = jar.resolveSibling("fresh");
    java.util.Set<String> seen = new java.util.HashSet<>();
    try (java.util.zip.ZipFile from = new java.util.zip.ZipFile(jar.toFile());
        java.util.zip.ZipOutputStream to =
            new java.util.zip.ZipOutputStream(Files.newOutputStream(fresh))) {
      for (java.util.zip.ZipEntry each : java.util.Collections.list(from.entries())) {
        if (!seen.add(each.getName())) {
          continue; // Quarkus lists a folder twice
        }
        java.util.zip.ZipEntry entry = new java.util.zip.ZipEntry(each.getName());
        entry.setTime(System.currentTimeMillis() + 60_000);
        to.putNextEntry(entry);
        from.getInputStream(each).transferTo(to);
        to.closeEntry();
      }
    }
    Files.move(fresh, jar, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void shouldSayWhatIsInIt() throws IOException {
    JsonNode bill = dev.koalja.pipeline.Json.MAPPER.readTree(image.sbom().toFile());
    assertThat(bill.path("bomFormat").asText()).isEqualTo("CycloneDX");
    assertThat(bill.path("specVersion").asText()).isEqualTo("1.6");
    List<String> refs = bill.findValuesAsText("bom-ref");
    assertThat(refs)
        .doesNotHaveDuplicates()
        .contains("jre", "/app/quarkus-run.jar")
        .anyMatch(ref -> ref.matches("pkg:maven/io\\.quarkus\\.arc/arc@.*"))
        .anyMatch(ref -> ref.endsWith("/libc.so.6"));
    for (JsonNode each : bill.path("components")) {
      if (each.path("bom-ref").asText().equals("jre")) {
        assertThat(each.path("version").asText()).isEqualTo(Runtime.version().toString());
      }
    }
    bill.path("components")
        .forEach(
            each ->
                assertThat(each.at("/hashes/0/content").asText())
                    .as(each.path("bom-ref").asText())
                    .matches("[0-9a-f]{64}"));
    assertThat(unpacked.root().resolve("app/koalja/sbom.json"))
        .hasSameBinaryContentAs(image.sbom());
    assertThat(unpacked.config().at("/Labels/org.opencontainers.image.source").asText())
        .isEqualTo("https://example.org/hello");
  }

  @Test
  void shouldWriteALayoutWhoseBlobsAreWhatTheirNamesSay() throws Exception {
    assertThat(image.layout().resolve("oci-layout")).exists();
    for (BuiltImage.Layer layer : image.layers()) {
      assertThat(Files.size(OciLayout.blob(image.layout(), layer.digest())))
          .isEqualTo(layer.size());
    }
    assertThat(OciLayout.blob(image.layout(), image.digest())).exists();
  }

  @Test
  void shouldRunAsNobodySpecialOnThePortOfTheContract() {
    assertThat(unpacked.config().get("User").asText()).isEqualTo("65532:65532");
    assertThat(unpacked.config().get("ExposedPorts").has("8080/tcp")).isTrue();
    assertThat(unpacked.environment()).containsEntry("PORT", "8080");
    assertThat(unpacked.root().resolve("etc/passwd")).content().contains("nonroot:x:65532");
  }

  @Test
  void shouldHoldEveryLibraryThatItsProgramsAreLinkedWith() throws IOException {
    Path root = unpacked.root();
    List<Path> inside = new ArrayList<>();
    for (Path file : FileTree.files(root)) {
      inside.add(file.getFileName());
    }
    for (Path file : FileTree.files(root)) {
      ElfFile.read(file)
          .ifPresent(
              elf -> {
                assertThat(inside)
                    .as("needed by %s", file)
                    .containsAll(elf.needed().stream().map(Path::of).toList());
                elf.interpreter()
                    .ifPresent(loader -> assertThat(root.resolve(loader.substring(1))).exists());
              });
    }
  }

  /** As Knative would: the manifest says port and probe, the image says the rest. */
  @Test
  void shouldAnswerACloudEventFromTheCacheWhenStartedAsTheManifestSays() throws Exception {
    Pipeline pipeline =
        PipelineReader.read(
            new PipelineReader.Source(
                "pipeline.yaml", Files.readString(PROJECT.resolve("koalja/pipeline.yaml"))));
    JsonNode container =
        new YAMLMapper()
            .readTree(ManifestRenderer.render(pipeline, Map.of(HELLO, image.reference())))
            .at("/spec/template/spec/containers/0");
    assertThat(container.get("image").asText()).isEqualTo(unpacked.tags().getFirst());
    assertThat(container.at("/ports/0/containerPort").asText())
        .isEqualTo(unpacked.environment().get("PORT"));
    String probe = container.at("/readinessProbe/httpGet/path").asText();

    int port = freePort();
    Path classes = folder.resolve("classes.txt");
    Path output = folder.resolve("output.txt");
    List<String> command = new ArrayList<>(unpacked.entrypoint());
    command.add(1, "-XX:AOTMode=on"); // refuses to start without the cache
    command.add(2, "-Xlog:class+load:file=" + classes);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(unpacked.root().resolve("app").toFile());
    builder.environment().putAll(unpacked.environment());
    builder
        .environment()
        .putAll(
            Map.of(
                "PORT", Integer.toString(port),
                "KOALJA_HOST", "127.0.0.1",
                "K_SERVICE", "hello",
                "K_REVISION", "hello-00001",
                "K_CONFIGURATION", "hello"));
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      URI base = URI.create("http://127.0.0.1:" + port);
      await()
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(20))
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(() -> get(http, base.resolve(probe)) == 200);

      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(base.resolve("/" + pipeline.tasks().getFirst().name()))
                  .header("ce-specversion", "1.0")
                  .header("ce-id", "1")
                  .header("ce-source", "/test")
                  .header("ce-type", "name")
                  .header("Content-Type", "text/plain")
                  .POST(HttpRequest.BodyPublishers.ofString("Ann"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());

      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(answer.headers().firstValue("ce-type")).isPresent();
      assertThat(answer.body()).contains("Ann");
    } finally {
      process.toHandle().destroy();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    List<String> loaded = Files.readAllLines(classes);
    long cached = loaded.stream().filter(line -> line.contains("shared objects file")).count();
    assertThat(cached).isGreaterThan(loaded.size() * 8L / 10);
    assertThat(loaded)
        .anyMatch(line -> line.contains("dev.koalja.runtime") && line.contains("shared objects"));
  }

  private static int get(HttpClient http, URI uri) throws IOException, InterruptedException {
    return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void shouldSayWhatIsMissingOrWrong() {
    assertThatThrownBy(() -> ImageBuilder.build(ImageRequest.of(HELLO, "1", folder, folder)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("run mvn package");
    assertThatThrownBy(() -> ImageRequest.of(HELLO, "1 0", folder, folder))
        .hasMessageContaining("is no image tag");
    assertThatThrownBy(() -> request.withLabels(Map.of("dev.koalja.app", "other")))
        .hasMessageContaining("dev.koalja.app");
  }
}
