package dev.koalja.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Ports of the loopback interface. */
final class Ports {
  private Ports() {}

  /**
   * A port that was free a moment ago: {@code wanted}, or any if that is 0.
   *
   * @throws UnusableException naming the port when something listens there already
   */
  static int free(int wanted) throws UnusableException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), wanted));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UnusableException(
          "port %d on 127.0.0.1 cannot be had (%s): another program may use it, choose another port"
              .formatted(wanted, e.getMessage()));
    }
  }
}
