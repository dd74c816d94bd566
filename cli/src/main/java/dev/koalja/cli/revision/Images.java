package dev.koalja.cli.revision;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.CliException;
import dev.koalja.cli.show.Screen;
import dev.koalja.knative.image.ImageReader;
import dev.koalja.knative.image.ImageSource;
import dev.koalja.knative.image.InvalidImageException;
import dev.koalja.knative.image.Registries;
import dev.koalja.knative.serving.local.UnpackedImage;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Images on their way into the folder of builds. */
public final class Images {
  private static final String INDEX = "index.json";
  private static final int LARGEST_INDEX = 4 << 20;

  private Images() {}

  /**
   * Unpacks an image, or takes what was unpacked from it before. Needs the lock of the folder.
   *
   * @param word a file, a folder, or a reference in a registry
   * @throws CliException when there is none, or it is not one that runs here
   */
  public static Part add(Builds builds, String word, Screen screen) {
    try {
      ImageSource source = ImageSource.of(word);
      Optional<Part> here = known(builds, source);
      if (here.isPresent()) {
        return here.get();
      }
      screen.doing("Unpacking " + word + " …");
      Path place = builds.workAlone();
      try {
        Path folder = place.resolve("image");
        UnpackedImage image = ImageReader.unpack(source, folder, Registries.Access.USUAL);
        Path pipeline = ImageReader.pipeline(folder);
        if (!Files.isRegularFile(pipeline)) {
          throw CliException.usage(
              word + " says nothing of its wiring: build it again with koalja image");
        }
        return builds.addImage(
            image.app().value(),
            folder,
            image.version(),
            image.digest(),
            new PipelineReader.Source(word, Files.readString(pipeline)));
      } finally {
        Builds.remove(place);
      }
    } catch (IllegalArgumentException | InvalidImageException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw CliException.unavailable("image %s: %s".formatted(word, e.getMessage()));
    }
  }

  /**
   * What the image says it is may not be so; but then it is not unpacked, and what runs is what was
   * checked when it was.
   */
  private static Optional<Part> known(Builds builds, ImageSource source) throws IOException {
    Optional<byte[]> index =
        switch (source) {
          case ImageSource.Layout(Path folder) ->
              Files.isRegularFile(folder.resolve(INDEX))
                  ? Optional.of(Files.readAllBytes(folder.resolve(INDEX)))
                  : Optional.empty();
          case ImageSource.Archive(Path file) -> index(file);
          case ImageSource.Registry _ -> Optional.empty(); // a tag may have moved
        };
    if (index.isEmpty()) {
      return Optional.empty();
    }
    try {
      JsonNode manifests = Json.MAPPER.readTree(index.get()).path("manifests");
      return manifests.size() == 1
          ? builds.image(manifests.path(0).path("digest").asText())
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // whoever unpacks it says what is wrong
    }
  }

  private static Optional<byte[]> index(Path archive) {
    try (InputStream file = new BufferedInputStream(Files.newInputStream(archive), 1 << 16);
        TarArchiveInputStream tar = new TarArchiveInputStream(file)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.getName().equals(INDEX)) {
          return Optional.of(tar.readNBytes(LARGEST_INDEX));
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // whoever unpacks it says what is wrong
    }
  }
}
