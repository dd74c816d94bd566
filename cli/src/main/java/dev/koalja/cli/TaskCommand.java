package dev.koalja.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.control.TaskReference;
import dev.koalja.cli.show.Table;
import dev.koalja.cli.show.TaskDescription;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code koalja task}. */
@Command(
    name = "task",
    description = "Tasks: the nodes of the circuit.",
    subcommands = {TaskCommand.ListCommand.class, TaskCommand.DescribeCommand.class},
    footer = {"", "Examples:", "  koalja task list", "  koalja task describe price"})
final class TaskCommand extends Group {
  /** {@code koalja task list}. */
  @Command(
      name = "list",
      description = "Show all tasks, what they read and write, and how they fare.",
      footer = {"", "Example:", "  koalja task list"})
  static final class ListCommand implements Runnable {
    @Mixin Shared shared = new Shared();

    @Override
    public void run() {
      try (ControlClient control = shared.control()) {
        JsonNode tasks = control.get("/api/tasks");
        if (shared.json) {
          shared.print(tasks);
          return;
        }
        Table table =
            new Table(
                "PIPELINE", "TASK", "APP", "READS", "WRITES", "LAG", "DONE", "FAILED", "DEAD");
        for (JsonNode task : tasks) {
          table.row(
              task.path("pipeline").asText(),
              task.path("task").asText(),
              task.path("app").asText("–"),
              links(task.path("inputs")),
              links(task.path("outputs")),
              String.valueOf(lag(task)),
              task.path("done").asText("0"),
              task.path("failed").asText("0"),
              String.valueOf(
                  task.path("deadLetters").asLong() + task.path("quarantined").asLong()));
        }
        table.print(shared.screen());
      }
    }
  }

  /** {@code koalja task describe}. */
  @Command(
      name = "describe",
      description = "Show what a task does, and how its processes start: the last start by phase.",
      footer = {
        "",
        "Examples:",
        "  koalja task describe price",
        "  koalja task describe shop/price --json"
      })
  static final class DescribeCommand implements Runnable {
    @Mixin Shared shared = new Shared();

    @Parameters(paramLabel = "TASK", description = "The task, or pipeline/task.")
    String task = "";

    @Override
    public void run() {
      try (ControlClient control = shared.control()) {
        TaskDescription description =
            new TaskDescription(
                TaskReference.find(control.get("/api/tasks"), task),
                control.get("/serving/apps"),
                control.get("/router/readers"));
        if (shared.json) {
          shared.print(description.json());
        } else {
          description.lines().forEach(shared.screen()::line);
        }
      }
    }
  }

  static String links(JsonNode ports) {
    List<String> links = new ArrayList<>();
    ports.forEach(port -> links.add(port.path("link").asText()));
    return links.isEmpty() ? "–" : String.join(", ", links);
  }

  static long lag(JsonNode task) {
    return task.path("lag").asLong();
  }
}
