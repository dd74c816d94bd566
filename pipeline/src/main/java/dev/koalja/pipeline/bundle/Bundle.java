package dev.koalja.pipeline.bundle;

import java.util.ArrayList;
import java.util.List;

/**
 * What a bundle is and how large it may be.
 *
 * <pre>
 *  bundle  = message*
 *  message = length u32 · index u32 · status u16 · headers u16 · header* · body
 *  header  = length u8 · name · length u32 · value           (big-endian; ISO 8859-1)
 * </pre>
 */
public final class Bundle {
  /** Of a request whose body is a bundle, and of the answer to it. */
  public static final String MEDIA_TYPE = "application/vnd.koalja.bundle";

  /** Header of an answer by which a function says that it takes bundles, and of which version. */
  public static final String HEADER = "Koalja-Bundle";

  /** The version of the format. */
  public static final String VERSION = "1";

  /** Requests in one bundle at most. */
  public static final int MAX_MESSAGES = 1000;

  /** Bytes of the requests of a bundle at most. */
  public static final int MAX_BYTES = 4 * 1024 * 1024;

  static final int FIXED = Integer.BYTES + 2 * Short.BYTES;
  static final int PER_HEADER = Byte.BYTES + Integer.BYTES;

  private Bundle() {}

  /**
   * Reads a whole bundle.
   *
   * @throws MalformedBundleException when it is none, or has too many messages
   */
  public static List<Message> read(byte[] bytes) {
    List<Message> messages = new ArrayList<>();
    BundleReader reader =
        new BundleReader(
            MAX_BYTES,
            new BundleReader.Sink() {
              @Override
              public void message(Message message) {
                if (messages.size() == MAX_MESSAGES) {
                  throw new MalformedBundleException(
                      "a bundle holds at most %d messages".formatted(MAX_MESSAGES));
                }
                messages.add(message);
              }

              @Override
              public void tooLarge(int index, long size) {
                throw new MalformedBundleException(
                    "message %d has %d bytes, a bundle at most %d"
                        .formatted(index, size, MAX_BYTES));
              }
            });
    reader.read(bytes, 0, bytes.length);
    if (!reader.atBoundary()) {
      throw new MalformedBundleException("the bundle ends inside a message");
    }
    return messages;
  }
}
