package dev.koalja.cli.reload;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.CliException;
import dev.koalja.cli.Exit;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.control.PipelineApply;
import dev.koalja.cli.show.Words;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.yaml.PipelineWriter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One pipeline of a change on its way into force, with the builds that came with it. It knows what
 * was before and how far it got. So it goes on where it was when the breadboard ends in the middle
 * and is started again; and when it cannot go on, it takes back what is not in force, and only
 * that. Used once, by one thread.
 */
final class Takeover {
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration TIDYING = Duration.ofSeconds(60);
  private static final Duration TIDYING_PAUSE = Duration.ofMillis(500);
  private static final int LOG_LINES = 400;

  private final ControlClient control;
  private final Builds builds;
  private final Pipeline pipeline;
  private final long revisionBefore;
  private final Map<String, Integer> fresh;
  private final Duration patience;
  private final BooleanSupplier closed;
  private final Map<String, Optional<Integer>> numbersBefore = new HashMap<>();
  private final Map<String, String> wanted = new HashMap<>();
  private @Nullable JsonNode ranBefore;
  private @Nullable Definition applied;
  private Instant started = Instant.EPOCH;
  private Instant accepted = Instant.EPOCH;

  /** How it ended. */
  sealed interface Ending {
    /** Requests go to the new code, by the new wiring. */
    record Followed(Definition definition) implements Ending {}

    /** It is in force, and nobody saw yet that the router follows it. */
    record NotFollowedYet(Definition definition) implements Ending {}

    /** It is not in force; what came with it is gone. */
    record Refused(CliException reason) implements Ending {}

    /** Nobody answers who could say whether it is in force; everything stays as it is. */
    record Unknown(CliException reason) implements Ending {}
  }

  /**
   * @param before what is in force of the pipeline
   * @param fresh the new builds of its apps, by number
   * @param patience how long a breadboard that is started again is waited for, or long calls
   * @param closed whether the run ends
   */
  Takeover(
      ControlClient control,
      Builds builds,
      Pipeline pipeline,
      Optional<Definition> before,
      Map<String, Integer> fresh,
      Duration patience,
      BooleanSupplier closed)
      throws IOException {
    this.control = control;
    this.builds = builds;
    this.pipeline = pipeline;
    this.revisionBefore = before.map(Definition::revision).orElse(0L);
    this.fresh = Map.copyOf(fresh);
    this.patience = patience;
    this.closed = closed;
    for (String app : fresh.keySet()) {
      numbersBefore.put(app, builds.inUse(app));
    }
  }

  /** Brings it into force, or says why not. */
  Ending bring() throws InterruptedException {
    Instant limit = Instant.now().plus(patience);
    boolean again = false;
    while (true) {
      try {
        if (again) {
          learn(); // it may have got further than its answer
        }
        return new Ending.Followed(go());
      } catch (CliException e) {
        boolean patient = !closed.getAsBoolean() && Instant.now().isBefore(limit);
        if (patient && e.exit() == Exit.UNAVAILABLE) {
          again = true;
          Thread.sleep(PAUSE); // it may just be started again
        } else if (!patient || applied != null || !learned()) {
          return settle(e);
        }
      } catch (IOException e) {
        return settle(
            new CliException(Exit.BUG, "the change could not be brought in: " + e, List.of()));
      }
    }
  }

  private Definition go() throws IOException, InterruptedException {
    Definition now = applied;
    if (now == null) {
      if (ranBefore == null) {
        ranBefore = control.get("/serving/builds");
      }
      for (Map.Entry<String, Integer> each : fresh.entrySet()) {
        wanted.put(each.getKey(), prepare(each.getKey(), each.getValue()));
      }
      started = Instant.now();
      for (Map.Entry<String, Integer> each : fresh.entrySet()) {
        builds.use(each.getKey(), each.getValue());
      }
      now = new Definition(pipeline, PipelineApply.apply(control, pipeline, !fresh.isEmpty()));
      applied = now;
      accepted = Instant.now();
    }
    awaitFollowed();
    return now;
  }

  private String prepare(String app, int number) {
    try {
      return control
          .send(
              "PUT", "/serving/apps/%s/next?build=%d".formatted(app, number), Map.of(), new byte[0])
          .path("revision")
          .asText();
    } catch (CliException e) {
      throw e.exit() == Exit.UNAVAILABLE
          ? e
          : new CliException(e.exit(), app + " does not start", words(app, e));
    }
  }

