package dev.koalja.benchmarks.coldstart;

import dev.koalja.benchmarks.load.KeptConnection;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The one request all subjects get: a CloudEvent in binary mode with a name, on a connection of its
 * own. Hardly more than a socket, so that asking in vain costs the subject nothing.
 */
final class Greeting {
  private static final int CONNECT_MILLIS = 1000;
  private static final int ANSWER_MILLIS = 10_000;
  private static final int ON_ONE_CONNECTION = 100;
  private static final String BODY = "\"Ada\"";
  private static final String EXPECTED = "Hello, Ada!";
  private static final byte[] AGAIN = request("/", "");

  private Greeting() {}

  /** The request to a path, on a connection of its own. */
  static byte[] once(String path) {
    return request(path, "Connection: close\n");
  }

  private static byte[] request(String path, String connection) {
    return """
      POST %s HTTP/1.1
      Host: 127.0.0.1
      %sce-specversion: 1.0
      ce-id: 1
      ce-source: /benchmark
      ce-type: name
      Content-Type: application/json
      Content-Length: %d

      """
        .formatted(path, connection, BODY.length())
        .replace("\n", "\r\n")
        .concat(BODY)
        .getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Asks once.
   *
   * @param once what {@link #once} gives
   * @return whether there was a greeting; false while nobody listens or nobody is ready
   * @throws IOException when the answer is something else
   */
  static boolean ask(int port, byte[] once) throws IOException {
    String answer;
    try (Socket socket = new Socket()) {
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
      socket.setSoTimeout(ANSWER_MILLIS);
      socket.getOutputStream().write(once);
      answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (ConnectException _) {
      return false;
    } catch (SocketTimeoutException e) {
      throw new IOException("no answer within " + ANSWER_MILLIS + " ms", e);
    } catch (SocketException _) {
      return false; // reset by one that only just begins to listen
    }
    if (answer.startsWith("HTTP/1.1 503") || answer.isEmpty()) {
      return false;
    }
    if (!answer.startsWith("HTTP/1.1 200") || !answer.contains(EXPECTED)) {
      throw new IOException("no greeting: " + answer);
    }
    return true;
  }

  /**
   * Asks once on a connection that is kept.
   *
   * @throws IOException when the answer is no greeting
   */
  static void ask(KeptConnection connection) throws IOException {
    KeptConnection.Answer answer = connection.post(AGAIN);
    String text = new String(answer.body(), StandardCharsets.UTF_8);
    if (answer.status() != 200 || !text.contains(EXPECTED)) {
      throw new IOException("no greeting: " + answer.status() + " " + text);
    }
  }

  /**
   * Asks one time after the other, on a new connection after a hundred: not every server keeps one
   * for more.
   *
   * @return how long all of it took
   * @throws IOException when an answer is no greeting
   */
  static Duration ask(int port, int times) throws IOException {
    long began = System.nanoTime();
    for (int asked = 0; asked < times; asked += ON_ONE_CONNECTION) {
      try (KeptConnection connection = new KeptConnection(port)) {
        for (int i = 0; i < Math.min(ON_ONE_CONNECTION, times - asked); i++) {
          ask(connection);
        }
      }
    }
    return Duration.ofNanos(System.nanoTime() - began);
  }
}
