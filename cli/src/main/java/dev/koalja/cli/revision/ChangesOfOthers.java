package dev.koalja.cli.revision;

import dev.koalja.cli.control.ControlClient;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.yaml.PipelineWriter;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Tells whoever watches a run what is brought into force in another window: upgrades and rollbacks.
 * Of several within a second the last one is told, with what it changed.
 */
public final class ChangesOfOthers implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final ControlClient control;
  private final Consumer<String> told;
  private final Rounds rounds;
  private Map<String, Definition> known = Map.of();

  /** Begins with what is in force by the first answer. */
  public ChangesOfOthers(ControlClient control, Consumer<String> told) {
    this.control = control;
    this.told = told;
    this.rounds = new Rounds("koalja-changes", Duration.ZERO, PAUSE, this::look);
  }

  private void look() {
    Map<String, Definition> now = InForce.all(control);
    now.forEach(
        (pipeline, definition) ->
            Optional.ofNullable(known.get(pipeline))
                .flatMap(before -> words(before, definition))
                .ifPresent(told));
    known = now;
  }

  /** What others changed; empty when nobody did, or the run itself. */
  static Optional<String> words(Definition before, Definition now) {
    if (before.revision() >= now.revision()) {
      return Optional.empty();
    }
    Optional<String> cause =
        now.release()
            .flatMap(
                release ->
                    switch (release.cause()) {
                      case UPGRADE -> Optional.of("upgrade");
                      case ROLLBACK ->
                          Optional.of(
                              "rollback" + release.restores().map(to -> " to " + to).orElse(""));
                      case APPLIED, RELOAD -> Optional.empty(); // said by the run itself
                    });
    return cause.map(
        why -> {
          String changes = String.join(", ", History.changes(before, now));
          boolean rewired =
              !PipelineWriter.same(
                  before.pipeline().withoutSchemas(), now.pipeline().withoutSchemas());
          return "%s revision %d, %s%s%s"
              .formatted(
                  now.pipeline().name(),
                  now.revision(),
                  why,
                  changes.isEmpty() ? "" : ": " + changes,
                  rewired ? ", wired anew" : "");
        });
  }

  @Override
  public void close() {
    rounds.close();
  }
}
