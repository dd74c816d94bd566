package dev.koalja.cli.revision;

import dev.koalja.cli.show.Words;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.definition.Release;
import dev.koalja.pipeline.yaml.PipelineWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The revisions of a pipeline that are remembered, the latest first, which is the one in force.
 *
 * @param revisions at least one
 */
public record History(List<Definition> revisions) {
  /** As much of a digest as people compare: {@code sha256:5ef7803f233…}. */
  private static final int DIGEST = 19;

  public History {
    revisions = List.copyOf(revisions);
    if (revisions.isEmpty()) {
      throw new IllegalArgumentException("what is in force is one of them");
    }
  }

  /** The one in force. */
  public Definition inForce() {
    return revisions.getFirst();
  }

  /** The one with this number, if it is remembered. */
  public Optional<Definition> find(long revision) {
    return revisions.stream().filter(each -> each.revision() == revision).findFirst();
  }

  /**
   * The revision that stood before the one in force and says something else: code, wiring or both.
   * A rollback counts as the revision that it brought back, so that one rollback after the other
   * goes further and further back, and never to what was left behind by one.
   */
  public Optional<Definition> before() {
    Optional<Definition> each = predecessor(inForce());
    while (each.isPresent() && same(each.get(), inForce())) {
      each = predecessor(each.get());
    }
    return each.map(found -> restored(found).flatMap(this::find).orElse(found));
  }

  /** What stood before a revision; of a rollback, before what it brought back. */
  private Optional<Definition> predecessor(Definition revision) {
    Optional<Long> restored = restored(revision);
    return restored.isPresent()
        ? restored.flatMap(this::find).flatMap(this::previous)
        : previous(revision);
  }

  /** The number of the revision that this one brings back. */
  static Optional<Long> restored(Definition revision) {
    return revision.release().flatMap(Release::restores);
  }

  private Optional<Definition> previous(Definition revision) {
    return revisions.stream().filter(each -> each.revision() < revision.revision()).findFirst();
  }

  /** Whether two revisions run the same code by the same wiring. */
  public static boolean same(Definition a, Definition b) {
    return PipelineWriter.same(a.pipeline(), b.pipeline()) && changes(a, b).isEmpty();
  }

  /** What else runs after a change, such as {@code shop 1.3.0 → 1.4.0}; empty when nothing does. */
  public static List<String> changes(Definition from, Definition to) {
    Map<String, Release.Build> before = running(from);
    Map<String, Release.Build> after = running(to);
    TreeSet<String> apps = new TreeSet<>(before.keySet());
    apps.addAll(after.keySet());
    List<String> changes = new ArrayList<>();
    for (String app : apps) {
      Release.Build old = before.get(app);
      Release.Build now = after.get(app);
      if (now == null) {
        changes.add("without " + app);
      } else if (old == null) {
        changes.add("%s %s, new".formatted(app, code(now)));
      } else if (!identity(old).equals(identity(now))) {
        boolean alike = code(old).equals(code(now));
        changes.add(
            "%s %s → %s"
                .formatted(
                    app, alike ? exactly(old) : code(old), alike ? exactly(now) : code(now)));
      }
    }
    return changes;
  }

  /** The apps of a revision and which code each runs, as people call it. */
  public static Map<String, String> code(Definition revision) {
    Map<String, String> code = new TreeMap<>();
    running(revision).forEach((app, build) -> code.put(app, code(build)));
    return code;
  }

  /**
   * The same, told apart from other code that is called the same in these revisions: two images of
   * one version have their digests with them.
   */
  public Map<String, String> codeAmongThese(Definition revision) {
    Map<String, String> code = new TreeMap<>();
    running(revision)
        .forEach((app, build) -> code.put(app, isAlone(app, build) ? code(build) : exactly(build)));
    return code;
  }

  private boolean isAlone(String app, Release.Build build) {
    return revisions.stream()
        .flatMap(each -> Optional.ofNullable(running(each).get(app)).stream())
        .filter(other -> code(other).equals(code(build)))
        .allMatch(other -> identity(other).equals(identity(build)));
  }

  private static Map<String, Release.Build> running(Definition revision) {
    Map<String, Release.Build> running = new TreeMap<>();
    revision
        .release()
        .ifPresent(
            release ->
                release
                    .builds()
                    .forEach(
                        (app, build) -> {
                          if (build.runs()) {
                            running.put(app, build);
                          }
                        }));
    return running;
  }

  /** The version of an image; else the code revision, which the journal names, too. */
  static String code(Release.Build build) {
    return build.version().or(build::code).orElseGet(() -> "build " + build.number());
  }

  private static String exactly(Release.Build build) {
    return "%s (%s)".formatted(code(build), Words.clip(identity(build), DIGEST));
  }

  /** Two builds of the same code are the same to whoever reads what changed. */
  private static String identity(Release.Build build) {
    return build.image().or(build::code).orElseGet(() -> "build " + build.number());
  }
}
