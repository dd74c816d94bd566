package dev.koalja.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/**
 * Two different ports of the loopback interface that were free a moment ago.
 *
 * @param clients where clients connect
 * @param controller where the broker talks to itself
 */
record Ports(int clients, int controller) {

  /**
   * Chooses them.
   *
   * @param wanted the one for clients; 0 is any
   * @throws UnusableException naming the port when something listens there already
   */
  static Ports choose(int wanted) throws UnusableException {
    // both are held while they are chosen: what was let go at once may be given out again
    try (ServerSocket clients = bind(wanted);
        ServerSocket controller = bind(0)) {
      return new Ports(clients.getLocalPort(), controller.getLocalPort());
    } catch (IOException e) {
      throw new UnusableException("no port is free on 127.0.0.1: " + e.getMessage());
    }
  }

  private static ServerSocket bind(int wanted) throws IOException, UnusableException {
    ServerSocket socket = new ServerSocket();
    try {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), wanted));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw new UnusableException(
          "port %d on 127.0.0.1 cannot be had (%s): another program may use it, choose another port"
              .formatted(wanted, e.getMessage()));
    }
  }
}
