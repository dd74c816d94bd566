package dev.koalja.router.kafka;

import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;

/**
 * Where Kafka is, and how its clients are let in: what every consumer, producer and admin client is
 * configured with, such as TLS and SASL. Never shown as text, as it may hold passwords.
 */
public final class KafkaCluster {
  /** What belongs to every kind of client; the rest each stage decides for itself. */
  private static final Set<String> COMMON = AdminClientConfig.configNames();

  private final Map<String, Object> settings;

  /**
   * @param settings of Kafka's clients, {@code bootstrap.servers} among them; what is for one kind
   *     of them only is left out
   */
  public KafkaCluster(Map<String, ?> settings) {
    Map<String, Object> common = new HashMap<>(settings);
    common.keySet().retainAll(COMMON);
    this.settings = Map.copyOf(common);
  }

  /** One that lets everybody in. */
  public static KafkaCluster at(String bootstrapServers) {
    return new KafkaCluster(Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
  }

  /** {@code host:port}, several with commas. */
  public String bootstrapServers() {
    return String.valueOf(settings.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG));
  }

  /** A new client's settings, to be added to. */
  public Properties properties() {
    Properties properties = new Properties();
    properties.putAll(settings);
    return properties;
  }

  @Override
  public String toString() {
    return bootstrapServers();
  }
}
