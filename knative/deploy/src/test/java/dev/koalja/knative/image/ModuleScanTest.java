package dev.koalja.knative.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModuleScanTest {
  @TempDir Path folder;
  private Path jar;

  /** Refers to {@code java.sql} and, as an array, to {@code java.net.http}. */
  static final class UsesModules {
    java.sql.Timestamp time = new java.sql.Timestamp(0);
    java.net.http.HttpClient[] clients = new java.net.http.HttpClient[0];
  }

  @BeforeEach
  void pack() throws IOException {
    jar = folder.resolve("some.jar");
    String name = UsesModules.class.getName().replace('.', '/') + ".class";
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream zip = new JarOutputStream(out);
        InputStream in = UsesModules.class.getResourceAsStream("/" + name)) {
      zip.putNextEntry(new ZipEntry(name));
      in.transferTo(zip);
      zip.closeEntry();
    }
  }

  @Test
  void shouldFindTheModulesOfTheApp() throws IOException {
    assertThat(new ModuleScan().modules(List.of(), List.of(jar)))
        .contains("java.base", "jdk.httpserver", "java.sql", "java.net.http")
        .doesNotContain("java.desktop");
  }

  @Test
  void shouldNotBringInWhatLibrariesCanDoWithout() throws IOException {
    assertThat(new ModuleScan().modules(List.of(jar), List.of()))
        .contains("java.net.http")
        .doesNotContain("java.sql");
  }
}
