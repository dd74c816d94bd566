package dev.koalja.pipeline.bundle;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Reads the messages of a bundle as its bytes come in, in parts of any size. Holds no more than one
 * message that is not whole yet. Not safe for several threads.
 */
public final class BundleReader {
  private final int maxMessage;
  private final Sink sink;
  private byte[] kept = new byte[1024];
  private int size;
  private long skip;

  /** Takes what was read. */
  public interface Sink {
    /** A message is whole. */
    void message(Message message);

    /** A message is larger than it may be: its bytes are passed over. */
    void tooLarge(int index, long size);
  }

  /**
   * @param maxMessage bytes of one message at most
   */
  public BundleReader(int maxMessage, Sink sink) {
    this.maxMessage = maxMessage;
    this.sink = sink;
  }

  /**
   * Reads on.
   *
   * @throws MalformedBundleException when this is no bundle; nothing can be read after it
   */
  public void read(byte[] bytes, int offset, int length) {
    int at = offset;
    int end = offset + length;
    while (at < end || size >= Integer.BYTES) {
      if (skip > 0) {
        int passed = (int) Math.min(skip, end - at);
        skip -= passed;
        at += passed;
        if (at == end) {
          return;
        }
        continue;
      }
      // enough to know how long the message is and whose it is
      at = keep(bytes, at, end, 2 * Integer.BYTES);
      if (size < 2 * Integer.BYTES) {
        return;
      }
      ByteBuffer head = ByteBuffer.wrap(kept, 0, size);
      long message = Integer.toUnsignedLong(head.getInt());
      int index = head.getInt();
      if (message < Bundle.FIXED || index < 0) {
        throw new MalformedBundleException(
            "a message of %d bytes with index %d".formatted(message, index));
      }
      if (message > maxMessage) {
        skip = message - Integer.BYTES;
        size = 0;
        sink.tooLarge(index, message);
        continue;
      }
      int whole = Integer.BYTES + (int) message;
      at = keep(bytes, at, end, whole);
      if (size < whole) {
        return;
      }
      size = 0;
      sink.message(decode(ByteBuffer.wrap(kept, Integer.BYTES, (int) message)));
    }
  }

  /** Whether everything read so far is whole messages. */
  public boolean atBoundary() {
    return size == 0 && skip == 0;
  }

  private int keep(byte[] bytes, int from, int end, int wanted) {
    int taken = Math.clamp(wanted - size, 0, end - from);
    if (size + taken > kept.length) {
      // grows with what has come, not with what a sender announces
      kept = Arrays.copyOf(kept, Math.max(size + taken, Math.min(wanted, 2 * kept.length)));
    }
    System.arraycopy(bytes, from, kept, size, taken);
    size += taken;
    return from + taken;
  }

  private static Message decode(ByteBuffer bytes) {
    int index = bytes.getInt();
    int status = Short.toUnsignedInt(bytes.getShort());
    int count = Short.toUnsignedInt(bytes.getShort());
    Map<String, String> headers = HashMap.newHashMap(Math.min(count, 64));
    try {
      for (int i = 0; i < count; i++) {
        String name = text(bytes, Byte.toUnsignedInt(bytes.get())).toLowerCase(Locale.ROOT);
        String value = text(bytes, bytes.getInt());
        if (name.isEmpty() || headers.put(name, value) != null) {
          throw new MalformedBundleException(
              "message %d has the header \"%s\" twice, or one without a name"
                  .formatted(index, name));
        }
      }
    } catch (BufferUnderflowException e) {
      throw new MalformedBundleException(
          "message %d ends inside header %d".formatted(index, headers.size()));
    }
    byte[] body = new byte[bytes.remaining()];
    bytes.get(body);
    return new Message(index, status, headers, body);
  }

  private static String text(ByteBuffer bytes, int length) {
    if (length < 0 || length > bytes.remaining()) {
      throw new BufferUnderflowException();
    }
    String text =
        new String(
            bytes.array(),
            bytes.arrayOffset() + bytes.position(),
            length,
            StandardCharsets.ISO_8859_1);
    bytes.position(bytes.position() + length);
    return text;
  }
}
