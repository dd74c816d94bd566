package dev.koalja.benchmarks.coldstart;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/**
 * The one request all subjects get: a CloudEvent in binary mode with a name, on a connection of its
 * own. Hardly more than a socket, so that asking in vain costs the subject nothing.
 */
final class Greeting {
  private static final int CONNECT_MILLIS = 1000;
  private static final int ANSWER_MILLIS = 10_000;
  private static final String BODY = "\"Ada\"";
  private static final String EXPECTED = "Hello, Ada!";
  private static final byte[] REQUEST =
      """
      POST / HTTP/1.1
      Host: 127.0.0.1
      Connection: close
      ce-specversion: 1.0
      ce-id: 1
      ce-source: /benchmark
      ce-type: name
      Content-Type: application/json
      Content-Length: %d

      """
          .formatted(BODY.length())
          .replace("\n", "\r\n")
          .concat(BODY)
          .getBytes(StandardCharsets.US_ASCII);

  private Greeting() {}

  /**
   * Asks once.
   *
   * @return whether there was a greeting; false while nobody listens or nobody is ready
   * @throws IOException when the answer is something else
   */
  static boolean ask(int port) throws IOException {
    String answer;
    try (Socket socket = new Socket()) {
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
      socket.setSoTimeout(ANSWER_MILLIS);
      socket.getOutputStream().write(REQUEST);
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
}
