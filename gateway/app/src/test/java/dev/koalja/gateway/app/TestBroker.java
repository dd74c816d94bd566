package dev.koalja.gateway.app;

import dev.koalja.gateway.definition.DefinitionTopic;
import dev.koalja.launch.BrokerProcess;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One real broker for all tests of this module, and the settings that make limits testable. */
public class TestBroker implements QuarkusTestResourceLifecycleManager {
  /** The secret of every trigger in tests. */
  static final String SECRET = "s3cret";

  // the resource lives in another class loader than the tests: they find the broker through this
  private static final String SERVERS = "koalja.test.bootstrap.servers";

  private @Nullable BrokerProcess broker;
  private @Nullable Path folder;

  @Override
  public Map<String, String> start() {
    try {
      Path state = Files.createTempDirectory("koalja-gateway-it");
      broker = BrokerProcess.start(state.resolve("kafka"), 0, false); // it is killed and comes back
      folder = state;
      String servers = broker.bootstrapServers();
      DefinitionTopic.ensure(servers, Duration.ofSeconds(30));
      Files.createDirectories(state.resolve("secrets"));
      Files.writeString(state.resolve("secrets/hook"), SECRET + "\nolder\n");
      System.setProperty(SERVERS, servers);
      Map<String, String> settings = new HashMap<>();
      settings.put("kafka.bootstrap.servers", servers);
      settings.put("quarkus.http.test-port", "0");
      settings.put("quarkus.management.test-port", "0");
      settings.put("koalja.journal.db", state.resolve("journal/index").toString());
      settings.put("koalja.secrets.dir", state.resolve("secrets").toString());
      settings.put("koalja.gateway.append-timeout", "4s");
      settings.put("koalja.gateway.max-body", "1M");
      settings.put("koalja.gateway.max-headers", "8K");
      settings.put("koalja.gateway.max-batch", "200");
      settings.put("koalja.gateway.body-timeout", "5s");
      return settings;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop() {
    if (broker != null) {
      broker.close();
    }
    if (folder != null) {
      delete(folder);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      // the journal index is still open: what cannot go stays in the temporary folder
      all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gives tests that ask for it, by field name, the power over the broker. */
  @Override
  public void inject(TestInjector injector) {
    BrokerProcess running = Objects.requireNonNull(broker);
    Runnable kill = running::kill9;
    Runnable restart = running::restart;
    injector.injectIntoFields(kill, field -> field.getName().equals("killBroker"));
    injector.injectIntoFields(restart, field -> field.getName().equals("restartBroker"));
  }

  /** Where the broker listens. */
  static String servers() {
    return Objects.requireNonNull(System.getProperty(SERVERS));
  }
}
