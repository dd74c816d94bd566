package dev.koalja.knative.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a native program or library of Linux asks of the system it runs on.
 *
 * @param interpreter the path of the loader, for programs
 * @param needed names of the libraries it is linked with
 */
record ElfFile(Optional<String> interpreter, List<String> needed) {
  private static final int MAGIC = 0x464c457f; // 0x7f 'E' 'L' 'F', little endian
  private static final byte CLASS_64 = 2;
  private static final byte LITTLE_ENDIAN = 1;
  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final int PT_INTERP = 3;
  private static final long DT_NULL = 0;
  private static final long DT_NEEDED = 1;
  private static final long DT_STRTAB = 5;

  private record Segment(int type, int offset, long address, int size) {}

  ElfFile {
    needed = List.copyOf(needed);
  }

  /** Reads a file; nothing when it is no 64-bit little-endian ELF file. */
  static Optional<ElfFile> read(Path file) throws IOException {
    ByteBuffer elf = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    if (elf.limit() < 64
        || elf.getInt(0) != MAGIC
        || elf.get(4) != CLASS_64
        || elf.get(5) != LITTLE_ENDIAN) {
      return Optional.empty();
    }
    try {
      return Optional.of(parse(elf));
    } catch (IndexOutOfBoundsException e) {
      throw new IOException(file + " is a damaged ELF file", e);
    }
  }

  private static ElfFile parse(ByteBuffer elf) {
    List<Segment> segments = new ArrayList<>();
    int table = Math.toIntExact(elf.getLong(32));
    int size = elf.getShort(54);
    int count = elf.getShort(56);
    for (int i = 0; i < count; i++) {
      int at = table + i * size;
      segments.add(
          new Segment(
              elf.getInt(at),
              Math.toIntExact(elf.getLong(at + 8)),
              elf.getLong(at + 16),
              Math.toIntExact(elf.getLong(at + 32))));
    }
    Optional<String> interpreter = Optional.empty();
    List<String> needed = new ArrayList<>();
    for (Segment segment : segments) {
      if (segment.type == PT_INTERP) {
        interpreter = Optional.of(text(elf, segment.offset));
      } else if (segment.type == PT_DYNAMIC) {
        dynamic(elf, segment, segments, needed);
      }
    }
    return new ElfFile(interpreter, needed);
  }

  private static void dynamic(
      ByteBuffer elf, Segment dynamic, List<Segment> segments, List<String> needed) {
    List<Long> names = new ArrayList<>();
    long strings = 0;
    for (int at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
      long tag = elf.getLong(at);
      if (tag == DT_NULL) {
        break;
      } else if (tag == DT_NEEDED) {
        names.add(elf.getLong(at + 8));
      } else if (tag == DT_STRTAB) {
        strings = elf.getLong(at + 8);
      }
    }
    int offset = fileOffset(strings, segments);
    names.forEach(name -> needed.add(text(elf, offset + Math.toIntExact(name))));
  }

  private static int fileOffset(long address, List<Segment> segments) {
    for (Segment segment : segments) {
      if (segment.type == PT_LOAD
          && address >= segment.address
          && address < segment.address + segment.size) {
        return Math.toIntExact(address - segment.address + segment.offset);
      }
    }
    return Math.toIntExact(address);
  }

  private static String text(ByteBuffer elf, int from) {
    int to = from;
    while (elf.get(to) != 0) {
      to++;
    }
    byte[] bytes = new byte[to - from];
    elf.get(from, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
