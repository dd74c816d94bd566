package dev.koalja.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeriesTest {
  private static final Series OURS =
      Series.reference("ours", "time", "ms", List.of(100.0, 200.0, 300.0));

  @Test
  void shouldInterpolateQuartiles() {
    assertThat(Quartiles.of(List.of(4.0, 1.0, 3.0, 2.0))).isEqualTo(new Quartiles(1.75, 2.5, 3.25));
    assertThat(Quartiles.of(List.of(7.0))).isEqualTo(new Quartiles(7, 7, 7));
    assertThatThrownBy(() -> Quartiles.of(List.of())).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldCompareRoundByRound() {
    Series peer = Series.compared("peer", OURS, List.of(200.0, 400.0, 900.0));
    assertThat(peer.ratios()).contains(new Quartiles(2, 2, 2.5));
    assertThat(OURS.ratios()).isEmpty();
  }

  @Test
  void shouldPrintRatiosAimsAndLoad() {
    Series peer = Series.compared("peer", OURS, List.of(200.0, 400.0, 900.0));
    Report report =
        new Report(
            "cold-start",
            Instant.EPOCH,
            3,
            new Machine(2, "25", "Linux amd64", 1.5, 2.25),
            List.of(OURS, peer),
            List.of(Aim.atMost("ours / peer", 0.5, 0.6), Aim.atLeast("rate", 0.4, 0.5)),
            List.of("a note"));
    assertThat(ReportTable.of(report))
        .contains("cold-start  time ms        ratio")
        .contains("peer        400 (300–650)  × 2.00 (2.00–2.50)")
        .contains("ours / peer: 0.50 (aim 0.60) ✓")
        .contains("rate: 0.40 (aim 0.50) ✗")
        .contains("load 1.50 before and 2.25 after")
        .contains("a note");
  }

  @Test
  void shouldShowNoRatioWhereNothingIsCompared() {
    Series alone = Series.reference("other", "rest", "ms", List.of(7.0));
    String table = table(List.of(OURS, alone));
    assertThat(table)
        .contains("time ms        rest ms\n")
        .contains("(quartiles)\n")
        .doesNotContain("ratio");
    assertThat(table(List.of(OURS, alone, Series.compared("peer", OURS, List.of(1.0, 1.0, 1.0)))))
        .contains("time ms           ratio               rest ms\n")
        .contains("ratio to the nearest row above with 1");
  }

  private static String table(List<Series> series) {
    Machine machine = new Machine(2, "25", "Linux amd64", 1.5, 2.25);
    return ReportTable.of(
        new Report("latency", Instant.EPOCH, 3, machine, series, List.of(), List.of()));
  }
}
