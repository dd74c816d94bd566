package dev.koalja.knative.serving.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * Free ports for processes that bind them a moment later. They are taken from below the range that
 * systems use for outgoing connections, so that the load itself cannot take one in between; another
 * program still can, which a start notices and repeats.
 *
 * <p>Not final for the tests, in which somebody else has the port.
 */
class LoopbackPorts {
  private static final int FROM = 20_000;
  private static final int TO = 32_000;

  private final Set<Integer> taken = ConcurrentHashMap.newKeySet();
  private final RandomGenerator random = RandomGenerator.getDefault();

  /** A port that nobody listens on, not given again until {@link #release}. */
  int take() throws IOException {
    for (int attempt = 0; attempt < 1000; attempt++) {
      int port = random.nextInt(FROM, TO);
      if (taken.add(port)) {
        if (free(port)) {
          return port;
        }
        taken.remove(port);
      }
    }
    throw new IOException("no free port between %d and %d on loopback".formatted(FROM, TO));
  }

  /**
   * The first of {@code count} ports from {@code first} on that nobody has, not given again until
   * {@link #release}: of processes that start at the same moment no two get one. Empty when all are
   * taken.
   */
  OptionalInt takeFrom(int first, int count) {
    for (int port = first; port < first + count; port++) {
      if (taken.add(port)) {
        if (free(port)) {
          return OptionalInt.of(port);
        }
        taken.remove(port);
      }
    }
    return OptionalInt.empty();
  }

  void release(int port) {
    taken.remove(port);
  }

  /** Whether nobody listens on {@code port} now. */
  static boolean free(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      // without this a port with connections of a former process in TIME_WAIT would look taken
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
