package dev.koalja.router.snapshot;

import dev.koalja.pipeline.PortName;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The state as records of a compacted topic. Keys and values begin with the version.
 *
 * <pre>
 *  key                        value
 *  1 's' offset               1 key input arrived eventTime event     a waiting event
 *  1 'k' key                  1 fired? time? n (input offset)*        what is remembered of a key
 *  1 'p'                      1 watermark lastArrival                 how far the partition is
 * </pre>
 *
 * <p>An offset is all the key of an event needs, so letting it go costs ten bytes.
 */
final class StateCodec {
  private static final byte VERSION = 1;
  private static final byte SLOT = 's';
  private static final byte META = 'k';
  private static final byte PROGRESS = 'p';
  private static final int TIME = Long.BYTES + Integer.BYTES;

  private StateCodec() {}

  /** What a record is about. */
  sealed interface Subject {}

  /** A waiting event. */
  record SlotAt(long offset) implements Subject {}

  /** What is remembered of a key. */
  record MetaOf(String key) implements Subject {}

  /** How far the partition is. */
  record ProgressOfPartition() implements Subject {}

  static StateRecord put(Arrival arrival) {
    byte[] key = arrival.key().getBytes(StandardCharsets.UTF_8);
    byte[] input = arrival.input().value().getBytes(StandardCharsets.UTF_8);
    ByteBuffer value =
        ByteBuffer.allocate(
            1 + 2 * Integer.BYTES + key.length + input.length + 2 * TIME + arrival.event().length);
    putText(value.put(VERSION), key);
    putText(value, input);
    putTime(value, arrival.arrived());
    putTime(value, arrival.eventTime());
    value.put(arrival.event());
    return new StateRecord(slotKey(arrival.offset()), value.array());
  }

  static StateRecord letGo(long offset) {
    return new StateRecord(slotKey(offset), null);
  }

  static byte[] metaKey(String key) {
    byte[] text = key.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(2 + text.length).put(VERSION).put(META).put(text).array();
  }

  static byte[] meta(Meta meta) {
    int size = 1 + 1 + TIME + Integer.BYTES;
    for (PortName name : meta.usedUpTo().keySet()) {
      size += Integer.BYTES + name.value().length() + Long.BYTES;
    }
    ByteBuffer value = ByteBuffer.allocate(size).put(VERSION);
    value.put((byte) (meta.lastFired().isPresent() ? 1 : 0));
    putTime(value, meta.lastFired().orElse(Instant.EPOCH));
    value.putInt(meta.usedUpTo().size());
    for (Map.Entry<PortName, Long> each : meta.usedUpTo().entrySet()) {
      putText(value, each.getKey().value().getBytes(StandardCharsets.UTF_8));
      value.putLong(each.getValue());
    }
    return value.array();
  }

  static StateRecord put(Progress progress) {
    ByteBuffer value = ByteBuffer.allocate(1 + 2 * TIME).put(VERSION);
    putTime(value, progress.watermark());
    putTime(value, progress.lastArrival());
    return new StateRecord(new byte[] {VERSION, PROGRESS}, value.array());
  }

  static Subject subject(byte[] key) {
    return read(
        key,
        buffer -> {
          byte kind = buffer.get();
          return switch (kind) {
            case SLOT -> new SlotAt(buffer.getLong());
            case META -> new MetaOf(StandardCharsets.UTF_8.decode(buffer).toString());
            case PROGRESS -> new ProgressOfPartition();
            default -> throw new IllegalArgumentException("kind " + kind);
          };
        });
  }

  static Arrival arrival(long offset, byte[] value) {
    return read(
        value,
        buffer -> {
          String key = text(buffer);
          PortName input = new PortName(text(buffer));
          Instant arrived = time(buffer);
          Instant eventTime = time(buffer);
          byte[] event = new byte[buffer.remaining()];
          buffer.get(event);
          return new Arrival(key, input, offset, arrived, eventTime, event);
        });
  }

  static Meta meta(byte[] value) {
    return read(
        value,
        buffer -> {
          boolean fired = buffer.get() == 1;
          Instant lastFired = time(buffer);
          var used = new TreeMap<PortName, Long>();
          for (int left = buffer.getInt(); left > 0; left--) {
            used.put(new PortName(text(buffer)), buffer.getLong());
          }
          return new Meta(fired ? Optional.of(lastFired) : Optional.empty(), used);
        });
  }

  static Progress progress(byte[] value) {
    return read(value, buffer -> new Progress(time(buffer), time(buffer)));
  }

  private interface Format<T> {
    T read(ByteBuffer buffer);
  }

  private static <T> T read(byte[] bytes, Format<T> format) {
    if (bytes.length == 0 || bytes[0] != VERSION) {
      throw new IllegalStateException(
          "the state of this task has format %s, and this router knows %d only: it was written by a newer router"
              .formatted(bytes.length == 0 ? "none" : String.valueOf(bytes[0]), VERSION));
    }
    try {
      return format.read(ByteBuffer.wrap(bytes, 1, bytes.length - 1));
    } catch (BufferUnderflowException
        | NegativeArraySizeException
        | IllegalArgumentException
        | DateTimeException e) {
      throw new IllegalStateException(
          "the state of this task has a damaged record, which begins with "
              + HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, 32)),
          e);
    }
  }

  private static byte[] slotKey(long offset) {
    return ByteBuffer.allocate(2 + Long.BYTES).put(VERSION).put(SLOT).putLong(offset).array();
  }

  private static void putText(ByteBuffer buffer, byte[] text) {
    buffer.putInt(text.length).put(text);
  }

  private static String text(ByteBuffer buffer) {
    int length = buffer.getInt();
    if (length < 0 || length > buffer.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] text = new byte[length];
    buffer.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private static void putTime(ByteBuffer buffer, Instant time) {
    buffer.putLong(time.getEpochSecond()).putInt(time.getNano());
  }

  private static Instant time(ByteBuffer buffer) {
    return Instant.ofEpochSecond(buffer.getLong(), buffer.getInt());
  }
}
