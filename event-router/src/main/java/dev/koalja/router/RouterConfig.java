package dev.koalja.router;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** Settings of the router. */
@ConfigMapping(prefix = "koalja.router")
public interface RouterConfig {
  /** Begins transactional ids; two installations on one Kafka need different names. */
  @WithDefault("local")
  String installation();

  /**
   * A name no other router of the installation has at the same time, such as a StatefulSet's
   * ordinal. With it a killed router that comes back takes over at once.
   */
  Optional<String> slot();

  /** Commit lanes, 1 to 16: more isolate readers from slow output topics. */
  @WithDefault("1")
  int lanes();

  /** What the broker takes as offset metadata ({@code offset.metadata.max.bytes}). */
  @WithDefault("4096")
  int offsetMetadataCharacters();

  /** Results larger than this many bytes fail their invocation. */
  @WithDefault("8000000")
  long maxRecordBytes();

  /**
   * Events that wait as long as that for another attempt leave their link for a topic of their own,
   * so that their partition goes on; 1 ms to 24 h.
   */
  @WithDefault("10s")
  Duration parkFrom();

  /** Whether an event at the head of a chain wakes the functions behind it. */
  @WithDefault("true")
  boolean prewarm();

  /**
   * Apps that an event wakes at most, those nearest to it first. One whose last three starts ahead
   * of need were in vain is left out until an event reached it.
   */
  @WithDefault("8")
  int prewarmApps();

  /** How long calls under way may take to end when the router stops. */
  @WithDefault("30s")
  Duration drain();
}
