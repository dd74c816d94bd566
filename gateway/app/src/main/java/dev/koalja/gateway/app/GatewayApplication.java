package dev.koalja.gateway.app;

import dev.koalja.gateway.Preflight;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.ConfigProvider;

/** Starts the gateway, or says in one line why it cannot and ends with 69. */
@QuarkusMain
public final class GatewayApplication {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private GatewayApplication() {}

  /** Runs until it is told to stop. */
  public static void main(String... arguments) {
    Optional<String> problem = Preflight.problem(ConfigProvider.getConfig(), PATIENCE);
    if (problem.isPresent()) {
      System.err.println("koalja gateway: " + problem.get());
      System.exit(Preflight.UNAVAILABLE);
    }
    Quarkus.run(arguments);
  }
}
