package dev.koalja.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.function.ObjectStore;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KoaljaConfigTest {
  private static KoaljaConfig config(Map<String, String> values) {
    return new SmallRyeConfigBuilder()
        .withMapping(KoaljaConfig.class)
        .withConverter(Duration.class, 100, new DurationConverter())
        .withConverter(
            io.quarkus.runtime.configuration.MemorySize.class, 100, new MemorySizeConverter())
        .withSources(new PropertiesConfigSource(values, "test", 100))
        .build()
        .getConfigMapping(KoaljaConfig.class);
  }

  private static FunctionServer.Settings settings(
      Map<String, String> values, Map<String, String> environment, LaunchMode mode) {
    return FunctionRecorder.settings("app", "1", config(values), environment, mode);
  }

  @Test
  void hasDefaults() {
    FunctionServer.Settings settings = settings(Map.of(), Map.of(), LaunchMode.NORMAL);

    assertThat(settings.address().getAddress().isLoopbackAddress()).isTrue();
    assertThat(settings.address().getPort()).isEqualTo(8080);
    assertThat(settings.maxBody()).isEqualTo(16 << 20);
    assertThat(settings.maxResults()).isEqualTo(10_000);
    assertThat(settings.maxResultBytes()).isEqualTo(16 << 20);
    assertThat(settings.objects()).isSameAs(ObjectStore.none());
    assertThat(settings.drain()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config(Map.of()).watchParent()).isFalse();
    assertThat(config(Map.of()).training()).isFalse();
    assertThat(config(Map.of()).test()).isEqualTo("memory");
  }

  @Test
  void canBeSet() {
    Map<String, String> values =
        Map.of(
            "koalja.test", "breadboard",
            "koalja.port", "0",
            "koalja.host", "0.0.0.0",
            "koalja.max-body", "1K",
            "koalja.max-results", "3",
            "koalja.max-result-bytes", "2K",
            "koalja.objects", "file:/objects",
            "koalja.drain", "5s",
            "koalja.watch-parent", "true",
            "koalja.training", "true");
    FunctionServer.Settings settings = settings(values, Map.of("PORT", "1"), LaunchMode.NORMAL);

    assertThat(settings.address().getAddress().isAnyLocalAddress()).isTrue();
    assertThat(settings.address().getPort()).isZero();
    assertThat(settings.maxBody()).isEqualTo(1024);
    assertThat(settings.maxResults()).isEqualTo(3);
    assertThat(settings.maxResultBytes()).isEqualTo(2048);
    assertThat(settings.objects()).hasToString("objects in /objects");
    assertThat(settings.drain()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config(values).watchParent()).isTrue();
    assertThat(config(values).training()).isTrue();
    assertThat(config(values).test()).isEqualTo("breadboard");
  }

  @Test
  void followsTheContainerContract() {
    FunctionServer.Settings settings =
        settings(Map.of(), Map.of("PORT", "9999", "K_SERVICE", "shop"), LaunchMode.NORMAL);

    assertThat(settings.address().getAddress().isAnyLocalAddress()).isTrue();
    assertThat(settings.address().getPort()).isEqualTo(9999);
  }

  @Test
  void aTestTakesAnyFreePort() {
    assertThat(settings(Map.of(), Map.of(), LaunchMode.TEST).address().getPort()).isZero();
  }
}
