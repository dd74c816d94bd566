package dev.koalja.gateway.webhook;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The CloudEvents adapter table of GitHub; {@code github.table} is the table itself. */
final class GitHubTable {
  private static final String RESOURCE = "github.table";

  /** What an event that is not in the table is mapped by. */
  private static final Row OTHER =
      new Row(new Template("{action}"), new Template("-"), new Template("-"), List.of());

  private final Map<String, Row> rows;

  private GitHubTable(Map<String, Row> rows) {
    this.rows = rows;
  }

  /**
   * How one event is mapped.
   *
   * @param type what follows {@code com.github.<event>.}
   * @param source the source
   * @param subject the subject
   * @param times the first that is there counts
   */
  record Row(Template type, Template source, Template subject, List<Template> times) {}

  static GitHubTable load() {
    Map<String, Row> rows = new LinkedHashMap<>();
    try (InputStream resource = GitHubTable.class.getResourceAsStream(RESOURCE)) {
      if (resource == null) {
        throw new IllegalStateException(RESOURCE + " belongs into the jar");
      }
      new String(resource.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#") && !line.isBlank())
          .skip(1) // the heading
          .map(line -> Arrays.stream(line.split("\\|")).map(String::trim).toList())
          .forEach(cells -> rows.put(cells.get(0), row(cells)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new GitHubTable(rows);
  }

  private static Row row(List<String> cells) {
    return new Row(
        new Template(cells.get(1)),
        new Template(cells.get(2)),
        new Template(cells.get(3)),
        Arrays.stream(cells.get(4).split(",")).map(String::trim).map(Template::new).toList());
  }

  Row of(String event) {
    return rows.getOrDefault(event, OTHER);
  }

  int size() {
    return rows.size();
  }
}
