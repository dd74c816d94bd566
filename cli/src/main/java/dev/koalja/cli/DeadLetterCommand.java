package dev.koalja.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.show.Bytes;
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
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code koalja deadletter}. */
@Command(
    name = "deadletter",
    description =
        "Dead letters: events that a task could not process, and records that are no events"
            + " (quarantine), kept until somebody decides.",
    subcommands = {
      DeadLetterCommand.ListCommand.class,
      DeadLetterCommand.DescribeCommand.class,
      DeadLetterCommand.RetryCommand.class,
      DeadLetterCommand.EditCommand.class,
      DeadLetterCommand.DeleteCommand.class
    },
    footer = {"", "Example:", "  koalja deadletter list"})
final class DeadLetterCommand extends Group {
  private static final String QUARANTINE = "quarantine";

  /** Headers that the router added to a quarantined record. */
  private static final Set<String> WHERE_FROM =
      Set.of("koalja-reason", "koalja-topic", "koalja-partition", "koalja-offset");

  /** {@code koalja deadletter list}. */
  @Command(
      name = "list",
      description = "Show open dead letters and quarantined records, by task and cause.",
      footer = {"", "Example:", "  koalja deadletter list --task price"})
  static final class ListCommand implements Runnable {
    @Mixin Shared shared = new Shared();

    @Option(names = "--task", description = "Only those of one task.")
    @Nullable String task;

    @Option(
        names = "--kind",
        paramLabel = "KIND",
        description = "Only those of one kind: dead-letter or quarantine.")
    @Nullable String kind;

    @Option(names = "--all", description = "Also those that were retried or deleted, one by one.")
    boolean all;

    @Override
    public void run() {
      try (ControlClient control = shared.control()) {
        JsonNode letters = control.get("/api/deadletters" + query());
        if (shared.json) {
          shared.print(letters);
        } else if (all) {
          one(letters);
        } else {
          grouped(letters);
        }
      }
    }

    private String query() {
      List<String> parts = new ArrayList<>();
      if (task != null) {
        parts.add("task=" + ControlClient.encode(task));
      }
      if (kind != null) {
        parts.add("kind=" + ControlClient.encode(kind));
      }
      return parts.isEmpty() ? "" : "?" + String.join("&", parts);
    }

    private void grouped(JsonNode letters) {
      Map<String, List<JsonNode>> groups = new LinkedHashMap<>();
      for (JsonNode letter : letters) {
        if (letter.path("state").asText().equals("open")) {
          groups
              .computeIfAbsent(
                  String.join(
                      "\n",
                      letter.path("task").asText(),
                      kind(letter),
                      letter.path("cause").asText()),
                  _ -> new ArrayList<>())
              .add(letter);
        }
      }
      if (groups.isEmpty()) {
        shared.screen().note("No dead letters.");
        return;
      }
      ShortIds ids = ids(letters);
      Table table = new Table("TASK", "KIND", "CAUSE", "COUNT", "OLDEST", "EXAMPLE");
      for (List<JsonNode> group : groups.values()) {
        JsonNode first = group.getFirst();
        table.row(
            first.path("task").asText(),
            kind(first),
            Words.clip(cause(first), 80),
            String.valueOf(group.size()),
            time(first),
            name(ids, first));
      }
      table.print(shared.screen());
    }

    private void one(JsonNode letters) {
      ShortIds ids = ids(letters);
      Table table = new Table("ID", "TASK", "KIND", "STATE", "TIME", "ATTEMPTS", "CAUSE");
      for (JsonNode letter : letters) {
        table.row(
            name(ids, letter),
            letter.path("task").asText(),
            kind(letter),
            letter.path("state").asText(),
            time(letter),
            letter.path("attempts").asText("–"),
            Words.clip(cause(letter), 80));
      }
      table.print(shared.screen());
    }

    private ShortIds ids(JsonNode letters) {
      List<String> all = new ArrayList<>();
      for (JsonNode letter : letters) {
        if (!kind(letter).equals(QUARANTINE)) {
          all.add(letter.path("id").asText());
        }
      }
      return ShortIds.of(shared.screen(), all);
    }

    private static String name(ShortIds ids, JsonNode letter) {
      // a quarantined record has no id, and no place can be shortened
      return kind(letter).equals(QUARANTINE)
          ? letter.path("place").asText()
          : ids.show(letter.path("id").asText());
    }
  }

  /** {@code koalja deadletter describe}. */
  @Command(
      name = "describe",
      description = {
        "Show one dead letter: the event, its data, every attempt.",
        "Of a quarantined record: why no event can be read from it, where it stood, its headers and"
            + " the beginning of its bytes."
      },
      footer = {
        "",
        "Examples:",
        "  koalja deadletter describe 01J8…7QK3M",
        "  koalja deadletter describe koalja-quarantine.shop.price.order:0:7"
      })
  static final class DescribeCommand implements Runnable {
    @Mixin Shared shared = new Shared();

