package dev.koalja.knative.image;

import java.util.Locale;

/**
 * The kind of machine an image runs on.
 *
 * @param architecture as images call it
 * @param triple as Debian calls the folder of its libraries
 */
record Machine(String architecture, String triple) {
  /**
   * The machine this runs on.
   *
   * @throws UnsupportedOperationException when it is none that images can be made on
   */
  static Machine here() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch");
    if (!system.equals("linux")) {
      throw new UnsupportedOperationException(
          "images are made of the JDK of this machine, so it must run Linux, not " + system);
    }
    return switch (arch) {
      case "amd64", "x86_64" -> new Machine("amd64", "x86_64-linux-gnu");
      case "aarch64" -> new Machine("arm64", "aarch64-linux-gnu");
      default -> throw new UnsupportedOperationException("no images for " + arch + " yet");
    };
  }
}
