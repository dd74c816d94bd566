package dev.koalja.knative.image;

import java.nio.file.Path;
import java.util.List;

/**
 * An image that was built.
 *
 * @param reference name and tag
 * @param digest of the manifest in the OCI layout, with {@code sha256:} before it
 * @param archive the image for {@code docker load} and its kin, an OCI archive as well
 * @param layout the folder with the same image as an OCI layout, for {@code skopeo} and registries
 * @param sbom what is in it, as CycloneDX
 * @param layers from the bottom up
 */
public record BuiltImage(
    String reference, String digest, Path archive, Path layout, Path sbom, List<Layer> layers) {
  /**
   * One layer.
   *
   * @param name what is in it: system, jre, libraries, app, start-up cache; base for those of the
   *     base
   * @param digest with {@code sha256:} before it
   * @param size compressed, in bytes
   */
  public record Layer(String name, String digest, long size) {}

  public BuiltImage {
    layers = List.copyOf(layers);
  }

  /** All layers together, compressed, in bytes. */
  public long size() {
    return layers.stream().mapToLong(Layer::size).sum();
  }
}
