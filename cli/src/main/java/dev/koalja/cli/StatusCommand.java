package dev.koalja.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.show.Table;
import dev.koalja.cli.show.TaskDescription;
import dev.koalja.cli.show.WaitingSnapshot;
import dev.koalja.cli.show.Words;
import dev.koalja.pipeline.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code koalja status}. */
@Command(
    name = "status",
    description = "Show what every task does now, what waits, and what went wrong.",
    footer = {"", "Example:", "  koalja status"})
final class StatusCommand implements Runnable {
  @Mixin Shared shared = new Shared();

  @Override
  public void run() {
    try (ControlClient control = shared.control()) {
      JsonNode tasks = control.get("/api/tasks");
      JsonNode readers = control.get("/router/readers");
      JsonNode snapshots = control.get("/router/snapshots");
      JsonNode apps = control.get("/serving/apps");
      if (shared.json) {
        ObjectNode all = Json.MAPPER.createObjectNode();
        all.set("tasks", tasks);
        all.set("readers", readers);
        all.set("snapshots", snapshots);
        all.set("apps", apps);
        shared.print(all);
        return;
      }
      print(tasks, readers, snapshots, apps);
    }
  }

  private void print(JsonNode tasks, JsonNode readers, JsonNode snapshots, JsonNode apps) {
    Table table =
        new Table(
            "TASK",
            "INPUTS",
            "STATE",
            "INSTANCES",
            "IN FLIGHT",
            "LAG",
            "DONE",
            "FAILED",
            "COLD p50");
    List<String> remarks = new ArrayList<>();
    for (JsonNode task : tasks) {
      List<JsonNode> mine = of(task, readers);
      List<WaitingSnapshot> waiting = waiting(task, snapshots);
      long inFlight = mine.stream().mapToLong(each -> each.path("inFlight").asLong()).sum();
      long lag = mine.isEmpty() ? TaskCommand.lag(task) : toDo(mine);
      table.row(
          task.path("task").asText(),
          TaskCommand.links(task.path("inputs")),
          state(mine, inFlight, lag, !waiting.isEmpty()),
          instances(task, apps),
          String.valueOf(inFlight),
          String.valueOf(lag),
          task.path("done").asText("0"),
          task.path("failed").asText("0"),
          coldStart(task, apps));
      remarks.addAll(remarks(task, mine));
      long incomplete = waiting.stream().filter(WaitingSnapshot::incomplete).count();
      if (incomplete > 0) {
        remarks.add(incomplete(task.path("task").asText(), incomplete));
      }
    }
    table.print(shared.screen());
    for (JsonNode app : apps) {
      if (app.hasNonNull("reason")) {
        remarks.add("app %s: %s".formatted(app.path("app").asText(), app.path("reason").asText()));
      }
      if (app.hasNonNull("withoutCache")) {
        remarks.add(
            "app %s starts without its start-up cache, mvn package makes a new one: %s"
                .formatted(app.path("app").asText(), app.path("withoutCache").asText()));
      }
      if (app.path("prewarmPaused").asBoolean()) {
        remarks.add(
            "app %s is not started ahead of need any more: the last starts were in vain"
                .formatted(app.path("app").asText()));
      }
    }
    remarks.forEach(shared.screen()::line);
  }

  private static List<JsonNode> of(JsonNode task, JsonNode readers) {
    List<JsonNode> mine = new ArrayList<>();
    for (JsonNode reader : readers) {
      if (reader.path("task").equals(task.path("task"))
          && reader.path("pipeline").equals(task.path("pipeline"))) {
        mine.add(reader);
      }
    }
    return mine;
  }

  /**
   * What the readers have still to do. They know it better than the positions in Kafka, behind
   * which may stand nothing but markers of transactions.
   */
  private static long toDo(List<JsonNode> readers) {
    return readers.stream()
        .mapToLong(each -> each.path("lag").asLong() + each.path("buffered").asLong())
        .sum();
  }

  private static List<WaitingSnapshot> waiting(JsonNode task, JsonNode snapshots) {
    List<WaitingSnapshot> mine = new ArrayList<>();
    for (JsonNode each : snapshots) {
      WaitingSnapshot snapshot = new WaitingSnapshot(each);
      if (snapshot.isOf(task.path("pipeline").asText(), task.path("task").asText())) {
        mine.add(snapshot);
      }
    }
    return mine;
  }

  private static String incomplete(String task, long count) {
    return "%s of %s %s incomplete: koalja snapshot list --waiting"
        .formatted(Words.count(count, "snapshot"), task, count == 1 ? "is" : "are");
  }

  private static String state(List<JsonNode> readers, long inFlight, long lag, boolean waiting) {
    for (JsonNode reader : readers) {
      String state = reader.path("state").asText();
      if (!state.equals("running")) {
        return state;
      }
    }
    if (readers.stream().anyMatch(reader -> reader.path("circuitOpen").asBoolean())) {
      return "circuit open";
    }
    if (readers.stream().anyMatch(reader -> reader.path("retrying").asLong() > 0)) {
      return "retrying";
    }
    if (readers.isEmpty()) {
      return "no reader";
    }
    if (inFlight + lag > 0) {
      return "busy";
    }
    return waiting ? "waiting" : "idle";
  }

  private static String instances(JsonNode task, JsonNode apps) {
    for (JsonNode app : apps) {
      if (TaskDescription.hosts(app, task)) {
        return String.valueOf(app.path("instances").size());
      }
    }
    return "0";
  }

  private static String coldStart(JsonNode task, JsonNode apps) {
    if (task.hasNonNull("coldStartP50Ms")) {
      return Words.duration(Duration.ofMillis(task.path("coldStartP50Ms").asLong()));
    }
    for (JsonNode app : apps) {
      if (TaskDescription.hosts(app, task) && app.hasNonNull("coldStartP50Ms")) {
        return Words.duration(Duration.ofMillis(app.path("coldStartP50Ms").asLong()));
      }
    }
    return "–";
  }

  private static List<String> remarks(JsonNode task, List<JsonNode> readers) {
    List<String> remarks = new ArrayList<>();
    String name = task.path("task").asText();
    for (JsonNode reader : readers) {
      if (reader.hasNonNull("reason")) {
        remarks.add(
            "%s is %s on %s: %s"
                .formatted(
                    name,
                    reader.path("state").asText(),
                    reader.path("link").asText(),
                    reader.path("reason").asText()));
      }
    }
    long dead = task.path("deadLetters").asLong();
    if (dead > 0) {
      remarks.add(
          "%s of %s: koalja deadletter list".formatted(Words.count(dead, "dead letter"), name));
    }
    long quarantined = task.path("quarantined").asLong();
    if (quarantined > 0) {
      remarks.add(
          "%s before %s in quarantine: koalja deadletter list"
              .formatted(Words.count(quarantined, "unreadable record"), name));
    }
    return remarks;
  }
}
