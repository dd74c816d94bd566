package dev.koalja.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.show.EventLine;
import dev.koalja.cli.show.ShortIds;
import dev.koalja.cli.show.Table;
import dev.koalja.cli.show.Words;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code koalja deadletter}. */
@Command(
    name = "deadletter",
    description =
        "Dead letters: events that a task could not process, kept until somebody decides.",
    subcommands = {
      DeadLetterCommand.ListCommand.class,
      DeadLetterCommand.DescribeCommand.class,
      DeadLetterCommand.RetryCommand.class,
      DeadLetterCommand.EditCommand.class,
      DeadLetterCommand.DeleteCommand.class
    },
    footer = {"", "Example:", "  koalja deadletter list"})
final class DeadLetterCommand extends Group {

  /** {@code koalja deadletter list}. */
  @Command(
      name = "list",
      description = "Show open dead letters and unreadable records, by task and cause.",
      footer = {"", "Example:", "  koalja deadletter list --task price"})
  static final class ListCommand implements Runnable {
    @Mixin Shared shared = new Shared();

    @Option(names = "--task", description = "Only those of one task.")
    @Nullable String task;

    @Option(names = "--all", description = "Also those that were retried or deleted, one by one.")
    boolean all;

    @Override
    public void run() {
      try (ControlClient control = shared.control()) {
        JsonNode letters =
            control.get(
                "/api/deadletters" + (task == null ? "" : "?task=" + ControlClient.encode(task)));
        if (shared.json) {
          shared.print(letters);
        } else if (all) {
          one(letters);
        } else {
          grouped(letters);
        }
      }
    }

    private void grouped(JsonNode letters) {
      Map<String, List<JsonNode>> groups = new LinkedHashMap<>();
      for (JsonNode letter : letters) {
        if (letter.path("state").asText().equals("open")) {
          groups
              .computeIfAbsent(
                  letter.path("task").asText() + "\n" + letter.path("cause").asText(),
                  _ -> new ArrayList<>())
              .add(letter);
        }
      }
      if (groups.isEmpty()) {
        shared.screen().note("No dead letters.");
        return;
      }
      ShortIds ids = ids(letters);
      Table table = new Table("TASK", "CAUSE", "COUNT", "OLDEST", "EXAMPLE");
      for (List<JsonNode> group : groups.values()) {
        JsonNode first = group.getFirst();
        table.row(
            first.path("task").asText(),
            Words.clip(cause(first), 80),
            String.valueOf(group.size()),
            time(first),
            name(ids, first));
      }
      table.print(shared.screen());
    }

    private void one(JsonNode letters) {
      ShortIds ids = ids(letters);
      Table table = new Table("ID", "TASK", "STATE", "TIME", "ATTEMPTS", "CAUSE");
      for (JsonNode letter : letters) {
        table.row(
            name(ids, letter),
            letter.path("task").asText(),
            letter.path("state").asText(),
            time(letter),
            letter.path("attempts").asText("–"),
            Words.clip(cause(letter), 80));
      }
      table.print(shared.screen());
    }

    private ShortIds ids(JsonNode letters) {
      List<String> all = new ArrayList<>();
      letters.forEach(letter -> all.add(letter.path("id").asText()));
      return ShortIds.of(shared.screen(), all);
    }

    private static String name(ShortIds ids, JsonNode letter) {
      String id = letter.path("id").asText("");
      return id.isEmpty() ? place(letter) : ids.show(id);
    }
  }

  /** {@code koalja deadletter describe}. */
  @Command(
      name = "describe",
      description = "Show one dead letter: the event, its data, every attempt.",
      footer = {"", "Example:", "  koalja deadletter describe 01J8…7QK3M"})
  static final class DescribeCommand implements Runnable {
    @Mixin Shared shared = new Shared();

    @Parameters(paramLabel = "ID", description = "The event's id.")
    String id = "";

    @Override
    public void run() {
      try (ControlClient control = shared.control()) {
        JsonNode letter = control.get("/api/deadletters/" + ControlClient.encode(id));
        if (shared.json) {
          shared.print(letter);
          return;
        }
        for (String field :
            List.of("id", "source", "type", "key", "pipeline", "task", "input", "state", "code")) {
          if (!letter.path(field).asText("").isEmpty()) {
            shared.screen().line("%-9s %s".formatted(field, letter.path(field).asText()));
          }
        }
        shared.screen().line("%-9s %s".formatted("time", time(letter)));
        shared.screen().line("%-9s %s".formatted("stands at", place(letter)));
        shared.screen().line("%-9s %s".formatted("cause", cause(letter)));
        shared.screen().line("%-9s %s".formatted("attempts", letter.path("attempts").asText()));
        attempts(letter).forEach(shared.screen()::line);
        shared.screen().line("%-9s %s".formatted("data", EventLine.data(letter)));
      }
    }
  }

  /** Each call that was made, as the journal has it. */
  static List<String> attempts(JsonNode letter) {
    List<String> lines = new ArrayList<>();
    for (JsonNode attempt : letter.path("invocation").path("attempts")) {
      String status = attempt.hasNonNull("status") ? attempt.path("status").asText() : "no answer";
      lines.add(
          "%9s %s  %s  %s  %s"
              .formatted(
                  attempt.path("number").asText(),
                  Words.time(Instant.parse(attempt.path("startedAt").asText())),
                  Words.duration(Duration.parse(attempt.path("took").asText())),
                  status,
                  Words.clip(attempt.path("error").path("cause").asText(), 200)));
    }
    return lines;
  }

