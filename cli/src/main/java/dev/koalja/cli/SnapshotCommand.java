package dev.koalja.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.show.ShortIds;
import dev.koalja.cli.show.Table;
import dev.koalja.cli.show.WaitingSnapshot;
import dev.koalja.pipeline.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code koalja snapshot}. */
@Command(
    name = "snapshot",
    description = "Snapshots: the events that a task with several inputs or a window is given.",
    subcommands = SnapshotCommand.ListCommand.class,
    footer = {"", "Example:", "  koalja snapshot list --waiting"})
final class SnapshotCommand extends Group {
  /** {@code koalja snapshot list}. */
  @Command(
      name = "list",
      description = "Show snapshots that were not handed over yet, those that wait longest first.",
      footer = {"", "Example:", "  koalja snapshot list --waiting --key ann"})
  static final class ListCommand implements Runnable {
    @Mixin Shared shared = new Shared();

    @Option(
        names = "--waiting",
        description = "Only those that miss an input, not those whose time has to come.")
    boolean waiting;

    @Option(names = "--task", description = "Only those of one task.")
    @Nullable String task;

    @Option(names = "--key", description = "Only those of one key.")
    @Nullable String key;

    @Override
    public void run() {
      try (ControlClient control = shared.control()) {
        String query = key == null ? "" : "?key=" + ControlClient.encode(key);
        List<WaitingSnapshot> meant = new ArrayList<>();
        for (JsonNode each : control.get("/router/snapshots" + query)) {
          WaitingSnapshot snapshot = new WaitingSnapshot(each);
          if ((task == null || each.path("task").asText().equals(task))
              && (!waiting || snapshot.incomplete())) {
            meant.add(snapshot);
          }
        }
        if (shared.json) {
          ArrayNode all = Json.MAPPER.createArrayNode();
          meant.forEach(each -> all.add(each.json()));
          shared.print(all);
        } else {
          print(meant);
        }
      }
    }

    private void print(List<WaitingSnapshot> snapshots) {
      if (snapshots.isEmpty()) {
        shared.screen().note("No snapshot waits.");
        return;
      }
      Instant now = Instant.now();
      ShortIds ids =
          ShortIds.of(
              shared.screen(), snapshots.stream().flatMap(each -> each.ids().stream()).toList());
      Table table = new Table("TASK", "KEY", "HAS", "MISSING", "SINCE", "GIVES UP");
      for (WaitingSnapshot each : snapshots) {
        table.row(
            each.json().path("task").asText(),
            each.key(),
            each.has(ids),
            each.missing(),
            each.since(now),
            each.givesUp(now));
      }
      table.print(shared.screen());
    }
  }
}
