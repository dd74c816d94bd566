package dev.koalja.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.control.RunningCircuit;
import dev.koalja.cli.revision.Builds;
import dev.koalja.cli.revision.Change;
import dev.koalja.cli.revision.ChangeLock;
import dev.koalja.cli.revision.Circuit;
import dev.koalja.cli.revision.History;
import dev.koalja.cli.revision.Images;
import dev.koalja.cli.revision.InForce;
import dev.koalja.cli.revision.Part;
import dev.koalja.cli.revision.Patience;
import dev.koalja.cli.revision.Takeover;
import dev.koalja.cli.show.CircuitText;
import dev.koalja.cli.show.Screen;
import dev.koalja.cli.show.Words;
import dev.koalja.knative.image.Registries;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.definition.Release;
import dev.koalja.pipeline.error.Suggestion;
import dev.koalja.pipeline.event.Ulid;
import dev.koalja.pipeline.yaml.InvalidPipelineException;
import dev.koalja.pipeline.yaml.PipelineWriter;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code koalja upgrade}. */
@Command(
    name = "upgrade",
    description = {
      "Move a running circuit to other images of its apps, while events go on.",
      "A process of each new image is ready before anything changes. Then code and wiring come into"
          + " force as a new revision: requests go to the new process, and the old one finishes what"
          + " it has. An image that does not start changes nothing. koalja rollback goes back."
    },
    footer = {
      "",
      "Examples:",
      "  koalja upgrade shop-1.4.0.tar",
      "  koalja upgrade registry.example/shop:1.4.0 registry.example/billing:2.0.1"
    })
final class UpgradeCommand implements Runnable {
  private static final int DIGEST = 19;

  @Mixin Shared shared = new Shared();

  @Parameters(
      paramLabel = "IMAGE",
      arity = "1..*",
      description = "A file, an OCI layout, or an image in a registry.")
  List<String> images = List.of();

  @Mixin RegistryOptions registry = new RegistryOptions();

  private final ArrayNode results = Json.MAPPER.createArrayNode();