  /** {@code koalja deadletter edit}. */
  @Command(
      name = "edit",
      description = "Change the data of a dead letter and send it back to its task.",
      footer = {
        "",
        "Examples:",
        "  koalja deadletter edit 01J8…7QK3M",
        "  jq '.sku = \"A\"' order.json | koalja deadletter edit 01J8…7QK3M --data -"
      })
  static final class EditCommand implements Runnable {
    @Mixin Shared shared = new Shared();

    @Parameters(paramLabel = "ID", description = "The event's id.")
    String id = "";

    @Option(
        names = "--data",
        paramLabel = "FILE",
        description = "Take the data from a file, - for standard input; by default $EDITOR opens.")
    @Nullable String data;

    @Override
    public void run() {
      try (ControlClient control = shared.control()) {
        JsonNode letter = control.get("/api/deadletters/" + ControlClient.encode(id));
        byte[] edited = data == null ? Editor.edit(text(letter)) : read(data);
        JsonNode answer =
            control.send(
                "POST",
                "/api/deadletters/" + ControlClient.encode(colons(letter)) + "/edit",
                Map.of("Content-Type", "application/octet-stream"),
                edited);
        if (answer.path("edited").asLong() == 0) {
          throw CliException.unavailable(
              "not sent back: its record is not kept any more, or its task is not in force");
        }
        if (shared.json) {
          shared.print(answer);
        } else {
          shared.screen().line("1 event sent back with other data.");
        }
      }
    }

    private static String colons(JsonNode letter) {
      return letter.path("place").asText();
    }

    private static String text(JsonNode letter) {
      if (letter.hasNonNull("data_base64")) {
        throw CliException.usage("its data is no text: give other data with --data FILE");
      }
      JsonNode data = letter.path("data");
      boolean json = letter.path("datacontenttype").asText("").contains("json");
      return json || !data.isTextual() ? data.toPrettyString() + "\n" : data.asText();
    }

    private static byte[] read(String file) {
      try {
        return file.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file));
      } catch (IOException e) {
        throw CliException.usage(file + " cannot be read: " + e);
      }
    }
  }

  /** What letters are meant. */
  static final class Selection {
    @Parameters(paramLabel = "ID", arity = "0..*", description = "Ids of events.")
    List<String> ids = List.of();

    @Option(names = "--task", description = "All of this task.")
    @Nullable String task;

    @Option(names = "--pipeline", description = "All of this pipeline.")
    @Nullable String pipeline;

    @Option(names = "--cause", description = "All whose cause has this text in it.")
    @Nullable String cause;

    Map<String, Object> body() {
      Map<String, Object> body = new LinkedHashMap<>();
      if (task != null) {
        body.put("task", task);
      }
      if (pipeline != null) {
        body.put("pipeline", pipeline);
      }
      if (cause != null) {
        body.put("cause", cause);
      }
      if (!ids.isEmpty()) {
        body.put("ids", ids);
      }
      if (body.isEmpty()) {
        throw CliException.usage("which ones? Give ids, --task, --cause or --pipeline");
      }
      return body;
    }
  }

  /** Does something with the letters that were selected, and says with how many. */
  abstract static class Action implements Runnable {
    @Mixin Shared shared = new Shared();
    @Mixin Selection selection = new Selection();

    /** Asks for {@code /api/deadletters/<verb>}. */
    final JsonNode ask(String verb) {
      Map<String, Object> body = selection.body();
      try (ControlClient control = shared.control()) {
        return control.post("/api/deadletters/" + verb, body);
      }
    }

    final void show(JsonNode answer, String line) {
      if (shared.json) {
        shared.print(answer);
      } else {
        shared.screen().line(line);
      }
    }
  }

  /** {@code koalja deadletter retry}. */
  @Command(
      name = "retry",
      description = "Send dead letters back to the task that failed on them, and to no other.",
      footer = {"", "Example:", "  koalja deadletter retry --task price --cause 'unknown sku'"})
  static final class RetryCommand extends Action {
    @Override
    public void run() {
      JsonNode answer = ask("retry");
      show(answer, Words.count(answer.path("retried").asLong(), "event") + " sent back.");
    }
  }

  /** {@code koalja deadletter delete}. */
  @Command(
      name = "delete",
      description = "Close dead letters without another try.",
      footer = {"", "Example:", "  koalja deadletter delete 01J8…7QK3M"})
  static final class DeleteCommand extends Action {
    @Override
    public void run() {
      JsonNode answer = ask("delete");
      show(answer, Words.count(answer.path("deleted").asLong(), "dead letter") + " closed.");
    }
  }

  private static String time(JsonNode letter) {
    return letter.hasNonNull("time")
        ? Words.time(Instant.parse(letter.path("time").asText()))
        : "–";
  }

  private static String cause(JsonNode letter) {
    return letter.path("kind").asText().equals("quarantine")
        ? "unreadable: " + letter.path("cause").asText()
        : letter.path("cause").asText();
  }

  private static String place(JsonNode letter) {
    return "%s/%s/%s"
        .formatted(
            letter.path("topic").asText(),
            letter.path("partition").asText(),
            letter.path("offset").asText());
  }
}
