package dev.koalja.cli.revision;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.CliException;
import dev.koalja.cli.Exit;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.control.PipelineApply;
import dev.koalja.cli.show.Words;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.definition.Release;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One pipeline of a change on its way into force, with the builds that came with it: they are
 * started first, and then wiring and builds come into force as one revision, whose {@link Release}
 * tells it from every other. So it goes on where it was when the breadboard ends in the middle and
 * is started again; and when whoever runs it is killed, it is in force or it is not. Used once, by
 * one thread.
 */
public final class Takeover {
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final int LOG_LINES = 400;
  private static final int CONFLICT = 409;

  private final ControlClient control;
  private final Optional<Builds> builds;
  private final Proposed proposed;
  private final Patience patience;
  private final Set<String> joined = new TreeSet<>();
  private final Map<String, String> wanted = new HashMap<>();
  private @Nullable Definition applied;
  private Instant started = Instant.EPOCH;
  private Instant accepted = Instant.EPOCH;

  /**
   * What is to come into force.
   *
   * @param pipeline the wiring
   * @param before what is in force, for which this was made
   * @param release which code comes with it
   * @param fresh the apps whose build is another than before
   * @param always whether a process of each of these is started also where none runs
   */
  public record Proposed(
      Pipeline pipeline,
      Optional<Definition> before,
      Release release,
      Set<String> fresh,
      boolean always) {
    public Proposed {
      fresh = Set.copyOf(fresh);
    }
  }

  /** How it ended. */
  public sealed interface Ending {
    /** Requests go to the new code, by the new wiring. */
    record Followed(Definition definition) implements Ending {}

    /** It is in force, and nobody saw yet that the router follows it. */
    record NotFollowedYet(Definition definition) implements Ending {}

    /** It is not in force; what was started for it ends. */
    record Refused(CliException reason) implements Ending {}

    /** Another change came into force first; this one has to be made anew. */
    record Overtaken(CliException reason) implements Ending {}

    /** Nobody answers who could say whether it is in force; everything stays as it is. */
    record Unknown(CliException reason) implements Ending {}
  }

  /**
   * @param builds the folder of the builds, where it is known
   * @param patience how a breadboard that is started again is waited for, or long calls
   */
  public Takeover(
      ControlClient control, Optional<Builds> builds, Proposed proposed, Patience patience) {
    this.control = control;
    this.builds = builds;
    this.proposed = proposed;
    this.patience = patience;
  }

  /** Brings it into force, or says why not. */
  public Ending bring() throws InterruptedException {
    Patience.Wait wait = patience.begin();
    boolean again = false;
    while (true) {
      try {
        if (again) {
          learn(); // it may have got further than its answer
        }
        return new Ending.Followed(go());
      } catch (CliException e) {
        if (wait.goesOn(e, PAUSE)) {
          again = true;
        } else if (!wait.isOpen() || applied != null || !learned()) {
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
      for (String app : proposed.fresh()) {
        wanted.put(app, prepare(app, proposed.release().runs(app).orElseThrow()));
      }
      started = Instant.now();
      if (builds.isPresent()) {
        join(builds.get());
      }
      long revision =
          PipelineApply.apply(
              control,
              proposed.pipeline(),
              Optional.of(proposed.before().map(Definition::revision).orElse(0L)),
              Optional.of(proposed.release()));
      now = new Definition(proposed.pipeline(), revision, Optional.of(proposed.release()));
      applied = now;
      accepted = Instant.now();
    }
    awaitFollowed();
    return now;
  }

  /** Apps that this run does not know yet. */
  private void join(Builds here) throws IOException {
    for (String app : proposed.fresh()) {
      if (here.inUse(app).isEmpty()) {
        joined.add(app);
        here.use(app, proposed.release().runs(app).orElseThrow());
      }
    }
  }

  private String prepare(String app, int number) {
    try {
      return control
          .send(
              "PUT",
              "/serving/apps/%s/next?build=%d%s"
                  .formatted(app, number, proposed.always() ? "&start" : ""),
              Map.of(),
              new byte[0])
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
    return StartFailure.words(lines, Change.words(refusal));
  }

  /** The router follows a revision by itself: only then requests go to the new code. */
  private void awaitFollowed() throws InterruptedException {
    Patience.Wait wait = patience.begin();
    while (wait.isOpen()) {
      JsonNode now = control.get("/serving/builds");
      if (wanted.entrySet().stream()
          .allMatch(each -> now.path(each.getKey()).asText("").equals(each.getValue()))) {
        return;
      }
      Thread.sleep(PAUSE);
    }
    throw CliException.unavailable("the new revision was applied, but is not followed yet");
  }

  /** Whether it is in force after all, as the circuit says. */
  private void learn() {
    if (applied == null) {
      applied =
          InForce.of(control, proposed.pipeline().name().value())
              .filter(
                  now ->
                      now.release()
                          .filter(each -> each.id().equals(proposed.release().id()))
                          .isPresent())
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

  /** It cannot go on: finds out what is in force, and ends what was started for it. */
  private Ending settle(CliException reason) {
    try {
      learn();
      if (applied != null) {
        return new Ending.NotFollowedYet(applied);
      }
      for (String app : proposed.fresh()) {
        control.send("DELETE", "/serving/apps/" + app + "/next", Map.of(), new byte[0]);
      }
      for (String app : joined) {
        builds.orElseThrow().forget(app);
      }
      return reason.status() == CONFLICT
          ? new Ending.Overtaken(reason)
          : new Ending.Refused(reason);
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

  /** Where the time went, for those who want to know. */
  public String steps(Instant noticed, Instant built) {
    return "built after %s, started in %s, applied in %s, followed in %s"
        .formatted(
            Words.duration(Duration.between(noticed, built)),
            Words.duration(Duration.between(built, started)),
            Words.duration(Duration.between(started, accepted)),
            Words.duration(Duration.between(accepted, Instant.now())));
  }

  /** How many requests wait for a place. */
  public long waiting() {
    long waiting = 0;
    try {
      for (JsonNode app : control.get("/serving/apps")) {
        if (app.path("pipeline").asText().equals(proposed.pipeline().name().value())) {
          waiting += app.path("waiting").asLong();
        }
      }
    } catch (CliException e) {
      // it ended just now; the change is in force all the same
    }
    return waiting;
  }
}
