package dev.koalja.function;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/**
 * Where things too large for an event are kept: objects in buckets, named by keys. Safe for many
 * threads.
 *
 * <p>Which store it is says the setting {@code koalja.objects} ({@code KOALJA_OBJECTS}): {@code
 * file:/folder} keeps the object {@code key} of {@code bucket} in {@code /folder/bucket/key}.
 */
public interface ObjectStore {
  /**
   * The whole object.
   *
   * @throws java.nio.file.NoSuchFileException when there is none
   * @throws IllegalArgumentException when bucket or key is no name, or leads out of the store
   */
  byte[] read(String bucket, String key) throws IOException;

  /**
   * Writes the whole object, as new or in place of the old; readers see the one or the other.
   *
   * @return the address of the object
   * @throws IllegalArgumentException when bucket or key is no name, or leads out of the store
   */
  URI write(String bucket, String key, byte[] data) throws IOException;

  /** Whether there is such an object. */
  boolean exists(String bucket, String key) throws IOException;

  /** Removes the object; nothing happens when there is none. */
  void delete(String bucket, String key) throws IOException;

  /**
   * The store at an address.
   *
   * @param location {@code file:/folder}, or the path of a folder
   * @throws IllegalArgumentException when no such store is known
   */
  static ObjectStore at(String location) {
    if (location.startsWith("file:")) {
      String path = location.substring("file:".length());
      return new FolderObjectStore(Path.of(path.startsWith("//") ? path.substring(2) : path));
    }
    if (location.matches("[a-zA-Z][-+.a-zA-Z0-9]+:.*")) {
      throw new IllegalArgumentException(
          "koalja.objects is \"%s\": this version keeps objects in folders, write file:/folder"
              .formatted(location));
    }
    return new FolderObjectStore(Path.of(location));
  }

  /** The store of a function to which nobody gave one: says so when it is used. */
  static ObjectStore none() {
    return NoObjectStore.INSTANCE;
  }
}
