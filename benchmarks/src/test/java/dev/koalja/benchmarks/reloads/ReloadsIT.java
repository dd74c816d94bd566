package dev.koalja.benchmarks.reloads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.benchmarks.Report;
import dev.koalja.benchmarks.Run;
import dev.koalja.benchmarks.Series;
import dev.koalja.launch.KoaljaHome;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A few reloads under load, one of them broken, one with another wiring; a hundred with {@code
 * -Pfull}. Loss, a double, a dead letter or a process left behind makes the measurement fail.
 */
@Tag("long")
@Timeout(900)
class ReloadsIT {
  private static final boolean FULL = "full".equals(System.getProperty("koalja.depth"));

  @Test
  void shouldLoseAndDoubleNothingWhileCodeChanges(
      @TempDir(cleanup = CleanupMode.ON_SUCCESS) Path scratch) throws Exception {
    Report report = new Reloads().run(new Run(FULL ? 100 : 6, KoaljaHome.find().root(), scratch));

    assertThat(report.series())
        .extracting(Series::subject)
        .containsExactly("code", "code and wiring", "broken code");
    report.notes().forEach(note -> System.out.println("reloads: " + note));
  }
}
