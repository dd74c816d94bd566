package dev.koalja.runtime;

import dev.koalja.pipeline.bundle.Bundle;
import dev.koalja.pipeline.bundle.BundleReader;
import dev.koalja.pipeline.bundle.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** An HTTP connection on which a test says exactly what goes over the wire. */
final class RawHttp implements AutoCloseable {
  private final Socket socket;

  RawHttp(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(20_000);
  }

  /** Header names in lower case. */
  record Answer(int status, Map<String, String> headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    String header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }
  }

  /** Sends lines as a request with a body; the length is added. */
  Answer ask(String head, byte[] body) throws IOException {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(bytes(head.strip().replace("\n", "\r\n")));
    request.writeBytes(bytes("\r\nHost: test\r\nContent-Length: " + body.length + "\r\n\r\n"));
    request.writeBytes(body);
    send(request.toByteArray());
    return answer(head.startsWith("HEAD"));
  }

  Answer ask(String head, String body) throws IOException {
    return ask(head, body.getBytes(StandardCharsets.UTF_8));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** Sends nothing more, and still reads. */
  void endOfInput() throws IOException {
    socket.shutdownOutput();
  }

  Answer answer(boolean head) throws IOException {
    String[] status = line().split(" ", 3);
    Map<String, String> headers = headers();
    int length = head ? 0 : Integer.parseInt(headers.getOrDefault("content-length", "0"));
    byte[] body = socket.getInputStream().readNBytes(length);
    return new Answer(Integer.parseInt(status[1]), headers, body);
  }

  /** Headers up to the empty line; names in lower case. */
  Map<String, String> headers() throws IOException {
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return headers;
  }

  /** The messages of a whole bundle, which says how long it is or comes in chunks. */
  List<Message> bundle(Map<String, String> headers, int count) throws IOException {
    String length = headers.get("content-length");
    return length == null
        ? chunks(count)
        : Bundle.read(socket.getInputStream().readNBytes(Integer.parseInt(length)));
  }

  /** The next messages of a bundle that comes in chunks; chunks end where messages do. */
  List<Message> chunks(int count) throws IOException {
    ProtocolBundleTest.Messages messages = new ProtocolBundleTest.Messages();
    BundleReader reader = new BundleReader(Bundle.MAX_BYTES, messages);
    while (messages.all.size() < count) {
      int length = Integer.parseInt(line(), 16);
      reader.read(socket.getInputStream().readNBytes(length), 0, length);
      line();
    }
    return messages.all;
  }

  String line() throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("the connection was closed");
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  /** Whether the other side has closed. */
  boolean closed() throws IOException {
    return socket.getInputStream().read() < 0;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
