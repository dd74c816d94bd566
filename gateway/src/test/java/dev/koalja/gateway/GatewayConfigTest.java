package dev.koalja.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GatewayConfigTest {
  private static GatewayConfig config(Map<String, String> properties) {
    SmallRyeConfig config =
        new SmallRyeConfigBuilder()
            .withConverter(MemorySize.class, 200, new MemorySizeConverter())
            .withConverter(Duration.class, 200, new DurationConverter())
            .withMapping(GatewayConfig.class)
            .withSources(new PropertiesConfigSource(properties, "test", 100))
            .build();
    return config.getConfigMapping(GatewayConfig.class);
  }

  @Test
  void shouldHaveItsDefaults() {
    GatewayConfig config = config(Map.of());
    assertThat(config.maxBody().asLongValue()).isEqualTo(4L << 20);
    assertThat(config.maxHeaders().asLongValue()).isEqualTo(64L << 10);
    assertThat(config.maxInFlight().asLongValue()).isEqualTo(128L << 20);
    assertThat(config.bodyTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.maxBatch()).isEqualTo(1000);
    assertThat(config.maxNesting()).isEqualTo(100);
    assertThat(config.maxRecordsInFlight()).isEqualTo(20_000);
    assertThat(config.appendTimeout()).isEqualTo(Duration.ofSeconds(16));
  }

  @Test
  void shouldTakeEverySettingByItsKey() {
    GatewayConfig config =
        config(
            Map.of(
                "koalja.gateway.max-body", "1M",
                "koalja.gateway.max-headers", "2K",
                "koalja.gateway.max-in-flight", "3M",
                "koalja.gateway.body-timeout", "PT8S",
                "koalja.gateway.max-batch", "4",
                "koalja.gateway.max-nesting", "5",
                "koalja.gateway.max-records-in-flight", "6",
                "koalja.gateway.append-timeout", "PT7S"));
    assertThat(config.maxBody().asLongValue()).isEqualTo(1L << 20);
    assertThat(config.maxHeaders().asLongValue()).isEqualTo(2L << 10);
    assertThat(config.maxInFlight().asLongValue()).isEqualTo(3L << 20);
    assertThat(config.bodyTimeout()).isEqualTo(Duration.ofSeconds(8));
    assertThat(config.maxBatch()).isEqualTo(4);
    assertThat(config.maxNesting()).isEqualTo(5);
    assertThat(config.maxRecordsInFlight()).isEqualTo(6);
    assertThat(config.appendTimeout()).isEqualTo(Duration.ofSeconds(7));
  }
}
