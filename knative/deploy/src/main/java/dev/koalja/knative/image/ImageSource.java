package dev.koalja.knative.image;

import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where an image is: in a file, in a folder, or in a registry. */
public sealed interface ImageSource {
  /**
   * An OCI archive, as {@code koalja image} writes it and {@code docker save} does.
   *
   * @param file the archive
   */
  record Archive(Path file) implements ImageSource {
    @Override
    public String toString() {
      return file.toString();
    }
  }

  /**
   * An OCI image layout.
   *
   * @param folder the one with {@code oci-layout} in it
   */
  record Layout(Path folder) implements ImageSource {
    @Override
    public String toString() {
      return folder.toString();
    }
  }

  /**
   * An image in a registry.
   *
   * @param reference such as {@code registry.example/shop:1.3.0}
   */
  record Registry(String reference) implements ImageSource {
    /** The registry itself: its host, and its port if it has one. */
    public String host() {
      return ImageSource.reference(reference).getRegistry();
    }

    @Override
    public String toString() {
      return reference;
    }
  }

  /**
   * What people mean by a word: a folder or a file that is there, else a reference.
   *
   * @throws IllegalArgumentException when it is none of the three
   */
  static ImageSource of(String word) {
    Path path = Path.of(word);
    if (Files.isDirectory(path)) {
      if (!Files.isRegularFile(path.resolve(OciLayout.MARK))) {
        throw new IllegalArgumentException(
            "%s is no image: it has no file %s; koalja image writes one"
                .formatted(word, OciLayout.MARK));
      }
      return new Layout(path.toAbsolutePath().normalize());
    }
    if (Files.isRegularFile(path)) {
      return new Archive(path.toAbsolutePath().normalize());
    }
    if (word.startsWith("/") || word.startsWith(".") || word.endsWith(".tar")) {
      throw new IllegalArgumentException("there is no file " + word);
    }
    return new Registry(reference(word).toStringWithQualifier());
  }

  /**
   * A reference of an image in a registry.
   *
   * @throws IllegalArgumentException when it is none
   */
  static ImageReference reference(String word) {
    try {
      return ImageReference.parse(word);
    } catch (InvalidImageReferenceException e) {
      throw new IllegalArgumentException(
          "\"%s\" is neither a file nor the reference of an image, such as registry.example/shop:1.3.0"
              .formatted(word),
          e);
    }
  }
}
