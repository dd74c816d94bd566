package dev.koalja.cli.control;

import dev.koalja.cli.CliException;
import dev.koalja.cli.Exit;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.definition.Proposal;
import dev.koalja.pipeline.definition.Release;
import dev.koalja.pipeline.yaml.PipelineWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Puts a pipeline in force on a circuit that has just been started. */
public final class PipelineApply {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private PipelineApply() {}

  /**
   * Applies it and returns its revision. Waits while the circuit still reads what is in Kafka.
   *
   * @throws CliException when the pipeline is refused, or the circuit is not ready within a minute
   */
  public static long apply(ControlClient control, Pipeline pipeline) {
    return apply(control, pipeline, Optional.empty(), Optional.empty());
  }

  /**
   * The same with its code.
   *
   * @param after the revision it was made for, 0 for none; empty: whatever is in force
   * @param release which code comes with it; other builds are a new revision in any case
   */
  public static long apply(
      ControlClient control, Pipeline pipeline, Optional<Long> after, Optional<Release> release) {
    Instant limit = Instant.now().plus(PATIENCE);
    Proposal proposal = new Proposal(PipelineWriter.yaml(pipeline), after, release);
    while (true) {
      try {
        return control.apply(pipeline.name().value(), proposal).path("revision").asLong();
      } catch (CliException e) {
        if (e.exit() != Exit.UNAVAILABLE || Instant.now().isAfter(limit)) {
          throw e;
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CliException.unavailable("interrupted");
    }
  }
}
