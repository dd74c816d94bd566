package dev.koalja.router.app;

import dev.koalja.launch.ParentWatch;
import dev.koalja.router.kafka.KafkaCluster;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/** Starts the router, or says in one line why it cannot and ends with 69. */
@QuarkusMain
public final class RouterApplication implements QuarkusApplication {
  private static final String KAFKA = "kafka.";
  private static final int UNAVAILABLE = 69;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Runs until it is told to stop. */
  public static void main(String... arguments) {
    Config config = ConfigProvider.getConfig();
    Optional<String> problem =
        ManagementAccess.problem(config)
            .or(() -> DefinitionTopicCheck.problem(kafka(config), PATIENCE));
    if (problem.isPresent()) {
      System.err.println("koalja router: " + problem.get());
      System.exit(UNAVAILABLE);
    }
    Quarkus.run(RouterApplication.class, arguments);
  }

  /** What the channels are configured with too, before they are there. */
  private static KafkaCluster kafka(Config config) {
    Map<String, String> settings = new HashMap<>();
    for (String name : config.getPropertyNames()) {
      if (name.startsWith(KAFKA)) {
        config
            .getOptionalValue(name, String.class)
            .ifPresent(value -> settings.put(name.substring(KAFKA.length()), value));
      }
    }
    return new KafkaCluster(settings);
  }

  /** Called by Quarkus once everything is up. */
  @Override
  public int run(String... arguments) {
    ParentWatch.startBriefly(Quarkus::asyncExit);
    Config config = ConfigProvider.getConfig();
    System.out.println(
        "koalja: router ready on http://%s:%s"
            .formatted(
                config.getValue("quarkus.management.host", String.class),
                config.getValue("quarkus.management.port", String.class)));
    Quarkus.waitForExit();
    return 0;
  }
}
