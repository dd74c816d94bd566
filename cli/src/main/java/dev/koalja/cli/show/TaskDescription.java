package dev.koalja.cli.show;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.pipeline.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** What a task does and how the processes start that run it. */
public final class TaskDescription {
  private final JsonNode task;
  private final JsonNode app;
  private final List<JsonNode> readers;

  /**
   * Describes a task.
   *
   * @param task its entry of {@code /api/tasks}
   * @param apps what {@code /serving/apps} answers
   * @param readers what {@code /router/readers} answers
   */
  public TaskDescription(JsonNode task, JsonNode apps, JsonNode readers) {
    this.task = task;
    this.app =
        StreamSupport.stream(apps.spliterator(), false)
            .filter(each -> hosts(each, task))
            .findFirst()
            .orElse(MissingNode.getInstance());
    this.readers =
        StreamSupport.stream(readers.spliterator(), false)
            .filter(
                each ->
                    each.path("task").equals(task.path("task"))
                        && each.path("pipeline").equals(task.path("pipeline")))
            .toList();
  }

  /** Whether a task runs in the processes of an app. */
  public static boolean hosts(JsonNode app, JsonNode task) {
    return app.path("pipeline").equals(task.path("pipeline"))
        && StreamSupport.stream(app.path("tasks").spliterator(), false)
            .anyMatch(task.path("task")::equals);
  }

  /** For programs. */
  public ObjectNode json() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set("task", task);
    ArrayNode list = json.putArray("readers");
    readers.forEach(list::add);
    if (!app.isMissingNode()) {
      json.set("app", app);
    }
    return json;
  }

  /** For people. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s/%s  %s"
            .formatted(text(task, "pipeline"), text(task, "task"), where(app.path("instances"))));
    lines.add("reads    " + links("inputs"));
    lines.add("writes   " + links("outputs"));
    lines.add(
        "events   %s done, %s failed, %s dead-lettered, %s waiting"
            .formatted(
                number(task, "done"),
                number(task, "failed"),
                task.path("deadLetters").asLong() + task.path("quarantined").asLong(),
                number(task, "lag")));
    for (JsonNode reader : readers) {
      lines.add(
          "reader   %s on %s%s"
              .formatted(
                  text(reader, "state"),
                  text(reader, "link"),
                  reader.hasNonNull("reason") ? ": " + text(reader, "reason") : ""));
    }
    if (!app.isMissingNode()) {
      starts(lines);
    }
    return lines;
  }

  private String where(JsonNode instances) {
    if (app.isMissingNode()) {
      return text(task, "app");
    }
    String pids =
        StreamSupport.stream(instances.spliterator(), false)
            .map(each -> "process %s %s".formatted(text(each, "pid"), text(each, "state")))
            .collect(Collectors.joining(", "));
    return "app %s, %s".formatted(text(app, "app"), pids.isEmpty() ? "at zero" : pids);
  }

  private String links(String ports) {
    String links =
        StreamSupport.stream(task.path(ports).spliterator(), false)
            .map(port -> text(port, "link"))
            .collect(Collectors.joining(", "));
    return links.isEmpty() ? "–" : links;
  }

  private void starts(List<String> lines) {
    lines.add(
        "starts   %s from zero, %s; ahead of need %s useful, %s wasted%s"
            .formatted(
                number(app, "coldStarts"),
                Words.count(app.path("crashes").asLong(), "crash").replace("crashs", "crashes"),
                number(app, "usefulStarts"),
                number(app, "wastedStarts"),
                app.path("prewarmPaused").asBoolean()
                    ? ": the last ones were all wasted, so no more until an event comes"
                    : ""));
    if (app.hasNonNull("withoutCache")) {
      lines.add("cache    not used: " + text(app, "withoutCache"));
    }
    budget(lines);
    if (app.hasNonNull("reason")) {
      lines.add("trouble  " + text(app, "reason"));
    }
    JsonNode last = app.path("lastStartMs");
    if (!last.isEmpty()) {
      lines.addAll(phases(last, app.path("medianStartMs")));
    }
  }

  private void budget(List<String> lines) {
    JsonNode measured = app.path("measuredStart");
    JsonNode budget = measured.path("budgetMs").path(text(task, "task"));
    if (!budget.isNumber()) {
      return;
    }
    double took = measured.path("onReferenceMs").asDouble();
    lines.add(
        "budget   %s for a cold start, %s: %s on the reference machine, %.2f × its program, as measured by the build"
            .formatted(
                Words.duration(Duration.ofMillis(budget.asLong())),
                took > budget.asDouble() ? "exceeded" : "kept",
                Words.duration(Duration.ofMillis(Math.round(took))),
                measured.path("ratio").asDouble()));
  }

  private List<String> phases(JsonNode last, JsonNode medians) {
    Table table = new Table("PHASE", "LAST", "MEDIAN", "");
    double all = 0;
    for (Phase phase : Phase.values()) {
      String word = phase.name().toLowerCase(Locale.ROOT);
      if (phase == Phase.REPLY) {
        table.row("ready after", millis(all), median(), "");
      } else {
        all += last.path(word).asDouble();
      }
      if (last.has(word) || medians.has(word)) {
        table.row(word, millis(last.path(word)), millis(medians.path(word)), phase.is);
      }
    }
    return table.lines();
  }

  private String median() {
    return app.hasNonNull("coldStartP50Ms") ? millis(app.path("coldStartP50Ms")) : "–";
  }

  private static String millis(JsonNode millis) {
    return millis.isNumber() ? millis(millis.asDouble()) : "–";
  }

  private static String millis(double millis) {
    return String.format(Locale.ROOT, millis < 10 ? "%.1f ms" : "%.0f ms", millis);
  }

  private static String text(JsonNode json, String field) {
    return json.path(field).asText();
  }

  private static String number(JsonNode json, String field) {
    return json.path(field).asText("0");
  }

  /** As the serving names them. */
  private enum Phase {
    DECIDE("until the system is asked for a process"),
    SPAWN("until there is one"),
    JVM("until the app's code begins"),
    APP("until it listens"),
    READY("until it says that it is ready"),
    REPLY("the first event, until its answer");

    private final String is;

    Phase(String is) {
      this.is = is;
    }
  }
}
