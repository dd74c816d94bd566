package dev.koalja.benchmarks.day;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.benchmarks.day.TopicBytes.Purpose;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DayTest {
  @Test
  void shouldHaveTwoEqualWavesWithNothingByNight() {
    for (int night : new int[] {0, 1, 11, 12, 13, 23}) {
      assertThat(Clock.share(night)).isZero();
    }
    assertThat(Clock.share(6)).isEqualTo(1);
    assertThat(Clock.share(2)).isBetween(0.1, 0.3).isEqualTo(Clock.share(10));
    for (int hour = 0; hour < 12; hour++) {
      assertThat(Clock.share(12 + hour)).as("hour %d", hour).isEqualTo(Clock.share(hour));
    }
  }

  @Test
  void shouldCountRecordsOfTopicsAndNothingElse(@TempDir Path folder) throws Exception {
    write(folder.resolve("log/koalja.shop.order-0/00000000000000000000.log"), 10);
    write(folder.resolve("log/koalja.shop.order-1/00000000000000000007.log"), 5);
    write(folder.resolve("log/koalja.shop.order-1/00000000000000000000.log.deleted"), 99);
    write(folder.resolve("log/koalja.shop.order-1/00000000000000000007.index"), 99);
    write(folder.resolve("log/koalja-journal.shop-0/00000000000000000000.log"), 20);
    write(folder.resolve("log/koalja-state.shop.ship-0/00000000000000000000.log"), 30);
    write(folder.resolve("log/__consumer_offsets-3/00000000000000000000.log"), 40);
    write(folder.resolve("log/__cluster_metadata-0/00000000000000000000.log"), 50);
    assertThat(TopicBytes.of(folder))
        .isEqualTo(
            Map.of(
                Purpose.LINKS,
                15L,
                Purpose.JOURNAL,
                20L,
                Purpose.TASKS,
                30L,
                Purpose.KAFKA,
                40L,
                Purpose.METADATA,
                50L));
  }

  private static void write(Path file, int bytes) throws Exception {
    Files.createDirectories(file.resolveSibling(""));
    Files.write(file, new byte[bytes]);
  }
}
