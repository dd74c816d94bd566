package dev.koalja.pipeline.bundle;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * One HTTP request or answer inside a bundle.
 *
 * @param index which request of the bundle it is, or answers; not negative
 * @param status of an answer; 0 for a request
 * @param headers names in lower case, values as HTTP has them: at most 65,535 of them, names of 1
 *     to 255 bytes
 * @param body its body; not copied
 */
public record Message(int index, int status, Map<String, String> headers, byte[] body) {
  private static final int MAX_HEADERS = 0xffff;
  private static final int MAX_NAME = 0xff;

  /**
   * As bytes, its length in front.
   *
   * @throws IllegalArgumentException when it has more or longer headers than a message can
   */
  public byte[] encode() {
    if (headers.size() > MAX_HEADERS) {
      throw new IllegalArgumentException(headers.size() + " headers are more than a message holds");
    }
    int length = Bundle.FIXED + body.length;
    for (Map.Entry<String, String> header : headers.entrySet()) {
      int name = header.getKey().length();
      if (name == 0 || name > MAX_NAME) {
        throw new IllegalArgumentException("a header name of %d characters".formatted(name));
      }
      length += Bundle.PER_HEADER + name + header.getValue().length();
    }
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + length);
    bytes.putInt(length).putInt(index).putShort((short) status).putShort((short) headers.size());
    headers.forEach(
        (name, value) -> {
          bytes.put((byte) name.length()).put(name.getBytes(StandardCharsets.ISO_8859_1));
          bytes.putInt(value.length()).put(value.getBytes(StandardCharsets.ISO_8859_1));
        });
    return bytes.put(body).array();
  }
}
