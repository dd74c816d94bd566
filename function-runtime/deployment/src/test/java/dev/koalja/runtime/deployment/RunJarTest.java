package dev.koalja.runtime.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.bootstrap.runner.AotQuarkusEntryPoint;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunJarTest {
  private static final FileTime TIME = FileTime.fromMillis(1_700_000_000_000L);

  @TempDir Path folder;

  @Test
  void shouldBeginWithTheOtherClassAndLeaveTheRestAsItIs() throws Exception {
    Path jar = jar("a.jar", AotQuarkusEntryPoint.class.getName());

    RunJar.beginWith("our.Start", jar);

    try (JarFile changed = new JarFile(jar.toFile())) {
      Attributes attributes = changed.getManifest().getMainAttributes();
      assertThat(attributes.getValue(Attributes.Name.MAIN_CLASS)).isEqualTo("our.Start");
      assertThat(attributes.getValue(Attributes.Name.CLASS_PATH)).isEqualTo("lib/one.jar");
      assertThat(changed.getInputStream(changed.getEntry("more.txt"))).hasContent("more");
      assertThat(changed.stream().map(each -> each.getTime()))
          .containsOnly(TIME.toMillis())
          .hasSize(2);
    }
    assertThat(folder).isDirectoryContaining(each -> each.equals(jar));
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @Test
  void shouldMakeEqualJarsOfEqualOnes() throws Exception {
    Path one = jar("one.jar", AotQuarkusEntryPoint.class.getName());
    Path two = jar("two.jar", AotQuarkusEntryPoint.class.getName());

    RunJar.beginWith("our.Start", one);
    RunJar.beginWith("our.Start", two);

    assertThat(one).hasSameBinaryContentAs(two);
  }

  @Test
  void shouldLeaveAJarThatIsPackagedInAnotherWay() throws Exception {
    Path jar = jar("b.jar", "io.quarkus.bootstrap.runner.QuarkusEntryPoint");
    byte[] before = Files.readAllBytes(jar);

    RunJar.beginWith("our.Start", jar);

    assertThat(jar).hasBinaryContent(before);
  }

  private Path jar(String name, String mainClass) throws IOException {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.put(Attributes.Name.CLASS_PATH, "lib/one.jar");
    attributes.put(Attributes.Name.MAIN_CLASS, mainClass);
    Path jar = folder.resolve(name);
    try (OutputStream file = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      entry(zip, JarFile.MANIFEST_NAME);
      manifest.write(zip);
      zip.closeEntry();
      entry(zip, "more.txt");
      zip.write("more".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      zip.closeEntry();
    }
    return jar;
  }

  private static void entry(ZipOutputStream zip, String name) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTime(TIME.toMillis());
    zip.putNextEntry(entry);
  }
}
