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

  /** Gives an encoded message another index: what it is about may be known before its place is. */
  public static void number(byte[] encoded, int index) {
    ByteBuffer.wrap(encoded).putInt(Integer.BYTES, index);
  }

  /**
   * As bytes, its length in front.
   *
   * @throws IllegalArgumentException when it has more or longer headers than a message can
   */
  public byte[] encode() {
    if (headers.size() > MAX_HEADERS) {
      throw new IllegalArgumentException(headers.size() + " headers are more than a message holds");
    }
    byte[][] texts = new byte[2 * headers.size()][];
    int length = Bundle.FIXED + body.length;
    int next = 0;
    for (Map.Entry<String, String> header : headers.entrySet()) {
      byte[] name = header.getKey().getBytes(StandardCharsets.ISO_8859_1);
      byte[] value = header.getValue().getBytes(StandardCharsets.ISO_8859_1);
      if (name.length == 0 || name.length > MAX_NAME) {
        throw new IllegalArgumentException("a header name of %d bytes".formatted(name.length));
      }
      length += Bundle.PER_HEADER + name.length + value.length;
      texts[next++] = name;
      texts[next++] = value;
    }
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + length);
    bytes.putInt(length).putInt(index).putShort((short) status).putShort((short) headers.size());
    for (int i = 0; i < texts.length; i += 2) {
      bytes.put((byte) texts[i].length).put(texts[i]);
      bytes.putInt(texts[i + 1].length).put(texts[i + 1]);
    }
    return bytes.put(body).array();
  }
}
