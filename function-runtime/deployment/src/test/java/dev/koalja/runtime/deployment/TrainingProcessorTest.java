package dev.koalja.runtime.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TrainingProcessorTest {
  private static Process child() throws Exception {
    return new ProcessBuilder("sleep", "600").start();
  }

  @Test
  void endsTheTrainingWhenTheBuildIsInterrupted() throws Exception {
    Process child = child();
    try {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> TrainingProcessor.awaitEnd(child, Duration.ofMinutes(5)))
          .isInstanceOf(InterruptedException.class);
      assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      child.destroyForcibly();
    }
  }

  @Test
  void endsATrainingThatTakesTooLong() throws Exception {
    Process child = child();
    try {
      TrainingProcessor.awaitEnd(child, Duration.ofMillis(50));
      assertThat(child.isAlive()).isFalse();
    } finally {
      child.destroyForcibly();
    }
  }
}