    @Parameters(
        paramLabel = "ID",
        description = "The event's id, or the place of a quarantined record.")
    String id = "";

    @Override
    public void run() {
      try (ControlClient control = shared.control()) {
        JsonNode letter = control.get("/api/deadletters/" + ControlClient.encode(id));
        if (shared.json) {
          shared.print(letter);
          return;
        }
        if (kind(letter).equals(QUARANTINE)) {
          quarantined(letter).forEach(shared.screen()::line);
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

  /**
   * What there is to know of a quarantined record. Its bytes are anybody's: nothing of them reaches
   * the terminal as it is.
   */
  static List<String> quarantined(JsonNode letter) {
    JsonNode headers = letter.path("headers");
    List<String> lines = new ArrayList<>();
    lines.add("%-9s %s".formatted("id", letter.path("place").asText()));
    for (String field : List.of("pipeline", "task", "input", "state")) {
      lines.add("%-9s %s".formatted(field, letter.path(field).asText()));
    }
    lines.add("%-9s %s".formatted("kind", kind(letter)));
    lines.add("%-9s %s".formatted("time", time(letter)));
    lines.add(
        "%-9s %s/%s/%s"
            .formatted(
                "stood at",
                headers.path("koalja-topic").asText("?"),
                headers.path("koalja-partition").asText("?"),
                headers.path("koalja-offset").asText("?")));
    lines.add("%-9s %s".formatted("cause", Bytes.escaped(letter.path("cause").asText())));
    headers
        .properties()
        .forEach(
            header -> {
              if (!WHERE_FROM.contains(header.getKey())) {
                lines.add(
                    "%-9s %s: %s"
                        .formatted(
                            "header",
                            Bytes.escaped(header.getKey()),
                            Bytes.escaped(header.getValue().asText())));
              }
            });
    lines.add("%-9s %s".formatted("bytes", Bytes.shown(letter)));
    return lines;
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
      description = {
        "Change the data of a dead letter and send it back to its task.",
        "Of a quarantined record: make it the event it should have been, in the CloudEvents JSON"
            + " format, and send that to its task. The editor begins with what can be read of it."
      },
      footer = {
        "",
        "Examples:",
        "  koalja deadletter edit 01J8…7QK3M",
        "  koalja deadletter edit koalja-quarantine.shop.price.order:0:7 --data event.json",
        "  jq '.sku = \"A\"' order.json | koalja deadletter edit 01J8…7QK3M --data -"
      })
  static final class EditCommand implements Runnable {
    @Mixin Shared shared = new Shared();

    @Parameters(
        paramLabel = "ID",
        description = "The event's id, or the place of a quarantined record.")
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
                Map.of("Content-Type", mediaType(letter)),
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

    private static String mediaType(JsonNode letter) {
      return kind(letter).equals(QUARANTINE)
          ? "application/cloudevents+json"
          : "application/octet-stream";
    }

    private static String text(JsonNode letter) {
      if (kind(letter).equals(QUARANTINE)) {
        return letter.path("draft").toPrettyString() + "\n";
      }
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
        throw CliException.usage(file + " cannot be read: " + Words.reason(e));
      }
    }
  }

  /** What letters are meant. */
  static final class Selection {
    @Parameters(
        paramLabel = "ID",
        arity = "0..*",
        description = "Ids of events, or places of quarantined records.")
    List<String> ids = List.of();

    @Option(names = "--task", description = "All of this task.")
    @Nullable String task;

    @Option(names = "--pipeline", description = "All of this pipeline.")
    @Nullable String pipeline;

    @Option(
        names = "--kind",
        paramLabel = "KIND",
        description = "All of this kind: dead-letter or quarantine.")
    @Nullable String kind;

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
      if (kind != null) {
        body.put("kind", kind);
      }
      if (cause != null) {
        body.put("cause", cause);
      }
      if (!ids.isEmpty()) {
        body.put("ids", ids);
      }
      if (body.isEmpty()) {
        throw CliException.usage("which ones? Give ids, --task, --kind, --cause or --pipeline");
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
      footer = {
        "",
        "Examples:",
        "  koalja deadletter retry --task price --cause 'unknown sku'",
        "  koalja deadletter retry --kind quarantine --cause 'no CloudEvent'"
      })
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
    return Bytes.escaped(letter.path("cause").asText());
  }

  private static String kind(JsonNode letter) {
    return letter.path("kind").asText();
  }

  private static String place(JsonNode letter) {
    return "%s/%s/%s"
        .formatted(
            letter.path("topic").asText(),
            letter.path("partition").asText(),
            letter.path("offset").asText());
  }
}
