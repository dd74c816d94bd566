package dev.koalja.benchmarks.coldstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryPartsTest {
  private static final String SMAPS =
      """
      55001000-55c53000 rw-p 00001000 fe:00 1 /srv/app.aot
      Size:              12616 kB
      Rss:               10000 kB
      55c53000-56df3000 r--p 00c53000 fe:00 1 /srv/app.aot
      Rss:               20000 kB
      57000000-57400000 rw-p 00000000 00:00 0\s
      Rss:                 100 kB
      687400000-68d200000 rw-p 00000000 00:00 0\s
      Rss:                9000 kB
      68d200000-704e00000 ---p 00000000 00:00 0\s
      Rss:                   0 kB
      7fc470000000-7fc470270000 rwxp 00000000 00:00 0\s
      Rss:                1500 kB
      7fc475000000-7fc476000000 r-xp 00000000 fe:00 2 /jre/lib/server/libjvm.so
      Rss:               15000 kB
      7fc476000000-7fc476100000 r-xp 00000000 fe:00 3 /usr/lib/libc.so.6
      Rss:                2000 kB
      7ffd00000000-7ffd00020000 rw-p 00000000 00:00 0 [stack]
      Rss:                  32 kB
      """;

  @TempDir Path folder;

  private MemoryParts parts(String log) throws IOException {
    MemoryParts parts = new MemoryParts();
    parts.add(
        Files.writeString(folder.resolve("smaps"), SMAPS),
        Files.writeString(folder.resolve("heap.log"), log));
    return parts;
  }

  @Test
  void shouldTellWhatMemoryIsMadeOf() throws IOException {
    MemoryParts parts = parts("Heap address: 0x0000000687400000, size: 6028 MB, Compressed Oops");

    assertThat(MemoryParts.lines(parts, parts))
        .containsExactly(
            "   30.7   30.7  start-up cache: classes, linked",
            "   15.4   15.4  the JVM's own library",
            "    9.2    9.2  Java heap",
            "    1.5    1.5  compiled code",
            "    2.0    2.0  other libraries and files",
            "    0.1    0.1  the JVM's own data, threads");
  }

  @Test
  void shouldRefuseALogThatDoesNotSayWhereTheHeapLies() {
    assertThatThrownBy(() -> parts("[warning] no such tag"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("where its heap lies");
  }
}
