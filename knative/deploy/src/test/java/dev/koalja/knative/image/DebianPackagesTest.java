package dev.koalja.knative.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DebianPackagesTest {
  @TempDir Path root;

  private Path write(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.resolveSibling(""));
    return Files.writeString(file, text);
  }

  @Test
  void shouldKnowThePackageOfAFileByEitherOfItsPaths() throws IOException {
    Path libc = write("lib/libc.so.6", "");
    Path zlib = write("lib/libz.so.1", "");
    Path own = write("lib/libown.so", "");
    write("etc/os-release", "NAME=\"Debian\"\nID=debian\n");
    write(
        "var/lib/dpkg/status",
        """
        Package: libc6
        Status: install ok installed
        Architecture: amd64
        Version: 2.36-9+deb12u13
        Description: C library
         Version: of nothing

        Package: zlib1g
        Status: install ok installed
        Architecture: amd64
        Version: 1:1.2.13
        """);
    write("var/lib/dpkg/info/libc6:amd64.list", "/.\n" + libc + "\n");
    write("var/lib/dpkg/info/zlib1g.list", "/usr" + zlib + "\n");
    write("var/lib/dpkg/info/gone.list", own + "\n"); // removed, with its settings kept

    Map<Path, DebianPackages.Package> found = new DebianPackages(root).of(List.of(libc, zlib, own));

    assertThat(found).containsOnlyKeys(libc, zlib);
    assertThat(found.get(libc).version()).isEqualTo("2.36-9+deb12u13");
    assertThat(found.get(libc).purl())
        .isEqualTo("pkg:deb/debian/libc6@2.36-9%2Bdeb12u13?arch=amd64");
    assertThat(found.get(zlib).purl()).isEqualTo("pkg:deb/debian/zlib1g@1%3A1.2.13?arch=amd64");
  }

  @Test
  void shouldKnowNothingWhereThereIsNoDpkg() throws IOException {
    assertThat(new DebianPackages(root).of(List.of(write("lib/libc.so.6", "")))).isEmpty();
  }
}
