package dev.koalja.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A report as text for people. */
final class ReportTable {
  private ReportTable() {}

  static String of(Report report) {
    StringBuilder text = new StringBuilder();
    List<String> metrics = report.series().stream().map(Series::metric).distinct().toList();
    List<String> subjects = report.series().stream().map(Series::subject).distinct().toList();
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of(report.measurement()));
    for (String metric : metrics) {
      head.add(metric + " " + unit(report, metric));
      if (compared(report, metric)) {
        head.add("ratio");
      }
    }
    rows.add(head);
    for (String subject : subjects) {
      List<String> row = new ArrayList<>(List.of(subject));
      for (String metric : metrics) {
        report.series().stream()
            .filter(each -> each.subject().equals(subject) && each.metric().equals(metric))
            .findFirst()
            .ifPresentOrElse(
                each -> {
                  row.add(quartiles(each.quartiles()));
                  if (compared(report, metric)) {
                    row.add(each.ratios().map(ReportTable::ratio).orElse("1"));
                  }
                },
                () -> row.addAll(compared(report, metric) ? List.of("", "") : List.of("")));
      }
      rows.add(row);
    }
    text.append(aligned(rows)).append('\n');
    for (Aim aim : report.aims()) {
      text.append(
          "%s: %s (aim %s) %s%n"
              .formatted(
                  aim.what(), number(aim.measured()), number(aim.bound()), aim.met() ? "✓" : "✗"));
    }
    Machine machine = report.machine();
    text.append(
        "%d rounds, interleaved; median (quartiles)%s%n"
            .formatted(
                report.rounds(),
                metrics.stream().anyMatch(metric -> compared(report, metric))
                    ? "; ratio to %s, round by round".formatted(reference(report))
                    : ""));
    text.append(
        "%d processors, load %s before and %s after, JDK %s, %s%n"
            .formatted(
                machine.processors(),
                number(machine.loadBefore()),
                number(machine.loadAfter()),
                machine.java(),
                machine.system()));
    report.notes().forEach(note -> text.append(note).append('\n'));
    return text.toString();
  }

  /** Whether the subjects are compared in it; else there is no ratio to show. */
  private static boolean compared(Report report, String metric) {
    return report.series().stream()
        .anyMatch(each -> each.metric().equals(metric) && each.ratios().isPresent());
  }

  /** What ratios are to; there may be several, each with its peers below it. */
  private static String reference(Report report) {
    List<String> references =
        report.series().stream()
            .filter(each -> each.ratios().isEmpty())
            .map(Series::subject)
            .distinct()
            .toList();
    return references.size() == 1 ? references.getFirst() : "the nearest row above with 1";
  }

  private static String unit(Report report, String metric) {
    return report.series().stream()
        .filter(each -> each.metric().equals(metric))
        .map(Series::unit)
        .findFirst()
        .orElse("");
  }

  private static String quartiles(Quartiles values) {
    return "%s (%s–%s)"
        .formatted(number(values.median()), number(values.lower()), number(values.upper()));
  }

  private static String ratio(Quartiles ratios) {
    return "× %s (%s–%s)"
        .formatted(number(ratios.median()), number(ratios.lower()), number(ratios.upper()));
  }

  /** Three digits that count; more would be noise. */
  static String number(double value) {
    double size = Math.abs(value);
    if (size >= 100_000) {
      return "%.0fk".formatted(value / 1000);
    }
    return String.format(Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f", value);
  }

  private static String aligned(List<List<String>> rows) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int column = 0; column < columns; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        line.append(row.get(column)).repeat(' ', widths[column] - row.get(column).length() + 2);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
