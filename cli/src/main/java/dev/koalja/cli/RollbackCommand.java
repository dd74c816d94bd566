package dev.koalja.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.control.RunningCircuit;
import dev.koalja.cli.revision.Builds;
import dev.koalja.cli.revision.Change;
import dev.koalja.cli.revision.ChangeLock;
import dev.koalja.cli.revision.History;
import dev.koalja.cli.revision.InForce;
import dev.koalja.cli.revision.Patience;
import dev.koalja.cli.revision.Takeover;
import dev.koalja.cli.show.CircuitText;
import dev.koalja.cli.show.Screen;
import dev.koalja.cli.show.Words;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.definition.Release;
import dev.koalja.pipeline.error.Suggestion;
import dev.koalja.pipeline.event.Ulid;
import dev.koalja.pipeline.yaml.PipelineWriter;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code koalja rollback}. */
@Command(
    name = "rollback",
    description = {
      "Bring back the code and the wiring of an earlier revision, while events go on.",
      "It comes as a new revision: numbers only grow. Without --to it is the revision before the one"
          + " in force; a rollback counts as what it brought back, so the next one goes further back,"
          + " and --to returns to what was left. Nothing changes when a process of the old code does"
          + " not start.",
      "In a run that brings in saved changes, the next saved file brings in its project as it is then."
    },
    footer = {
      "",
      "Examples:",
      "  koalja rollback",
      "  koalja rollback shop",
      "  koalja rollback shop --to 3"
    })
final class RollbackCommand implements Runnable {
  @Mixin Shared shared = new Shared();

  @Parameters(
      paramLabel = "PIPELINE",
      arity = "0..1",
      description = "The pipeline; may be left out when there is only one.")
  @Nullable String pipeline;

  @Option(
      names = "--to",
      paramLabel = "REVISION",
      description = "The revision to bring back, as koalja revisions lists it.")
  @Nullable Long to;

