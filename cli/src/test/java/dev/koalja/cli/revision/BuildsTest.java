package dev.koalja.cli.reload;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildsTest {
  @TempDir Path dir;

  private Path packaged(String text) throws IOException {
    Path folder = Files.createDirectories(dir.resolve("target/quarkus-app/lib")).getParent();
    Files.writeString(folder.resolve("quarkus-run.jar"), text);
    Files.writeString(folder.resolve("lib/a.jar"), text);
    Files.setLastModifiedTime(folder.resolve("lib/a.jar"), FileTime.fromMillis(1_000_000));
    return folder;
  }

  private Path inferred() throws IOException {
    return Files.writeString(dir.resolve("inferred.yaml"), "kind: Pipeline");
  }

  @Test
  void shouldKeepEachBuildAsItWas() throws IOException {
    Builds builds = new Builds(dir.resolve("builds"));
    int first = builds.add("shop", packaged("one"), inferred(), false);
    int second = builds.add("shop", packaged("two"), inferred(), true);

    assertThat(builds.folder("shop", first).resolve("quarkus-run.jar")).hasContent("one");
    assertThat(builds.folder("shop", second).resolve("quarkus-run.jar")).hasContent("two");
    assertThat(builds.pipeline("shop", second)).hasContent("kind: Pipeline");
    assertThat(Files.getLastModifiedTime(builds.folder("shop", first).resolve("lib/a.jar")))
        .as("by which a start-up cache is known to fit")
        .isEqualTo(FileTime.fromMillis(1_000_000));
    assertThat(dir.resolve("target/quarkus-app")).as("moved").doesNotExist();
  }

  @Test
  void shouldRememberWhichBuildIsInUse() throws IOException {
    Builds builds = new Builds(dir.resolve("builds"));
    assertThat(builds.inUse("shop")).isEmpty();
    builds.use("shop", builds.add("shop", packaged("one"), inferred(), false));
    builds.use("shop", builds.add("shop", packaged("two"), inferred(), false));
    assertThat(builds.inUse("shop")).contains(2);
    builds.remove("shop", 1);
    assertThat(builds.folder("shop", 1)).doesNotExist();
    assertThat(builds.folder("shop", 2)).exists();
  }

  @Test
  void shouldNeverRemoveTheBuildToBeginWith() throws IOException {
    Builds builds = new Builds(dir.resolve("builds"));
    builds.use("shop", builds.add("shop", packaged("one"), inferred(), false));
    builds.remove("shop", 1);
    assertThat(builds.folder("shop", 1)).exists();
    builds.forget("shop");
    assertThat(builds.inUse("shop")).isEmpty();
    builds.remove("shop", 1);
    assertThat(builds.folder("shop", 1)).doesNotExist();
  }

  @Test
  void shouldBeginWithNothingOfAnEarlierRun() throws IOException {
    Builds earlier = new Builds(dir.resolve("builds"));
    earlier.use("shop", earlier.add("shop", packaged("old"), inferred(), false));
    assertThat(new Builds(dir.resolve("builds")).inUse("shop")).isEmpty();
    assertThat(dir.resolve("builds/shop")).doesNotExist();
  }
}
