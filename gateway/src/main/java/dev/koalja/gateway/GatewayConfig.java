package dev.koalja.gateway;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What an operator can set about ingress. */
@ConfigMapping(prefix = "koalja.gateway")
public interface GatewayConfig {
  /** The largest body of one request, webhooks and batches included; beyond it 413. */
  @WithDefault("4M")
  MemorySize maxBody();

  /** Names and values of all header fields of one request together; beyond it 431. */
  @WithDefault("64K")
  MemorySize maxHeaders();

  /** The bodies of all requests held at the same time; beyond it 429. */
  @WithDefault("128M")
  MemorySize maxInFlight();

  /** How long a sender may take to send a body; then its connection is cut. */
  @WithDefault("30s")
  Duration bodyTimeout();

  /** Events in one batch; beyond it 413. */
  @WithDefault("1000")
  int maxBatch();

  /** How deep objects and arrays of JSON may nest. */
  @WithDefault("100")
  int maxNesting();

  /** Records on their way to Kafka at the same time; beyond it 429. */
  @WithDefault("20000")
  int maxRecordsInFlight();

  /** How long a request waits for Kafka's acknowledgement; after it 503. */
  @WithDefault("16s")
  Duration appendTimeout();
}
