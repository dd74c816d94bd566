package dev.koalja.cli.reload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.cli.project.AttachedApps;
import dev.koalja.cli.project.FunctionProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SourceWatchTest {
  @TempDir Path dir;
  private FunctionProject shop;
  private FunctionProject billing;

  @BeforeEach
  void make() throws IOException {
    shop = project("shop");
    billing = project("billing");
  }

  private FunctionProject project(String name) throws IOException {
    Path folder = dir.resolve(name);
    Files.createDirectories(folder.resolve("src/main/java/" + name));
    Files.createDirectories(folder.resolve("src/test/java"));
    Files.writeString(folder.resolve("pom.xml"), "<!-- koalja-function-runtime -->");
    return FunctionProject.in(folder);
  }

  private SourceWatch watch() throws IOException {
    return new SourceWatch(List.of(shop, billing));
  }

  private static CompletableFuture<SourceWatch.Change> next(SourceWatch watch) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return watch.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void shouldSeeChangesBehindSymbolicLinksAndNotRunInCircles() throws Exception {
    Path shared = Files.createDirectories(dir.resolve("elsewhere/shared"));
    Path rates = Files.writeString(shared.resolve("Rates.java"), "class Rates {}");
    Path sources = shop.folder().resolve("src/main/java");
    Files.createSymbolicLink(sources.resolve("shared"), shared);
    Files.createSymbolicLink(sources.resolve("circle"), sources);
    Files.createSymbolicLink(sources.resolve("Gone.java"), dir.resolve("nothing"));
    try (SourceWatch watch = watch()) {
      CompletableFuture<SourceWatch.Change> change = next(watch);
      Files.writeString(rates, "class Rates { int high; }");
      assertThat(change.get(10, TimeUnit.SECONDS).projects()).containsExactly(shop);
    }
  }

  private void write(FunctionProject project, String file, String text) throws IOException {
    Path path = project.folder().resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "src/main/java/shop/Prices.java",
        "src/main/java/shop/new/package/Other.java",
        "src/main/resources/application.properties",
        "pom.xml",
        "pipeline.yaml"
      })
  void shouldNameTheProjectOfWhichSomethingWasSaved(String file) throws Exception {
    try (SourceWatch watch = watch()) {
      CompletableFuture<SourceWatch.Change> change = next(watch);
      write(shop, file, "changed, koalja-function-runtime");
      assertThat(change.get(30, TimeUnit.SECONDS).projects()).containsExactly(shop);
    }
  }

  @Test
  void shouldSeeAFileThatGoes() throws Exception {
    write(billing, "src/main/java/billing/Bills.java", "class Bills {}");
    try (SourceWatch watch = watch()) {
      CompletableFuture<SourceWatch.Change> change = next(watch);
      Files.delete(billing.folder().resolve("src/main/java/billing/Bills.java"));
      assertThat(change.get(30, TimeUnit.SECONDS).projects()).containsExactly(billing);
    }
  }

  @Test
  void shouldWatchWhatTheBuildOfAnAttachedProjectWritesAndNotItsSources() throws Exception {
    write(
        shop,
        "target/koalja/pipeline.yaml",
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: shop}
        spec: {tasks: [{name: price, function: {app: shop}, inputs: [{name: in, link: in}]}]}
        """);
    shop = AttachedApps.mark(List.of(shop), Map.of("shop", 8081)).getFirst();
    try (SourceWatch watch = watch()) {
      write(shop, "src/main/java/shop/Prices.java", "somebody else builds it");
      assertNothingMore(watch);
    }
    try (SourceWatch watch = watch()) {
      CompletableFuture<SourceWatch.Change> change = next(watch);
      write(shop, "target/koalja/pipeline.yaml", "built again");
      assertThat(change.get(30, TimeUnit.SECONDS).projects()).containsExactly(shop);
    }
  }

  @Test
  void shouldTakeABurstAsOneChange() throws Exception {
    try (SourceWatch watch = watch()) {
      CompletableFuture<SourceWatch.Change> change = next(watch);
      for (int i = 0; i < 20; i++) {
        write(shop, "src/main/java/shop/A" + i + ".java", "class A" + i + " {}");
      }
      assertThat(change.get(30, TimeUnit.SECONDS).projects()).containsExactly(shop);
      assertNothingMore(watch);
    }
  }

  @Test
  void shouldNotMindWhatIsNoSource() throws Exception {
    try (SourceWatch watch = watch()) {
      write(shop, "src/main/java/shop/.Prices.java.swp", "an editor's");
      write(shop, "src/main/java/shop/Prices.java~", "an editor's");
      write(shop, "src/test/java/PricesTest.java", "a test");
      write(shop, "target/classes/Prices.class", "a build");
      write(shop, "README.md", "prose");
      assertNothingMore(watch);
    }
  }

  private static void assertNothingMore(SourceWatch watch) throws Exception {
    CompletableFuture<SourceWatch.Change> change = next(watch);
    try {
      assertThat(change.get(SourceWatch.LOOK.toMillis() * 5 / 2, TimeUnit.MILLISECONDS).projects())
          .isEmpty();
    } catch (TimeoutException e) {
      assertThat(change).isNotDone();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".Prices.java.swp",
        "Prices.java~",
        "#Prices.java#",
        "4913",
        "a.tmp",
        ".#x",
        "Prices.java___jb_tmp___"
      })
  void shouldKnowTheFilesOfEditors(String name) {
    assertThat(SourceWatch.temporary(Path.of("src/main/java", name))).isTrue();
    assertThat(SourceWatch.temporary(Path.of("src/main/java/Prices.java"))).isFalse();
  }
}
