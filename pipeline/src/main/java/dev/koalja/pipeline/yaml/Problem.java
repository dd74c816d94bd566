package dev.koalja.pipeline.yaml;

/**
 * One thing wrong in a pipeline file.
 *
 * @param location where
 * @param path which element, such as {@code tasks.ship.inputs.stok}
 * @param message what is wrong, and where possible what was meant
 */
public record Problem(Location location, String path, String message) {
  /** {@code file:line:column path message}, as the console shows it. */
  @Override
  public String toString() {
    return location + "  " + (path.isEmpty() ? "" : path + "  ") + message;
  }
}
