package dev.koalja.cli.control;

import dev.koalja.cli.CliException;
import dev.koalja.cli.Exit;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.yaml.PipelineWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

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
    return apply(control, pipeline, false);
  }

  /**
   * The same.
   *
   * @param rebuilt whether its code is new, so that it is a new revision in any case
   */
  public static long apply(ControlClient control, Pipeline pipeline, boolean rebuilt) {
    Instant limit = Instant.now().plus(PATIENCE);
    byte[] yaml = PipelineWriter.yaml(pipeline).getBytes(StandardCharsets.UTF_8);
    while (true) {
      try {
        return control.apply(pipeline.name().value(), yaml, rebuilt).path("revision").asLong();
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
