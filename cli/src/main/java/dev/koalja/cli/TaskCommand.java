package dev.koalja.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.show.Table;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code koalja task}. */
@Command(
    name = "task",
    description = "Tasks: the nodes of the circuit.",
    subcommands = TaskCommand.ListCommand.class,
    footer = {"", "Example:", "  koalja task list"})
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

  static String links(JsonNode ports) {
    List<String> links = new ArrayList<>();
    ports.forEach(port -> links.add(port.path("link").asText()));
    return links.isEmpty() ? "–" : String.join(", ", links);
  }

  static long lag(JsonNode task) {
    return task.path("lag").asLong();
  }
}
