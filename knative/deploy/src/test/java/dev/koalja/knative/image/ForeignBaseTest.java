package dev.koalja.knative.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An image to build on that somebody else made: nothing of this machine gets into ours by it. */
class ForeignBaseTest {
  @TempDir Path dir;

  private Path docker(String layer) throws IOException {
    Files.writeString(dir.resolve("secret"), "of this machine");
    Path folder = Files.createDirectories(dir.resolve("base"));
    Files.writeString(folder.resolve("config.json"), "{}");
    Files.writeString(folder.resolve("layer.tar"), "");
    Files.createDirectories(folder.resolve("folder"));
    Files.writeString(
        folder.resolve("manifest.json"),
        "[{\"Config\": \"config.json\", \"Layers\": [\"%s\"]}]".formatted(layer));
    return folder;
  }

  @Test
  void shouldTakeAnArchiveThatConsistsOfItsOwnFiles() throws IOException {
    Path folder = docker("layer.tar");
    assertThatCode(() -> OciLayout.requireOwnParts("base.tar", folder)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../secret", "folder/../../secret", "/etc/passwd", "missing", "folder", ".", ""})
  void shouldRefuseAnArchiveThatNamesWhatIsNotInIt(String layer) throws IOException {
    Path folder = docker(layer);
    assertThatThrownBy(() -> OciLayout.requireOwnParts("base.tar", folder))
        .isInstanceOf(InvalidImageException.class)
        .hasMessageContaining("base.tar names a part")
        .hasMessageContaining("which is not in it");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "{}", "[]", "[{\"Config\": \"config.json\"}]"})
  void shouldRefuseAnArchiveThatDoesNotSayOfWhatItConsists(String manifest) throws IOException {
    Path folder = docker("layer.tar");
    Files.writeString(folder.resolve("manifest.json"), manifest);
    assertThatThrownBy(() -> OciLayout.requireOwnParts("base.tar", folder))
        .isInstanceOf(InvalidImageException.class)
        .hasMessageStartingWith("base.tar ");
  }

  private String blob(Path folder, String content) throws IOException {
    String hex =
        ImageReader.hex(ImageReader.sha256().digest(content.getBytes(StandardCharsets.UTF_8)));
    Path blobs = Files.createDirectories(folder.resolve("blobs/sha256"));
    Files.writeString(blobs.resolve(hex), content);
    return "sha256:" + hex;
  }

  private Path layout(String layer) throws IOException {
    Path folder = dir.resolve("layout");
    String manifest =
        blob(
            folder,
            "{\"config\": {\"digest\": \"%s\"}, \"layers\": [{\"digest\": \"%s\"}]}"
                .formatted(blob(folder, "{}"), layer));
    Files.writeString(
        folder.resolve("index.json"),
        "{\"manifests\": [{\"digest\": \"%s\"}]}".formatted(manifest));
    return folder;
  }

  @Test
  void shouldTakeALayoutWhoseBlobsAreWhatTheirDigestsSay() throws IOException {
    String layer = blob(dir.resolve("layout"), "a layer");
    assertThat(OciLayout.single("base", layout(layer)).manifest().at("/layers/0/digest").asText())
        .isEqualTo(layer);
  }

  @Test
  void shouldRefuseALayoutThatNamesAFileOutside() throws IOException {
    Path folder = layout("sha256:../../../secret");
    Files.writeString(dir.resolve("secret"), "of this machine");
    assertThatThrownBy(() -> OciLayout.single("base", folder))
        .isInstanceOf(InvalidImageException.class)
        .hasMessage("base names a part \"sha256:../../../secret\", which is no SHA-256 digest");
  }

  @Test
  void shouldRefuseALayoutThatWasChanged() throws IOException {
    String layer = blob(dir.resolve("layout"), "a layer");
    Path folder = layout(layer);
    Files.writeString(OciLayout.blob(folder, layer), "another");
    assertThatThrownBy(() -> OciLayout.single("base", folder))
        .isInstanceOf(InvalidImageException.class)
        .hasMessage("base was changed: its part %s is not what that digest says".formatted(layer));
    Files.delete(OciLayout.blob(folder, layer));
    assertThatThrownBy(() -> OciLayout.single("base", folder))
        .isInstanceOf(InvalidImageException.class)
        .hasMessage("base lacks its part " + layer);
  }
}
