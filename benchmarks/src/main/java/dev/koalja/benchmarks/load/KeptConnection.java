package dev.koalja.benchmarks.load;

import dev.koalja.benchmarks.kafka.Event;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A connection that posts one event after the other: as cheap as a sender can be, so that what is
 * measured is who answers. Reads what our services answer, which always says how long it is.
 */
public final class KeptConnection implements AutoCloseable {
  private static final int ANSWER_MILLIS = 30_000;
  private static final String LENGTH = "content-length:";

  private final Socket socket;
  private final InputStream answers;

  /** Connects to a port of this machine. */
  public KeptConnection(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(ANSWER_MILLIS);
    answers = new BufferedInputStream(socket.getInputStream(), 4096);
  }

  /**
   * What came back.
   *
   * @param status the HTTP status
   * @param body its bytes
   */
  public record Answer(int status, byte[] body) {}

  /** Posts event {@code number}, of {@code size} bytes, in binary mode. */
  public Answer post(String path, long number, int size, int keys) throws IOException {
    String head =
        """
        POST %s HTTP/1.1
        Host: 127.0.0.1
        ce-specversion: 1.0
        ce-id: %d
        ce-source: /benchmark
        ce-type: name
        ce-partitionkey: k%d
        Content-Type: text/plain
        Content-Length: %d

        """
            .formatted(path, number, number % keys, size)
            .replace("\n", "\r\n");
    ByteArrayOutputStream request = new ByteArrayOutputStream(512 + size);
    request.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    request.writeBytes(Event.data(number, size));
    return post(request.toByteArray());
  }

  /** Sends a request as it is, and takes the answer. */
  public Answer post(byte[] request) throws IOException {
    socket.getOutputStream().write(request);
    return answer();
  }

  private Answer answer() throws IOException {
    String status = line();
    if (!status.startsWith("HTTP/1.1 ") || status.length() < 12) {
      throw new IOException("answered " + status);
    }
    int length = 0;
    for (String line = line(); !line.isEmpty(); line = line()) {
      if (line.toLowerCase(Locale.ROOT).startsWith(LENGTH)) {
        length = Integer.parseInt(line.substring(LENGTH.length()).strip());
      }
    }
    int code = Integer.parseInt(status.substring(9, 12));
    return new Answer(code, answers.readNBytes(length));
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = answers.read(); next != '\n'; next = answers.read()) {
      if (next < 0) {
        throw new EOFException("the connection was closed");
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
