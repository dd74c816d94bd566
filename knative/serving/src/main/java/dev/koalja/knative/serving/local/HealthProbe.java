package dev.koalja.knative.serving.local;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Asks an instance on loopback whether it is ready. A plain socket, because the first use of an
 * HTTP client costs more than the whole start it would wait for.
 */
final class HealthProbe {
  private static final String READY = "/health/ready";
  private static final int STATUS_LINE = "HTTP/1.1 200".length();

  private HealthProbe() {}

  /** Whether {@code GET /health/ready} answers 200 within {@code timeout}. */
  static boolean ready(int port, Duration timeout) {
    return get(port, READY, timeout);
  }

  /** Whether {@code GET path} answers 200 within {@code timeout}. */
  static boolean get(int port, String path, Duration timeout) {
    int millis = (int) Math.max(1, timeout.toMillis());
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), millis);
      socket.setSoTimeout(millis);
      String request =
          "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n"
              .formatted(path, port);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      byte[] head = in.readNBytes(STATUS_LINE);
      in.readAllBytes();
      return head.length == STATUS_LINE
          && new String(head, StandardCharsets.US_ASCII).endsWith(" 200");
    } catch (IOException e) {
      return false;
    }
  }
}
