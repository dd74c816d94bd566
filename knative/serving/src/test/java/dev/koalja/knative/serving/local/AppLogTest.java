package dev.koalja.knative.serving.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppLogTest {
  @TempDir Path folder;

  @Test
  void shouldKeepTheLastLinesAcrossRotationAndReopening() {
    try (AppLog log = new AppLog(folder, "shop", 100)) {
      for (int i = 0; i < 12; i++) {
        log.append(7, "line number " + i);
      }
      assertThat(log.last(3))
          .containsExactly("[7] line number 9", "[7] line number 10", "[7] line number 11");
    }
    try (AppLog log = new AppLog(folder, "shop", 100)) {
      log.append(8, "grüße");
      assertThat(log.last(2)).containsExactly("[7] line number 11", "[8] grüße");
      assertThat(log.last(0)).isEmpty();
    }
  }

  @Test
  void shouldNeverKeepMoreThanTwiceTheLimit() throws IOException {
    try (AppLog log = new AppLog(folder, "shop", 1000)) {
      for (int i = 0; i < 1000; i++) {
        log.append(7, "a line of some length, number " + i);
      }
    }
    long kept = Files.size(folder.resolve("shop.log")) + Files.size(folder.resolve("shop.log.1"));
    assertThat(kept).isBetween(1000L, 2000L);
  }

  @Test
  void shouldGoOnAfterARotationThatFailed() throws IOException {
    Path inTheWay = folder.resolve("shop.log.1");
    Files.createDirectories(inTheWay.resolve("child"));
    try (AppLog log = new AppLog(folder, "shop", 20)) {
      log.append(7, "first line");
      log.append(7, "lost: no place for it");
      Files.delete(inTheWay.resolve("child"));
      Files.delete(inTheWay);
      log.append(7, "second line");
      assertThat(log.last(10)).containsExactly("[7] first line", "[7] second line");
    }
  }

  @Test
  void shouldNotWriteAfterItWasClosed() throws IOException {
    AppLog log = new AppLog(folder, "shop", 100);
    log.append(7, "first line");
    log.close();
    log.append(7, "from a process that still ends");
    log.flush();
    assertThat(folder.resolve("shop.log")).hasContent("[7] first line\n");
  }

  @Test
  void shouldFollowWithoutGapOrRepeat() throws InterruptedException {
    List<String> seen = new ArrayList<>();
    LogFollower follower;
    try (AppLog log = new AppLog(folder, "shop", 10_000)) {
      log.append(1, "a");
      log.append(1, "b");
      follower = log.follow(1);
      log.append(2, "c");
      seen.add(follower.next(Duration.ofSeconds(5)).orElseThrow());
      seen.add(follower.next(Duration.ofSeconds(5)).orElseThrow());
      assertThat(follower.next(Duration.ofMillis(1))).isEmpty();
    }
    assertThat(follower.ended()).isTrue();
    assertThat(seen).containsExactly("[1] b", "[2] c");
  }

  @Test
  void shouldTellASlowReaderWhatItMissed() throws InterruptedException {
    try (LogFollower follower = new LogFollower(_ -> {})) {
      for (int i = 0; i < 10_005; i++) {
        follower.offer("line " + i);
      }
      assertThat(follower.next(Duration.ZERO)).hasValueSatisfying(line -> line.contains("5 lines"));
      assertThat(follower.next(Duration.ZERO)).contains("line 5");
    }
  }

  @Test
  void shouldCutLinesThatAreTooLong() throws IOException {
    String text = "short\r\n" + "x".repeat(40_000) + "\nlast";
    List<Integer> lengths = new ArrayList<>();
    BoundedLines.read(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
        line -> lengths.add(line.length()),
        () -> {});
    assertThat(lengths).containsExactly(5, 16384, 16384, 7232, 4);
  }
}
