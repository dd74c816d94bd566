package dev.koalja.function;

import java.net.URI;

/** Says at its first use that a store is missing, so that functions without one need no setting. */
enum NoObjectStore implements ObjectStore {
  INSTANCE;

  @Override
  public byte[] read(String bucket, String key) {
    throw missing();
  }

  @Override
  public URI write(String bucket, String key, byte[] data) {
    throw missing();
  }

  @Override
  public boolean exists(String bucket, String key) {
    throw missing();
  }

  @Override
  public void delete(String bucket, String key) {
    throw missing();
  }

  private static IllegalStateException missing() {
    return new IllegalStateException(
        "no object store: set koalja.objects (or KOALJA_OBJECTS) to file:/folder");
  }
}
