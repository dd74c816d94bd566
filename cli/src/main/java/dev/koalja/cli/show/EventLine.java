package dev.koalja.cli.show;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** One event of a link in one line: when, id, key, data, and what made it. */
public final class EventLine {
  private final Screen screen;
  private final ShortIds ids;

  /** Lines for {@code screen}. */
  public EventLine(Screen screen) {
    this.screen = screen;
    this.ids = ShortIds.of(screen);
  }

  /** The line of an event as the control API gives it. */
  public String of(JsonNode event) {
    StringBuilder line = new StringBuilder();
    line.append(Words.time(Instant.parse(event.path("time").asText("1970-01-01T00:00:00Z"))))
        .append("  ")
        .append(ids.show(event.path("id").asText()))
        .append("  ");
    if (event.hasNonNull("key")) {
      line.append("key ").append(event.path("key").asText()).append("  ");
    }
    String made = maker(event.path("producer"));
    int room =
        screen.terminal()
            ? Math.max(30, screen.columns() - line.length() - made.length() - 2)
            : 2000;
    line.append(Words.clip(data(event), room));
    return made.isEmpty() ? line.toString() : line + "  " + screen.dim(made);
  }

  private static String maker(JsonNode producer) {
    if (!producer.isObject()) {
      return "";
    }
    StringBuilder text = new StringBuilder(producer.path("task").asText());
    text.append('@').append(producer.path("revision").asText());
    if (producer.has("tookMs")) {
      text.append("  ").append(Words.duration(Duration.ofMillis(producer.path("tookMs").asLong())));
    }
    if (producer.has("coldStartMs")) {
      text.append("  (cold ")
          .append(Words.duration(Duration.ofMillis(producer.path("coldStartMs").asLong())))
          .append(')');
    }
    return text.toString();
  }

  /** The data of an event as text: JSON as it is, text without its quotes, bytes by their size. */
  public static String data(JsonNode event) {
    if (event.hasNonNull("data_base64")) {
      long bytes = event.path("data_base64").asText().length() * 3L / 4;
      return "%s of %s".formatted(Words.size(bytes), event.path("datacontenttype").asText("bytes"));
    }
    JsonNode data = event.path("data");
    if (data.isMissingNode() || data.isNull()) {
      return "no data";
    }
    boolean json =
        event.path("datacontenttype").asText("").toLowerCase(Locale.ROOT).contains("json");
    return data.isTextual() && !json ? data.asText() : data.toString();
  }
}