  /** What the process that ended last said of it, without the places of stack traces. */
  private List<String> words(String app, CliException refusal) {
    List<String> lines = new ArrayList<>();
    try {
      control.text(
          "/serving/logs/%s?last=%d".formatted(app, LOG_LINES),
          line -> {
            lines.add(line);
            return true;
          });
      for (JsonNode each : control.get("/serving/apps")) {
        for (JsonNode instance : each.path("instances")) {
          String running = "[" + instance.path("pid").asLong() + "]";
          lines.removeIf(line -> line.startsWith(running)); // the old one goes on talking
        }
      }
    } catch (CliException e) {
      // what the refusal says has to do
    }
    List<String> words = StartFailure.words(lines);
    return words.isEmpty()
        ? List.of(String.valueOf(refusal.getMessage()).replaceFirst("^\\d{3} ", ""))
        : words;
  }

  /** The router follows a revision by itself: only then requests go to the new code. */
  private void awaitFollowed() throws InterruptedException {
    Instant limit = Instant.now().plus(patience);
    while (!closed.getAsBoolean() && Instant.now().isBefore(limit)) {
      JsonNode now = control.get("/serving/builds");
      if (wanted.entrySet().stream().allMatch(each -> runs(now, each.getKey()))) {
        return;
      }
      Thread.sleep(PAUSE);
    }
    throw CliException.unavailable("the new revision was applied, but is not followed yet");
  }

  private boolean runs(JsonNode inUse, String app) {
    return wanted.containsKey(app) && inUse.path(app).asText("").equals(wanted.get(app));
  }

  /** Whether it is in force after all, as the circuit says. */
  private void learn() {
    if (applied == null) {
      applied =
          InForce.read(control, pipeline.name().value())
              .filter(now -> now.revision() > revisionBefore)
              .filter(now -> PipelineWriter.same(now.pipeline(), pipeline))
              .orElse(null);
      accepted = Instant.now();
    }
  }

  private boolean learned() {
    try {
      learn();
      return applied != null;
    } catch (CliException e) {
      return false;
    }
  }

  /** It cannot go on: finds out what is in force, and takes back the rest. */
  private Ending settle(CliException reason) {
    try {
      learn();
      if (applied != null) {
        return new Ending.NotFollowedYet(applied);
      }
      JsonNode inUse = control.get("/serving/builds");
      for (String app : fresh.keySet()) {
        discard(app);
        // a breadboard that was started again meanwhile may have begun with it
        if (!runs(inUse, app)) {
          takeBack(app);
        }
      }
      return new Ending.Refused(reason);
    } catch (CliException e) {
      return new Ending.Unknown(reason);
    } catch (IOException e) {
      return new Ending.Refused(
          new CliException(
              reason.exit(),
              reason.getMessage() + " (and could not be taken back: " + e + ")",
              reason.details()));
    }
  }

  private void discard(String app) {
    control.send("DELETE", "/serving/apps/" + app + "/next", Map.of(), new byte[0]);
  }

  private void takeBack(String app) throws IOException {
    Optional<Integer> before = numbersBefore.getOrDefault(app, Optional.empty());
    if (before.isPresent()) {
      builds.use(app, before.get());
    } else {
      builds.forget(app);
    }
    Integer number = fresh.get(app);
    if (number != null) {
      builds.remove(app, number);
    }
  }

  /** Where the time went, for those who want to know. */
  String steps(Instant noticed, Instant built) {
    return "built after %s, started in %s, applied in %s, followed in %s"
        .formatted(
            Words.duration(Duration.between(noticed, built)),
            Words.duration(Duration.between(built, started)),
            Words.duration(Duration.between(started, accepted)),
            Words.duration(Duration.between(accepted, Instant.now())));
  }

  /** Removes the builds that were in use before, once no process runs from them any more. */
  void tidy() {
    JsonNode ran = ranBefore;
    numbersBefore.forEach(
        (app, number) -> {
          if (number.isPresent() && ran != null) {
            String revision = ran.path(app).asText("");
            Thread.ofVirtual().start(() -> tidy(app, number.get(), revision));
          }
        });
  }

  private void tidy(String app, int number, String revision) {
    Instant limit = Instant.now().plus(TIDYING);
    try {
      while (!closed.getAsBoolean() && Instant.now().isBefore(limit)) {
        if (!anyRuns(app, revision)) {
          builds.remove(app, number);
          return;
        }
        Thread.sleep(TIDYING_PAUSE);
      }
    } catch (CliException | InterruptedException e) {
      // the next run removes it
    }
  }

  private boolean anyRuns(String app, String revision) {
    for (JsonNode each : control.get("/serving/apps")) {
      if (each.path("app").asText().equals(app)) {
        for (JsonNode instance : each.path("instances")) {
          if (instance.path("revision").asText().equals(revision)) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
