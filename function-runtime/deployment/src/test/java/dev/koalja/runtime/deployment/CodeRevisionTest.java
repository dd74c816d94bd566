package dev.koalja.runtime.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.maven.dependency.ResolvedDependency;
import io.quarkus.maven.dependency.ResolvedDependencyBuilder;
import io.quarkus.paths.PathTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodeRevisionTest {
  @TempDir Path dir;
  private Path classes;

  @BeforeEach
  void begin() throws IOException {
    classes = Files.createDirectories(dir.resolve("classes"));
    Files.writeString(classes.resolve("Prices.class"), "code");
  }

  private String revision(ResolvedDependency... libraries) {
    return CodeRevision.of("1.3.0", PathTree.ofDirectoryOrArchive(classes), List.of(libraries))
        .name();
  }

  private ResolvedDependency library(String name, String version, String content, long time)
      throws IOException {
    Path jar = Files.createTempFile(dir, name, ".jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      ZipEntry entry = new ZipEntry("Rates.class");
      entry.setLastModifiedTime(FileTime.fromMillis(time));
      zip.putNextEntry(entry);
      zip.write(content.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    return dependency(name, version, jar);
  }

  private static ResolvedDependency dependency(String name, String version, Path place) {
    return ResolvedDependencyBuilder.newInstance()
        .setGroupId("example")
        .setArtifactId(name)
        .setVersion(version)
        .setResolvedPath(place)
        .build();
  }

  @Test
  void shouldNameVersionAndDigest() {
    assertThat(revision()).matches("1\\.3\\.0\\+[0-9a-f]{10}");
  }

  @Test
  void shouldBeTheSameForTheSameFilesWhereverTheyAreAndWheneverTheyWereMade() throws IOException {
    String one = revision(library("rates", "1", "rates", 0), library("taxes", "1", "taxes", 0));
    String other =
        revision(
            library("taxes", "1", "taxes", 1_700_000_000_000L),
            library("rates", "1", "rates", 1_700_000_000_000L));

    assertThat(other).isEqualTo(one);
  }

  @Test
  void shouldDifferWithTheCodeOfTheAppOfALibraryOrItsVersion() throws IOException {
    String before = revision(library("rates", "1", "rates", 0));

    assertThat(
            List.of(
                revision(),
                revision(library("rates", "2", "rates", 0)),
                revision(library("rates", "1", "other", 0))))
        .doesNotContain(before)
        .doesNotHaveDuplicates();

    Files.writeString(classes.resolve("Prices.class"), "edited");
    assertThat(revision(library("rates", "1", "rates", 0))).isNotEqualTo(before);
  }

  @Test
  void shouldReadModulesThatAreFolders() throws IOException {
    Path module = Files.createDirectories(dir.resolve("rates/classes"));
    Files.writeString(module.resolve("Rates.class"), "rates");
    String before = revision(dependency("rates", "1", module));

    Files.writeString(module.resolve("Rates.class"), "edited");

    assertThat(revision(dependency("rates", "1", module))).isNotEqualTo(before);
  }
}
