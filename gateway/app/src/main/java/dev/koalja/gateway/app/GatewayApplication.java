package dev.koalja.gateway.app;

import dev.koalja.gateway.Preflight;
import dev.koalja.launch.ParentWatch;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/** Starts the gateway, or says in one line why it cannot and ends with 69. */
@QuarkusMain
public final class GatewayApplication implements QuarkusApplication {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Runs until it is told to stop. */
  public static void main(String... arguments) {
    Optional<String> problem = Preflight.problem(ConfigProvider.getConfig(), PATIENCE);
    if (problem.isPresent()) {
      System.err.println("koalja gateway: " + problem.get());
      System.exit(Preflight.UNAVAILABLE);
    }
    Quarkus.run(GatewayApplication.class, arguments);
  }

  /** Called by Quarkus once everything is up. */
  @Override
  public int run(String... arguments) {
    ParentWatch.startBriefly(Quarkus::asyncExit);
    Config config = ConfigProvider.getConfig();
    System.out.println(
        "koalja: gateway ready on http://%s:%s control http://%s:%s"
            .formatted(
                config.getValue("quarkus.http.host", String.class),
                config.getValue("quarkus.http.port", String.class),
                config.getValue("quarkus.management.host", String.class),
                config.getValue("quarkus.management.port", String.class)));
    Quarkus.waitForExit();
    return 0;
  }
}
