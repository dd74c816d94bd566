package dev.koalja.router.link;

import java.io.ByteArrayOutputStream;
import java.util.Base64;
import java.util.BitSet;

/**
 * The offsets above a committed one that are finished, as text in the offset's metadata.
 *
 * <p>The first character is the format: {@code r} run lengths (pending and finished in turn,
 * variable-length bytes), {@code b} one bit an offset; the rest is base 64. The shorter of the two
 * is written. Text of any other format is refused: read as empty it would repeat finished work.
 */
final class FinishedOffsets {
  private static final Base64.Encoder ENCODER = Base64.getEncoder().withoutPadding();

  /** Offsets one bit each would fit into {@code characters} of metadata, whatever the pattern. */
  static long capacity(int characters) {
    return (characters - 2L) * 6 - 8;
  }

  private final long base;
  private final BitSet finished;

  private FinishedOffsets(long base, BitSet finished) {
    this.base = base;
    this.finished = finished;
  }

  boolean contains(long offset) {
    long index = offset - base;
    return index >= 0 && index < finished.length() && finished.get((int) index);
  }

  /** One above the highest finished offset; the base when there is none. */
  long end() {
    return base + finished.length();
  }

  /** Writes which offsets are finished: bit 0 is the one the text is committed with. */
  static String encode(BitSet finished) {
    ByteArrayOutputStream runs = new ByteArrayOutputStream();
    int position = 0;
    while (position < finished.length()) {
      int begin = finished.nextSetBit(position);
      int end = finished.nextClearBit(begin);
      writeVariable(runs, begin - position);
      writeVariable(runs, end - begin);
      position = end;
    }
    byte[] bitmap = finished.toByteArray();
    if (bitmap.length == 0) {
      return "";
    }
    return runs.size() <= bitmap.length
        ? "r" + ENCODER.encodeToString(runs.toByteArray())
        : "b" + ENCODER.encodeToString(bitmap);
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException for any other text
   */
  static FinishedOffsets decode(long base, String metadata) {
    if (metadata.isEmpty()) {
      return new FinishedOffsets(base, new BitSet());
    }
    byte[] bytes = Base64.getDecoder().decode(metadata.substring(1));
    return switch (metadata.charAt(0)) {
      case 'r' -> new FinishedOffsets(base, readRuns(bytes));
      case 'b' -> new FinishedOffsets(base, BitSet.valueOf(bytes));
      default ->
          throw new IllegalArgumentException(
              "offset metadata of the unknown format '" + metadata.charAt(0) + "'");
    };
  }

  private static BitSet readRuns(byte[] bytes) {
    BitSet bits = new BitSet();
    boolean finished = false;
    long position = 0;
    int index = 0;
    while (index < bytes.length) {
      long length = 0;
      int shift = 0;
      byte next;
      do {
        if (index == bytes.length || shift > 28) {
          throw new IllegalArgumentException("offset metadata ends inside a run");
        }
        next = bytes[index++];
        length |= (long) (next & 0x7f) << shift;
        shift += 7;
      } while (next < 0);
      if (position + length > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("offset metadata spans too many offsets");
      }
      bits.set((int) position, (int) (position + length), finished);
      position += length;
      finished = !finished;
    }
    return bits;
  }

  private static void writeVariable(ByteArrayOutputStream out, long value) {
    long rest = value;
    while (rest > 0x7f) {
      out.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
