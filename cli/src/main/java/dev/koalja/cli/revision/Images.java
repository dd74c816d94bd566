package dev.koalja.cli.revision;

import dev.koalja.cli.CliException;
import dev.koalja.cli.show.Screen;
import dev.koalja.cli.show.Words;
import dev.koalja.knative.image.ImageReader;
import dev.koalja.knative.image.ImageSource;
import dev.koalja.knative.image.InvalidImageException;
import dev.koalja.knative.image.Registries;
import dev.koalja.knative.serving.local.UnpackedImage;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Images on their way into the folder of builds. */
public final class Images {
  private Images() {}

  /**
   * Unpacks an image. When a build of its digest is here already, that is taken: but also then the
   * file has to be what its digest says. Needs the lock of the folder.
   *
   * @param word a file, a folder, or a reference in a registry
   * @param access how to speak with that registry
   * @throws CliException when there is none, or it is not one that runs here
   */
  public static Part add(Builds builds, String word, Registries.Access access, Screen screen) {
    try {
      ImageSource source = ImageSource.of(word);
      screen.doing("Unpacking " + word + " …");
      Path place = builds.workAlone();
      try {
        Path folder = place.resolve("image");
        UnpackedImage image = ImageReader.unpack(source, folder, access);
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
      throw CliException.unavailable("image %s: %s".formatted(word, Words.reason(e)));
    }
  }
}
