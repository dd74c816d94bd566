package dev.koalja.cli.revision;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.CliException;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.definition.Release;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Removes builds that nobody needs any more, while a run lasts: those of revisions that are long
 * past, and what somebody left who was killed. Kept are the builds of the last revisions of every
 * pipeline, what any process runs from, and all of them while a change is on its way.
 */
public final class Housekeeping implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final Builds builds;
  private final ControlClient control;
  private final Rounds rounds;
  private Set<String> settled = Set.of();

  /** Begins; what it cannot do now it does later. */
  public Housekeeping(Builds builds, ControlClient control) {
    this.builds = builds;
    this.control = control;
    this.rounds = new Rounds("koalja-builds", PAUSE, PAUSE, this::tidy);
  }

  private void tidy() throws IOException, InterruptedException {
    if (!builds.all().equals(settled) || !builds.worksAlone().isEmpty()) {
      settled = Set.of();
      settled = tidy(builds, control);
    }
  }

  /**
   * Removes what is not needed.
   *
   * @return what is left and need not be looked at again before a build is added; nothing when more
   *     may be removed later
   * @throws CliException when the circuit does not answer; nothing is removed then
   */
  static Set<String> tidy(Builds builds, ControlClient control)
      throws IOException, InterruptedException {
    Optional<ChangeLock> lock = ChangeLock.tryTake(builds.root());
    if (lock.isEmpty()) {
      return Set.of();
    }
    try (ChangeLock _ = lock.get()) {
      for (Path left : builds.worksAlone()) {
        Builds.remove(left);
      }
      Set<String> remembered = remembered(builds, control);
      Set<String> running = running(control);
      boolean later = false;
      for (String each : builds.all()) {
        if (!remembered.contains(each)) {
          if (running.contains(each)) {
            later = true;
          } else {
            int slash = each.lastIndexOf('/');
            builds.remove(each.substring(0, slash), Integer.parseInt(each.substring(slash + 1)));
          }
        }
      }
      return later ? Set.of() : builds.all();
    }
  }

  /** Builds of the last revisions, and those that the run began with. */
  private static Set<String> remembered(Builds builds, ControlClient control) throws IOException {
    Set<String> remembered = new TreeSet<>();
    int kept = Math.max(1, builds.kept());
    for (Map.Entry<String, Definition> each : InForce.all(control).entrySet()) {
      InForce.revisions(control, each.getKey()).stream()
          .limit(kept)
          .forEach(revision -> revision.release().ifPresent(it -> add(remembered, builds, it)));
    }
    for (String each : builds.all()) {
      String name = each.substring(0, each.lastIndexOf('/'));
      builds.inUse(name).ifPresent(number -> remembered.add(name + "/" + number));
    }
    return remembered;
  }

  private static void add(Set<String> remembered, Builds builds, Release release) {
    if (release.home().equals(builds.home())) {
      release.builds().forEach((name, build) -> remembered.add(name + "/" + build.number()));
    }
  }

  private static Set<String> running(ControlClient control) {
    Set<String> running = new TreeSet<>();
    for (JsonNode app : control.get("/serving/apps")) {
      for (JsonNode instance : app.path("instances")) {
        running.add(app.path("app").asText() + "/" + instance.path("revision").asText());
      }
    }
    control
        .get("/serving/builds")
        .properties()
        .forEach(each -> running.add(each.getKey() + "/" + each.getValue().asText()));
    return running;
  }

  @Override
  public void close() {
    rounds.close();
  }
}
