package dev.koalja.cli.revision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.cli.project.FunctionProject;
import dev.koalja.cli.project.Wiring;
import dev.koalja.pipeline.definition.Release;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BuildsTest {
  @TempDir Path dir;
  private Builds builds;

  @BeforeEach
  void begin() throws IOException {
    builds = Builds.of(dir.resolve("builds"), 5);
  }

  private Path packaged(String text) throws IOException {
    Path folder = Files.createDirectories(dir.resolve("shop/target/quarkus-app/lib")).getParent();
    Files.writeString(folder.resolve("quarkus-run.jar"), text);
    Files.writeString(folder.resolve("lib/a.jar"), text);
    Files.setLastModifiedTime(folder.resolve("lib/a.jar"), FileTime.fromMillis(1_000_000));
    return folder;
  }

  private static String inferred(String app) {
    return """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: shop}
        spec: {tasks: [{name: price, function: {app: %s}, inputs: [{name: in, link: order}]}]}
        """
        .formatted(app);
  }

  private static String written() {
    return """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: shop}
        spec: {links: [{name: order}]}
        """;
  }

  private Wiring wiring() throws IOException {
    Path shop = Files.createDirectories(dir.resolve("shop"));
    Files.writeString(shop.resolve("pom.xml"), "<!-- koalja-function-runtime -->");
    Files.writeString(shop.resolve("pipeline.yaml"), written());
    Path file = Files.writeString(dir.resolve("inferred.yaml"), inferred("shop"));
    return Wiring.of(FunctionProject.in(shop), file);
  }

  private Part add(String text, boolean move) throws IOException {
    List<Part> parts = builds.add(wiring(), Optional.of(new Builds.Package(packaged(text), move)));
    assertThat(parts).hasSize(1);
    return parts.getFirst();
  }

  @Test
  void shouldKeepEachBuildAsItWas() throws IOException {
    Part first = add("one", false);
    Part second = add("two and", true);

    assertThat(List.of(first.name(), second.name())).containsOnly("shop");
    assertThat(builds.folder("shop", 1).resolve("quarkus-run.jar")).hasContent("one");
    assertThat(builds.folder("shop", 2).resolve("quarkus-run.jar")).hasContent("two and");
    assertThat(Files.getLastModifiedTime(builds.folder("shop", 1).resolve("lib/a.jar")))
        .as("by which a start-up cache is known to fit")
        .isEqualTo(FileTime.fromMillis(1_000_000));
    assertThat(dir.resolve("shop/target/quarkus-app")).as("moved").doesNotExist();
    assertThat(builds.read("shop", 2)).contains(second);
    assertThat(second.sources())
        .as("what people wrote lies over the other")
        .extracting(PipelineReader.Source::text)
        .containsExactly(inferred("shop"), written());
    assertThat(second.build().runs()).isTrue();
    assertThat(second.pipeline()).contains("shop");
  }

  @Test
  void shouldSayWhichCodeABuildIs() throws IOException {
    Path folder = packaged("one");
    Path jar = Files.createDirectories(folder.resolve("quarkus")).resolve("generated-bytecode.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.putNextEntry(new ZipEntry("META-INF/koalja/code-revision"));
      zip.write("1.0+abc".getBytes(StandardCharsets.UTF_8));
    }
    Part part = builds.add(wiring(), Optional.of(new Builds.Package(folder, false))).getFirst();
    assertThat(part.build())
        .isEqualTo(
            new Release.Build(1, true, Optional.of("1.0+abc"), Optional.empty(), Optional.empty()));
  }

  @Test
  void shouldUseAgainWhatIsHereAlready() throws IOException {
    Part first = add("one", false);
    Wiring same = wiring();
    assertThat(
            builds.add(
                same,
                Optional.of(new Builds.Package(dir.resolve("shop/target/quarkus-app"), false))))
        .containsExactly(first);
    assertThat(builds.all()).containsExactly("shop/1");

    Path unpacked = Files.createDirectories(dir.resolve("unpacked"));
    PipelineReader.Source pipeline = new PipelineReader.Source("image", inferred("bill"));
    Part image = builds.addImage("bill", unpacked, "1.4.0", "sha256:ab", pipeline);
    assertThat(image.build().image()).contains("sha256:ab");
    assertThat(image.build().version()).contains("1.4.0");
    assertThat(image.pipeline()).contains("shop");
    Path again = Files.createDirectories(dir.resolve("again"));
    assertThat(builds.addImage("bill", again, "1.4.0", "sha256:ab", pipeline)).isEqualTo(image);
    assertThat(builds.all()).containsExactly("bill/1", "shop/1");
  }

  @Test
  void shouldNeverGiveANumberTwiceAlsoWhenTheBuildIsGone() throws IOException {
    add("one", false);
    assertThat(add("two and", false).build().number()).isEqualTo(2);
    builds.remove("shop", 2);
    assertThat(builds.has("shop", 2)).isFalse();
    assertThat(builds.read("shop", 2)).isEmpty();

    assertThat(add("three more", false).build().number()).isEqualTo(3);
    Builds again = Builds.of(dir.resolve("builds"), 5);
    assertThat(again.home()).as("another run in the same folder").isEqualTo(builds.home());
    assertThat(again.all()).containsExactly("shop/1", "shop/3");
  }

  @Test
  void shouldGiveEachNumberToOneOfManyWhoAskAtATime() throws Exception {
    Set<Integer> numbers = new ConcurrentSkipListSet<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all =
          java.util.stream.IntStream.range(0, 40)
              .<Future<?>>mapToObj(
                  i ->
                      threads.submit(
                          () -> {
                            Path folder = Files.createDirectories(dir.resolve("image-" + i));
                            PipelineReader.Source pipeline =
                                new PipelineReader.Source("image", inferred("shop"));
                            return numbers.add(
                                builds
                                    .addImage("shop", folder, "1", "sha256:" + i, pipeline)
                                    .build()
                                    .number());
                          }))
              .toList();
      for (Future<?> each : all) {
        each.get();
      }
    }
    assertThat(numbers).hasSize(40).contains(1, 40);
  }

  @Test
  void shouldNotTakeHalfABuildForOne() throws IOException {
    Files.createDirectories(builds.folder("shop", 1)); // somebody was killed while it was copied
    Files.writeString(builds.folder("shop", 1).resolve("quarkus-run.jar"), "half");

    assertThat(builds.has("shop", 1)).isFalse();
    assertThat(add("one", false).build().number()).isEqualTo(2);
    assertThat(builds.all()).containsExactly("shop/1", "shop/2");
  }

  @Test
  void shouldKnowTheAppsOfARun() throws IOException {
    builds.use("shop", add("one", false).build().number());
    builds.begun();
    assertThat(builds.inUse("shop")).contains(1);
    assertThat(dir.resolve("builds/begun")).exists();

    builds.begin();

    assertThat(builds.inUse("shop")).isEmpty();
    assertThat(dir.resolve("builds/begun")).doesNotExist();
    assertThat(builds.has("shop", 1)).as("of an earlier run").isTrue();
  }

  @Test
  void shouldKeepAPipelineFileWithoutFunctionsUnderANameThatNoAppHas() throws IOException {
    Path wires = Files.createDirectories(dir.resolve("wires"));
    Files.writeString(wires.resolve("pipeline.yaml"), written());
    Part part = builds.add(Wiring.of(FunctionProject.in(wires)), Optional.empty()).getFirst();
    assertThat(part.name()).startsWith("_wires-");
    assertThat(part.build().runs()).isFalse();
    assertThat(builds.read(part.name(), 1)).contains(part);
  }

  @Test
  void shouldLetOneAfterTheOtherChangeIt() throws Exception {
    Future<Boolean> second;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      java.util.concurrent.CountDownLatch waiting = new java.util.concurrent.CountDownLatch(1);
      try (ChangeLock _ = builds.lock(() -> {})) {
        second =
            threads.submit(
                () -> {
                  try (ChangeLock _ = builds.lock(waiting::countDown)) {
                    return true;
                  }
                });
        assertThat(waiting.await(20, TimeUnit.SECONDS)).as("it says that it waits").isTrue();
        assertThat(second.isDone()).isFalse();
        assertThat(ChangeLock.tryTake(builds.root())).isEmpty();
      }
      assertThat(second.get(20, TimeUnit.SECONDS)).isTrue();
    }
    ChangeLock.tryTake(builds.root()).orElseThrow().close();
  }
}
