package dev.koalja.runtime.deployment;

import io.quarkus.runtime.annotations.ConfigPhase;
import io.quarkus.runtime.annotations.ConfigRoot;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;

/** Settings of the training of the start-up cache when an app is packaged. */
@ConfigRoot(phase = ConfigPhase.BUILD_TIME)
@ConfigMapping(prefix = "koalja.cache")
public interface TrainingConfig {
  /** Whether packaging trains a start-up cache; costs some seconds. */
  @WithDefault("true")
  boolean enabled();

  /** The flags of the JVM, which must be the same in training and in use. */
  @WithDefault(
      "-XX:+UseSerialGC,-XX:TieredStopAtLevel=1,-XX:-UsePerfData,-XX:+UseCompactObjectHeaders,"
          + "-XX:+UnlockDiagnosticVMOptions,-XX:-AOTRecordTraining,-XX:-AOTReplayTraining")
  List<String> flags();

  /** How long training may take. */
  @WithDefault("2m")
  Duration timeout();
}
