package dev.koalja.knative.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TimeZone;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StableJarTest {
  @TempDir Path folder;

  private Path jar(String name, long time, String... files) throws IOException {
    Map<String, String> contents = new LinkedHashMap<>();
    for (String file : files) {
      contents.put(file, "content of " + file);
    }
    contents.put("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\nMain-Class: a.B\r\n");
    Path jar = folder.resolve(name);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      for (Map.Entry<String, String> each : contents.entrySet()) {
        ZipEntry entry = new ZipEntry(each.getKey());
        entry.setTime(time);
        entry.setLastAccessTime(java.nio.file.attribute.FileTime.fromMillis(time));
        zip.putNextEntry(entry);
        zip.write(each.getValue().getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
    return jar;
  }

  @Test
  void shouldMakeTheSameOfTheSameFilesWheneverTheyWerePacked() throws IOException {
    Path one = jar("one.jar", 1_700_000_000_000L, "b/C.class", "a/B.class");
    Path two = jar("two.jar", 1_800_000_000_000L, "a/B.class", "b/C.class");

    StableJar.settle(one);
    StableJar.settle(two);

    assertThat(one).hasSameBinaryContentAs(two);
    try (JarFile jar = new JarFile(one.toFile())) {
      assertThat(jar.getManifest().getMainAttributes().getValue("Main-Class")).isEqualTo("a.B");
      assertThat(jar.stream().map(ZipEntry::getName))
          .containsExactly("META-INF/MANIFEST.MF", "a/B.class", "b/C.class");
      assertThat(jar.getInputStream(jar.getEntry("a/B.class"))).hasContent("content of a/B.class");
    }
  }

  @Test
  void shouldMakeTheSameInEveryTimeZone() throws IOException {
    TimeZone zone = TimeZone.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Auckland"));
      Path one = jar("one.jar", 1_700_000_000_000L, "a/B.class");
      StableJar.settle(one);
      TimeZone.setDefault(TimeZone.getTimeZone("America/Los_Angeles"));
      Path two = jar("two.jar", 1_700_000_000_000L, "a/B.class");
      StableJar.settle(two);
      assertThat(one).hasSameBinaryContentAs(two);
    } finally {
      TimeZone.setDefault(zone);
    }
  }
}
