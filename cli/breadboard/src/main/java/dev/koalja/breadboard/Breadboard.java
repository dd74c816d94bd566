package dev.koalja.breadboard;

import dev.koalja.gateway.Preflight;
import dev.koalja.launch.ParentWatch;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.time.Duration;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/** Starts the breadboard, or says in one line why it cannot and ends with 69. */
@QuarkusMain
public final class Breadboard implements QuarkusApplication {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  // held, or its level would be forgotten with it
  private static final Logger KAFKA = Logger.getLogger("org.apache.kafka");

  /** Runs until it is told to stop. */
  public static void main(String... arguments) {
    ParentWatch.startBriefly(Quarkus::asyncExit);
    KAFKA.setLevel(Level.WARNING); // until Quarkus has configured logging
    Optional<String> problem = Preflight.problem(ConfigProvider.getConfig(), PATIENCE);
    if (problem.isPresent()) {
      System.err.println("koalja breadboard: " + problem.get());
      System.exit(Preflight.UNAVAILABLE);
    }
    Quarkus.run(Breadboard.class, arguments);
  }

  /** Called by Quarkus once everything is up. */
  @Override
  public int run(String... arguments) {
    Config config = ConfigProvider.getConfig();
    System.out.println(
        "koalja: breadboard ready on http://127.0.0.1:%s control http://127.0.0.1:%s"
            .formatted(
                config.getValue("quarkus.http.port", String.class),
                config.getValue("quarkus.management.port", String.class)));
    Quarkus.waitForExit();
    return 0;
  }
}
