package dev.koalja.runtime.deployment;

import io.quarkus.runtime.annotations.ConfigPhase;
import io.quarkus.runtime.annotations.ConfigRoot;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Settings of the check of {@code coldStartBudget} when an app is packaged. */
@ConfigRoot(phase = ConfigPhase.BUILD_TIME)
@ConfigMapping(prefix = "koalja.cold-start")
public interface StartConfig {
  /**
   * What becomes of a budget that is exceeded. Nothing is measured where no function has one, and
   * where no start-up cache is trained.
   */
  @WithDefault("fail")
  Check check();

  /** What becomes of a budget that is exceeded. */
  enum Check {
    /** The build fails. */
    FAIL,

    /** The build says so. */
    WARN,

    /** Nothing is measured. */
    OFF
  }
}
