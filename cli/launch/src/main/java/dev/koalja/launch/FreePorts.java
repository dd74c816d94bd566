package dev.koalja.launch;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Ports of the loopback interface that were free a moment ago, no two alike. They are taken from
 * below the range that systems use for outgoing connections, so that those of the processes that
 * start before a port is bound cannot take it.
 */
public final class FreePorts {
  private static final int FROM = 12_000;
  private static final int TO = 20_000;
  private static final int ATTEMPTS = 1_000;

  private FreePorts() {}

  /**
   * Chooses some.
   *
   * @throws IOException when there are not so many
   */
  public static List<Integer> choose(int count) throws IOException {
    RandomGenerator random = RandomGenerator.getDefault();
    List<ServerSocket> held = new ArrayList<>();
    try {
      // all are held while they are chosen: what was let go at once may be given out again
      for (int attempt = 0; held.size() < count; attempt++) {
        if (attempt == ATTEMPTS + count) {
          throw new IOException(
              "no %d ports between %d and %d are free on loopback".formatted(count, FROM, TO));
        }
        tryPort(random.nextInt(FROM, TO)).ifPresent(held::add);
      }
      return held.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket each : held) {
        each.close();
      }
    }
  }

  private static Optional<ServerSocket> tryPort(int port) {
    try {
      return Optional.of(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
    } catch (IOException _) {
      return Optional.empty(); // somebody has it
    }
  }
}