  @Override
  public void run() {
    Optional<Builds> builds = builds(shared);
    Patience patience =
        shared.at == null
            ? Patience.with(shared.running(), shared.screen()::note)
            : new Patience(Patience.LIMIT, () -> false, shared.screen()::note);
    try (ControlClient control = shared.control()) {
      // of a circuit that runs here it is known that it will answer
      String name =
          shared.at == null
              ? patience.ask(() -> find(control, Optional.ofNullable(pipeline)))
              : find(control, Optional.ofNullable(pipeline));
      if (builds.isPresent()) {
        try (ChangeLock _ = builds.get().lock(() -> sayThatWeWait(shared.screen()))) {
          rollback(control, builds, patience, name);
        }
      } else {
        rollback(control, builds, patience, name);
      }
    } catch (IOException e) {
      throw CliException.unavailable("the builds cannot be read: " + Words.reason(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CliException.unavailable("interrupted");
    }
  }

  private void rollback(
      ControlClient control, Optional<Builds> builds, Patience patience, String name)
      throws IOException, InterruptedException {
    Definition[] from = new Definition[1];
    Optional<Change.Done> done =
        new Change(control, builds, patience)
            .bring(
                () -> {
                  History history =
                      new History(patience.ask(() -> InForce.revisions(control, name)));
                  from[0] = history.inForce();
                  Definition target = target(history);
                  return History.same(target, history.inForce())
                      ? Optional.empty()
                      : Optional.of(proposed(history.inForce(), target, builds));
                });
    if (done.isEmpty()) {
      say(from[0], from[0], 0);
    } else {
      say(from[0], done.get().definition(), done.get().waiting());
    }
  }

  private Definition target(History history) {
    Definition inForce = history.inForce();
    String name = inForce.pipeline().name().value();
    if (to != null) {
      return history
          .find(to)
          .orElseThrow(
              () ->
                  CliException.usage(
                      "revision %d of %s is not remembered: there are %d to %d"
                          .formatted(
                              to,
                              name,
                              history.revisions().getLast().revision(),
                              inForce.revision())));
    }
    return history
        .before()
        .orElseThrow(
            () ->
                CliException.usage(
                    "nothing that differs from revision %d of %s is remembered before it: koalja revisions lists what is"
                        .formatted(inForce.revision(), name)));
  }

  private static Takeover.Proposed proposed(
      Definition inForce, Definition target, Optional<Builds> builds) {
    String what =
        "revision %d of %s cannot be brought back"
            .formatted(target.revision(), target.pipeline().name());
    Release old =
        target
            .release()
            .orElseThrow(
                () ->
                    CliException.usage(
                        what + ": it was applied without a word about its code, by no koalja run"));
    if (builds.isPresent() && !isWhole(old, builds.get())) {
      throw CliException.usage(
          what
              + ": not all of its builds are kept; koalja revisions says of which revisions they are, koalja run --keep of how many");
    }
    Instant now = Instant.now();
    Release release =
        new Release(
            Ulid.random(now),
            now,
            Release.Cause.ROLLBACK,
            Optional.of(old.restores().orElse(target.revision())),
            old.home(),
            old.builds());
    return new Takeover.Proposed(
        target.pipeline(), Optional.of(inForce), release, other(inForce, old), true);
  }

  /** The apps whose processes run from another build than now. */
  private static Set<String> other(Definition inForce, Release old) {
    Set<String> other = new TreeSet<>();
    for (Map.Entry<String, Release.Build> each : old.builds().entrySet()) {
      if (each.getValue().runs()
          && !inForce
              .release()
              .filter(now -> now.home().equals(old.home()))
              .flatMap(now -> now.runs(each.getKey()))
              .equals(Optional.of(each.getValue().number()))) {
        other.add(each.getKey());
      }
    }
    return other;
  }

  /** Whether all that processes of a release are started from is there. */
  static boolean isWhole(Release release, Builds builds) {
    return release.home().equals(builds.home())
        && release.builds().entrySet().stream()
            .filter(each -> each.getValue().runs())
            .allMatch(each -> builds.has(each.getKey(), each.getValue().number()));
  }

  /** The folder of the builds of the circuit one stands in; empty where that is not known. */
  static Optional<Builds> builds(Shared shared) {
    if (shared.at != null) {
      return Optional.empty();
    }
    RunningCircuit running = shared.running();
    try {
      return Optional.of(Builds.in(running.builds()));
    } catch (IOException e) {
      return Optional.empty(); // a circuit without builds, as the demo is
    }
  }

  /**
   * The name of a pipeline in force.
   *
   * @throws CliException when there is none of that name, or it has to be said which
   */
  static String find(ControlClient control, Optional<String> name) {
    Set<String> known = InForce.all(control).keySet();
    if (name.isEmpty()) {
      if (known.size() == 1) {
        return known.iterator().next();
      }
      throw CliException.usage(
          known.isEmpty()
              ? "no pipeline is in force"
              : "several pipelines are in force: name one of " + String.join(", ", known));
    }
    if (!known.contains(name.get())) {
      String meant = Suggestion.didYouMean(name.get(), known);
      throw CliException.usage(
          "no pipeline is called \"%s\"%s"
              .formatted(
                  name.get(),
                  meant.isEmpty() && !known.isEmpty()
                      ? ": there are " + String.join(", ", known)
                      : meant));
    }
    return name.get();
  }

  static void sayThatWeWait(Screen screen) {
    screen.note("Waiting for another change that is just brought in …");
  }

  private void say(Definition from, Definition now, long waiting) {
    Screen screen = shared.screen();
    boolean rewired =
        !PipelineWriter.same(from.pipeline().withoutSchemas(), now.pipeline().withoutSchemas());
    List<String> changes = History.changes(from, now);
    Optional<Long> restores = now.release().flatMap(Release::restores);
    boolean changed = from.revision() != now.revision();
    if (shared.json) {
      ObjectNode json = Json.MAPPER.createObjectNode();
      json.put("pipeline", now.pipeline().name().value());
      json.put("revision", now.revision());
      json.put("before", from.revision());
      json.put("changed", changed);
      restores.ifPresent(it -> json.put("restores", it));
      json.set("changes", Json.MAPPER.valueToTree(changes));
      json.put("rewired", rewired);
      json.put("waiting", waiting);
      shared.print(json);
      return;
    }
    if (!changed) {
      screen.line(
          "%s revision %d runs that code by that wiring already: nothing is changed"
              .formatted(now.pipeline().name(), now.revision()));
      return;
    }
    screen.line(
        screen.bold(
            "%s revision %d: back to revision %d%s%s, 0 events lost, %d waiting"
                .formatted(
                    now.pipeline().name(),
                    now.revision(),
                    restores.orElse(0L),
                    changes.isEmpty() ? "" : ", " + String.join(", ", changes),
                    rewired ? ", wired as it was" : "",
                    waiting)));
    if (rewired) {
      CircuitText.lines(now.pipeline()).forEach(line -> screen.line("    " + line));
    }
  }
}
