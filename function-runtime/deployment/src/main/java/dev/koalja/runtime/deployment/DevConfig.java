package dev.koalja.runtime.deployment;

import io.quarkus.runtime.annotations.ConfigPhase;
import io.quarkus.runtime.annotations.ConfigRoot;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;

/** Settings of dev mode, {@code mvn quarkus:dev}. */
@ConfigRoot(phase = ConfigPhase.BUILD_TIME)
@ConfigMapping(prefix = "koalja.dev")
public interface DevConfig {
  /** Whether to start a breadboard for the circuit: {@code koalja run} that calls this app. */
  @WithDefault("true")
  boolean breadboard();

  /** More words for that {@code koalja run}, such as {@code --port=8081,--ephemeral}. */
  Optional<List<String>> runOptions();
}
