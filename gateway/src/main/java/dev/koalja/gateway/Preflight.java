package dev.koalja.gateway;

import dev.koalja.gateway.definition.DefinitionTopic;
import dev.koalja.gateway.definition.Replication;
import dev.koalja.pipeline.access.ControlAccess;
import dev.koalja.pipeline.error.KoaljaException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/**
 * Looks, before the application starts, for what would make it fail: so that a person reads one
 * line instead of a stack trace.
 */
public final class Preflight {
  /** Exit code for something needed that is not there (sysexits' EX_UNAVAILABLE). */
  public static final int UNAVAILABLE = 69;

  private static final String KAFKA = "kafka.";

  private Preflight() {}

  /**
   * What is in the way, as one line, or empty when the application can start. Afterwards Kafka
   * answers and the definition topic exists.
   *
   * @param timeout how long to wait for Kafka
   */
  public static Optional<String> problem(Config config, Duration timeout) {
    try {
      String management = text(config, "quarkus.management.host", "127.0.0.1");
      ControlAccess.of(
          management,
          config.getOptionalValue("koalja.control.token", String.class),
          config.getOptionalValue("koalja.control.token-file", String.class).map(Path::of));
      limits(
          config.getOptionalValue("koalja.gateway.max-batch", Integer.class).orElse(1000),
          config
              .getOptionalValue("koalja.gateway.max-records-in-flight", Integer.class)
              .orElse(20_000));
      port(config, "quarkus.http", text(config, "quarkus.http.host", "127.0.0.1"), 8080);
      port(config, "quarkus.management", management, 9000);
      DefinitionTopic.ensure(
          kafka(config), config.getOptionalValue(Replication.SETTING, Integer.class), timeout);
      return Optional.empty();
    } catch (IllegalStateException | KoaljaException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Checks limits that depend on one another.
   *
   * @throws IllegalStateException when a batch that is taken could never be sent
   */
  static void limits(int maxBatch, int maxRecordsInFlight) {
    if (maxBatch > maxRecordsInFlight) {
      throw new IllegalStateException(
          "koalja.gateway.max-batch is %d, koalja.gateway.max-records-in-flight only %d: a whole batch must fit"
              .formatted(maxBatch, maxRecordsInFlight));
    }
  }

  private static void port(Config config, String prefix, String host, int otherwise) {
    int port = config.getOptionalValue(prefix + ".port", Integer.class).orElse(otherwise);
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
    } catch (IOException e) {
      throw new IllegalStateException(
          "port %d of %s cannot be used (%s): stop what uses it, or choose another with %s.port"
              .formatted(port, host, e.getMessage(), prefix),
          e);
    }
  }

  /** What the Kafka clients of the application will be configured with. */
  private static Map<String, String> kafka(Config config) {
    Map<String, String> settings = new HashMap<>();
    for (String name : config.getPropertyNames()) {
      if (name.startsWith(KAFKA)) {
        config
            .getOptionalValue(name, String.class)
            .ifPresent(value -> settings.put(name.substring(KAFKA.length()), value));
      }
    }
    return settings;
  }

  private static String text(Config config, String name, String otherwise) {
    return config.getOptionalValue(name, String.class).orElse(otherwise);
  }
}