  @Override
  public void run() {
    if (shared.at != null) {
      throw CliException.usage(
          "an image is unpacked where its circuit runs: call koalja upgrade in that folder, without --at");
    }
    Registries.Access access = registry.access(images);
    RunningCircuit running = shared.running();
    try (ControlClient control = shared.client(running.control())) {
      Builds builds = builds(running);
      try (ChangeLock _ = builds.lock(() -> RollbackCommand.sayThatWeWait(shared.screen()))) {
        upgrade(control, running, builds, access, Patience.with(running, shared.screen()::note));
      } finally {
        if (shared.json && !results.isEmpty()) {
          shared.print(results); // of several pipelines the first may be in force already
        }
      }
    } catch (IOException e) {
      throw CliException.unavailable("the builds cannot be read or written: " + Words.reason(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CliException.unavailable("interrupted");
    }
  }

  private static Builds builds(RunningCircuit running) {
    try {
      return Builds.in(running.builds());
    } catch (IOException e) {
      throw CliException.usage("this circuit runs nothing that can be upgraded");
    }
  }

  private void upgrade(
      ControlClient control,
      RunningCircuit running,
      Builds builds,
      Registries.Access access,
      Patience patience)
      throws IOException, InterruptedException {
    Screen screen = shared.screen();
    if (shared.json) {
      screen.resultsOnly();
    }
    // it may just be started again after a crash
    Map<String, Definition> inForce = patience.ask(() -> InForce.all(control));
    Map<String, Map<String, Part>> fresh = new LinkedHashMap<>();
    for (String image : images) {
      Part part = Images.add(builds, image, access, screen);
      String pipeline = pipeline(inForce, running, image, part);
      if (fresh.computeIfAbsent(pipeline, _ -> new LinkedHashMap<>()).put(part.name(), part)
          != null) {
        throw CliException.usage("two of these are images of app " + part.name());
      }
    }
    for (Map.Entry<String, Map<String, Part>> each : fresh.entrySet()) {
      Definition now = inForce.get(each.getKey());
      if (now != null) {
        proposed(now, builds, each.getValue()); // of several, wrong wiring of one changes none
      }
    }
    for (Map.Entry<String, Map<String, Part>> each : fresh.entrySet()) {
      bring(control, builds, patience, each.getKey(), each.getValue());
    }
  }

  /** The pipeline in which the app of an image runs. */
  private static String pipeline(
      Map<String, Definition> inForce, RunningCircuit running, String image, Part part) {
    String app = part.name();
    String folder = running.watched().get(app);
    if (folder != null) {
      throw CliException.usage(
          "%s is an image of %s, which this run builds from %s whenever a file is saved: save the change there, or start the run with --image"
              .formatted(image, app, folder));
    }
    Set<String> known = new TreeSet<>();
    for (Map.Entry<String, Definition> each : inForce.entrySet()) {
      Map<String, String> code = History.code(each.getValue());
      known.addAll(code.keySet());
      if (code.containsKey(app)) {
        if (!part.pipeline().equals(Optional.of(each.getKey()))) {
          throw CliException.usage(
              "%s is part of pipeline %s, and app %s runs in %s"
                  .formatted(image, part.pipeline().orElse("none"), app, each.getKey()));
        }
        return each.getKey();
      }
    }
    String meant = Suggestion.didYouMean(app, known);
    throw CliException.usage(
        "%s is an image of app \"%s\", which does not run here%s; koalja run --image begins with it"
            .formatted(
                image,
                app,
                meant.isEmpty() && !known.isEmpty()
                    ? ": there are " + String.join(", ", known)
                    : meant));
  }

  private void bring(
      ControlClient control,
      Builds builds,
      Patience patience,
      String pipeline,
      Map<String, Part> fresh)
      throws IOException, InterruptedException {
    List<Definition> before = new ArrayList<>();
    Optional<Change.Done> done =
        new Change(control, Optional.of(builds), patience)
            .bring(
                () -> {
                  Definition now = patience.ask(() -> InForce.all(control)).get(pipeline);
                  if (now == null) {
                    throw CliException.usage("pipeline %s was taken away".formatted(pipeline));
                  }
                  before.add(now);
                  return proposed(now, builds, fresh);
                });
    Definition from = before.getLast();
    say(from, done.map(Change.Done::definition).orElse(from), done, fresh);
  }

  /** What is in force with the new parts; empty when that is in force already. */
  private static Optional<Takeover.Proposed> proposed(
      Definition inForce, Builds builds, Map<String, Part> fresh) throws IOException {
    Release old =
        inForce
            .release()
            .filter(release -> release.home().equals(builds.home()))
            .orElseThrow(
                () ->
                    CliException.usage(
                        "revision %d of %s was brought in by no koalja run of this folder"
                            .formatted(inForce.revision(), inForce.pipeline().name())));
    List<Part> parts = new ArrayList<>();
    Set<String> other = new TreeSet<>();
    for (Map.Entry<String, Release.Build> each : old.builds().entrySet()) {
      Part part = fresh.get(each.getKey());
      if (part == null) {
        parts.add(
            builds
                .read(each.getKey(), each.getValue().number())
                .orElseThrow(
                    () ->
                        CliException.usage(
                            "what is in force of %s is not in %s any more: name an image of it, too"
                                .formatted(each.getKey(), builds.root()))));
      } else {
        parts.add(part);
        if (part.build().number() != each.getValue().number()) {
          other.add(part.name());
        }
      }
    }
    Circuit circuit = circuit(inForce, parts);
    if (other.isEmpty() && PipelineWriter.same(inForce.pipeline(), circuit.pipeline())) {
      return Optional.empty();
    }
    Instant now = Instant.now();
    return Optional.of(
        new Takeover.Proposed(
            circuit.pipeline(),
            Optional.of(inForce),
            Release.of(
                Ulid.random(now), now, Release.Cause.UPGRADE, builds.home(), circuit.builds()),
            other,
            true));
  }

  private static Circuit circuit(Definition inForce, List<Part> parts) {
    try {
      return Circuit.of(parts).getFirst();
    } catch (InvalidPipelineException e) {
      throw new CliException(
          Exit.USAGE,
          "The wiring is wrong, %s: revision %d goes on"
              .formatted(Words.count(e.problems().size(), "problem"), inForce.revision()),
          e.problems().stream().map(Object::toString).toList());
    }
  }

  private void say(
      Definition from, Definition now, Optional<Change.Done> done, Map<String, Part> fresh) {
    Screen screen = shared.screen();
    boolean rewired =
        !PipelineWriter.same(from.pipeline().withoutSchemas(), now.pipeline().withoutSchemas());
    List<String> changes = History.changes(from, now);
    if (shared.json) {
      ObjectNode json = results.addObject();
      json.put("pipeline", now.pipeline().name().value());
      json.put("revision", now.revision());
      json.put("before", from.revision());
      json.put("changed", done.isPresent());
      json.set("changes", Json.MAPPER.valueToTree(changes));
      json.put("rewired", rewired);
      ObjectNode of = json.putObject("images");
      fresh.forEach((app, part) -> of.put(app, part.build().image().orElse("")));
      json.put("waiting", done.map(Change.Done::waiting).orElse(0L));
      return;
    }
    String digests =
        String.join(
            ", ",
            fresh.values().stream()
                .map(part -> Words.clip(part.build().image().orElse(""), DIGEST))
                .toList());
    if (done.isEmpty()) {
      screen.line(
          "%s revision %d runs that already (%s): nothing is changed"
              .formatted(now.pipeline().name(), now.revision(), digests));
      return;
    }
    screen.line(
        screen.bold(
            "%s revision %d: %s (%s)%s, 0 events lost, %d waiting"
                .formatted(
                    now.pipeline().name(),
                    now.revision(),
                    String.join(", ", changes),
                    digests,
                    rewired ? ", wired anew" : "",
                    done.get().waiting())));
    if (rewired) {
      CircuitText.lines(now.pipeline()).forEach(line -> screen.line("    " + line));
    }
  }
}
