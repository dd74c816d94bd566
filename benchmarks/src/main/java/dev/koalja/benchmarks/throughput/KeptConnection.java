package dev.koalja.benchmarks.throughput;

import dev.koalja.benchmarks.kafka.Event;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * A connection that posts one event after the other: as cheap as a sender can be, so that what is
 * measured is the function. Reads what our runtime answers, which always says how long it is.
 */
final class KeptConnection implements AutoCloseable {
  private static final int ANSWER_MILLIS = 30_000;
  private static final String LENGTH = "content-length:";

  private final Socket socket;
  private final InputStream answers;

  KeptConnection(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(ANSWER_MILLIS);
    answers = new BufferedInputStream(socket.getInputStream(), 4096);
  }

  /**
   * Posts event {@code number}, of {@code size} bytes, in binary mode.
   *
   * @throws IOException when the answer is not its greeting
   */
  void greet(int number, int size) throws IOException {
    byte[] data = Event.data(number, size);
    String head =
        """
        POST /greet HTTP/1.1
        Host: 127.0.0.1
        ce-specversion: 1.0
        ce-id: %d
        ce-source: /benchmark
        ce-type: name
        Content-Type: text/plain
        Content-Length: %d

        """
            .formatted(number, data.length)
            .replace("\n", "\r\n");
    ByteArrayOutputStream request = new ByteArrayOutputStream(512 + size);
    request.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    request.writeBytes(data);
    socket.getOutputStream().write(request.toByteArray());
    if (!Arrays.equals(answer(), Event.greet(data))) {
      throw new IOException("no greeting for event " + number);
    }
  }

  private byte[] answer() throws IOException {
    String status = line();
    if (!status.startsWith("HTTP/1.1 200")) {
      throw new IOException("answered " + status);
    }
    int length = 0;
    for (String line = line(); !line.isEmpty(); line = line()) {
      if (line.toLowerCase(Locale.ROOT).startsWith(LENGTH)) {
        length = Integer.parseInt(line.substring(LENGTH.length()).strip());
      }
    }
    return answers.readNBytes(length);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = answers.read(); next != '\n'; next = answers.read()) {
      if (next < 0) {
        throw new EOFException("the function closed the connection");
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
