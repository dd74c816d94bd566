package dev.koalja.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FolderObjectStoreTest {
  private static final byte[] DATA = "data".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;
  private Path root;
  private ObjectStore objects;

  @BeforeEach
  void root() {
    root = folder.resolve("objects");
    objects = ObjectStore.at("file:" + root);
  }

  @Test
  void keepsObjectsAsFiles() throws Exception {
    var address = objects.write("photos", "uploads/my cat.png", DATA);

    assertThat(Path.of(address)).isEqualTo(root.resolve("photos/uploads/my cat.png"));
    assertThat(objects.read("photos", "uploads/my cat.png")).isEqualTo(DATA);
    assertThat(objects.exists("photos", "uploads/my cat.png")).isTrue();
    assertThat(objects.exists("photos", "uploads")).isFalse();
  }

  @Test
  void replacesAnObjectAsAWhole() throws Exception {
    objects.write("b", "k", DATA);
    objects.write("b", "k", new byte[0]);

    assertThat(objects.read("b", "k")).isEmpty();
    try (var files = Files.list(root.resolve("b"))) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void deletesAnObjectOrNothing() throws Exception {
    objects.write("b", "k", DATA);

    objects.delete("b", "k");
    objects.delete("b", "k");

    assertThat(objects.exists("b", "k")).isFalse();
    assertThatThrownBy(() -> objects.read("b", "k")).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void deletesNoFolder() throws Exception {
    objects.write("b", "folder/k", DATA);

    objects.delete("b", "folder");
    objects.delete("b", "folder/k");
    objects.delete("b", "folder");

    assertThat(Files.isDirectory(root.resolve("b/folder"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../secret",
        "a/../../secret",
        "a/./b",
        "/etc/passwd",
        "",
        "a//b",
        "a/",
        "a\\..\\b",
        "..",
        "a\0b"
      })
  void refusesKeysThatLeadOutOfTheStore(String key) {
    assertThatThrownBy(() -> objects.read("b", key)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> objects.write("b", key, DATA))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> objects.delete("b", key)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", ".", "a/b", "/", "a\\b"})
  void refusesBucketsThatAreNone(String bucket) {
    assertThatThrownBy(() -> objects.read(bucket, "k"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesLinksOfTheFileSystemThatLeadOut() throws Exception {
    Path outside = Files.createDirectories(folder.resolve("outside"));
    Files.write(outside.resolve("secret"), DATA);
    Files.createDirectories(root.resolve("b"));
    Files.createSymbolicLink(root.resolve("b/door"), outside);
    Files.createSymbolicLink(root.resolve("b/window"), outside.resolve("secret"));

    assertThatThrownBy(() -> objects.read("b", "door/secret"))
        .hasMessageContaining("leads out of the object store");
    assertThatThrownBy(() -> objects.read("b", "window"))
        .hasMessageContaining("leads out of the object store");
    assertThatThrownBy(() -> objects.write("b", "door/new", DATA))
        .hasMessageContaining("leads out of the object store");
    assertThat(Files.exists(outside.resolve("new"))).isFalse();
  }

  @Test
  void saysWhichStoresThereAre() {
    assertThatThrownBy(() -> ObjectStore.at("s3://bucket"))
        .hasMessage(
            "koalja.objects is \"s3://bucket\": this version keeps objects in folders, write file:/folder");
    assertThatThrownBy(() -> ObjectStore.none().read("b", "k"))
        .hasMessage("no object store: set koalja.objects (or KOALJA_OBJECTS) to file:/folder");
  }
}
