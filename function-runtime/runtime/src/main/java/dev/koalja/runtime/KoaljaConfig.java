package dev.koalja.runtime;

import io.quarkus.runtime.annotations.ConfigPhase;
import io.quarkus.runtime.annotations.ConfigRoot;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** Settings of a function process. */
@ConfigRoot(phase = ConfigPhase.RUN_TIME)
@ConfigMapping(prefix = "koalja")
public interface KoaljaConfig {
  /**
   * Where to listen; 0 is any free port. By default {@code PORT} from the environment, else 8080.
   */
  OptionalInt port();

  /** The address to listen on. By default loopback, and in a Knative container every address. */
  Optional<String> host();

  /** The largest request body that is read. */
  @WithDefault("16M")
  MemorySize maxBody();

  /** Results of one invocation at most. */
  @WithDefault("10000")
  int maxResults();

  /** Data of all results of one invocation together at most. */
  @WithDefault("16M")
  MemorySize maxResultBytes();

  /** Where objects are kept: {@code file:/folder}. */
  Optional<String> objects();

  /** How long a stopping process waits for what is in flight. */
  @WithDefault("30s")
  Duration drain();

  /**
   * Whether to stop when standard input is closed, because the process that started this is gone.
   */
  @WithDefault("false")
  boolean watchParent();

  /** Whether this run only trains the start-up cache: it touches what a start needs, then ends. */
  @WithDefault("false")
  boolean training();

  /**
   * Where tests of circuits run. The process does without it; it is known here because a setting
   * that is not would end a {@code @QuarkusTest} in the module of those tests.
   */
  @WithDefault("memory")
  String test();
}
