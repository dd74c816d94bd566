package dev.koalja.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.revision.Builds;
import dev.koalja.cli.revision.History;
import dev.koalja.cli.revision.InForce;
import dev.koalja.cli.show.Table;
import dev.koalja.cli.show.Words;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.definition.Release;
import dev.koalja.pipeline.yaml.PipelineWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code koalja revisions}. */
@Command(
    name = "revisions",
    description = {
      "List what was in force: when it came, which code it ran, and what changed.",
      "The last ten revisions of a pipeline are remembered. One is kept when the builds of its apps"
          + " are all there, so that koalja rollback can bring it back."
    },
    footer = {"", "Examples:", "  koalja revisions", "  koalja revisions shop --json"})
final class RevisionsCommand implements Runnable {
  @Mixin Shared shared = new Shared();

  @Parameters(
      paramLabel = "PIPELINE",
      arity = "0..1",
      description = "The pipeline; by default all of them.")
  @Nullable String pipeline;

  @Override
  public void run() {
    try (ControlClient control = shared.control()) {
      Optional<Builds> builds = RollbackCommand.builds(shared);
      List<History> histories = new ArrayList<>();
      for (String name :
          pipeline == null
              ? List.copyOf(InForce.all(control).keySet())
              : List.of(RollbackCommand.find(control, Optional.of(pipeline)))) {
        histories.add(new History(InForce.revisions(control, name)));
      }
      if (shared.json) {
        ArrayNode all = Json.MAPPER.createArrayNode();
        histories.forEach(each -> rows(each, builds).forEach(row -> all.add(json(row))));
        shared.print(all);
      } else if (histories.isEmpty()) {
        shared.screen().note("No pipeline is in force.");
      } else {
        histories.forEach(each -> print(each, builds, histories.size() > 1));
      }
    }
  }

  /**
   * One revision.
   *
   * @param state in force, kept, gone; or nothing where that is not known
   * @param changes what is other than in the revision before
   */
  private record Row(Definition revision, String state, List<String> changes) {}

  private static List<Row> rows(History history, Optional<Builds> builds) {
    List<Row> rows = new ArrayList<>();
    List<Definition> revisions = history.revisions();
    for (int i = 0; i < revisions.size(); i++) {
      Definition each = revisions.get(i);
      List<String> changes = new ArrayList<>();
      if (i + 1 < revisions.size()) {
        Definition before = revisions.get(i + 1);
        changes.addAll(History.changes(before, each));
        if (!PipelineWriter.same(
            before.pipeline().withoutSchemas(), each.pipeline().withoutSchemas())) {
          changes.add("wired anew");
        } else if (!PipelineWriter.same(before.pipeline(), each.pipeline())) {
          changes.add("typed anew");
        }
      }
      String state = i == 0 ? "in force" : builds.map(it -> state(each, it)).orElse("");
      rows.add(new Row(each, state, changes));
    }
    return rows;
  }

  private static String state(Definition revision, Builds builds) {
    return revision
            .release()
            .filter(release -> RollbackCommand.isWhole(release, builds))
            .isPresent()
        ? "kept"
        : "gone";
  }

  private void print(History history, Optional<Builds> builds, boolean named) {
    if (named) {
      shared.screen().line(shared.screen().bold(history.inForce().pipeline().name().value()));
    }
    Table table = new Table("REVISION", "WHEN", "STATE", "CODE", "WHAT CHANGED");
    for (Row row : rows(history, builds)) {
      Optional<Release> release = row.revision().release();
      table.row(
          String.valueOf(row.revision().revision()),
          release.map(it -> Words.time(it.at())).orElse(""),
          row.state(),
          code(history, row.revision()),
          release.map(RevisionsCommand::cause).orElse("")
              + (row.changes().isEmpty() ? "" : ": " + String.join(", ", row.changes())));
    }
    table.print(shared.screen());
  }

  private static String code(History history, Definition revision) {
    return history.codeAmongThese(revision).entrySet().stream()
        .map(each -> each.getKey() + " " + each.getValue())
        .collect(Collectors.joining(", "));
  }

  private static String cause(Release release) {
    return switch (release.cause()) {
      case APPLIED -> "applied";
      case RELOAD -> "saved";
      case UPGRADE -> "upgrade";
      case ROLLBACK ->
          "rollback" + release.restores().map(revision -> " to " + revision).orElse("");
    };
  }

  private static ObjectNode json(Row row) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    Definition revision = row.revision();
    json.put("pipeline", revision.pipeline().name().value());
    json.put("revision", revision.revision());
    json.put("state", row.state());
    json.set("changes", Json.MAPPER.valueToTree(row.changes()));
    revision
        .release()
        .ifPresent(
            release -> {
              json.put("at", release.at().toString());
              json.set("cause", Json.MAPPER.valueToTree(release.cause()));
              release.restores().ifPresent(it -> json.put("restores", it));
              ObjectNode apps = json.putObject("apps");
              for (Map.Entry<String, Release.Build> each : release.builds().entrySet()) {
                if (each.getValue().runs()) {
                  ObjectNode app = apps.putObject(each.getKey());
                  app.put("build", each.getValue().number());
                  each.getValue().code().ifPresent(it -> app.put("codeRevision", it));
                  each.getValue().version().ifPresent(it -> app.put("version", it));
                  each.getValue().image().ifPresent(it -> app.put("image", it));
                }
              }
            });
    return json;
  }
}
