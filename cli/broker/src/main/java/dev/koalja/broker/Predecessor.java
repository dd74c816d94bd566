package dev.koalja.broker;

import java.lang.reflect.Field;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.ControllerServer;
import kafka.server.KafkaRaftServer;
import kafka.server.SharedServer;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.loader.LoaderManifest;
import org.apache.kafka.image.publisher.MetadataPublisher;
import org.apache.kafka.metadata.BrokerRegistration;
import scala.Option;

/**
 * The broker that was killed, as long as the controller takes it for alive.
 *
 * <p>Kafka starts controller and broker together. After a kill the broker then believes for some
 * seconds that it leads what its predecessor led, decides the transactions that were open, and is
 * told meanwhile that nobody leads. To a partition that nobody leads its coordinator sends no
 * marker: it takes the partition for deleted (Kafka 4.3.1, {@code
 * KRaftMetadataCache.getPartitionLeaderEndpoint} is empty where it should be {@code noNode}), and
 * the transaction for complete. What was aborted becomes readable with the next commit of the same
 * producer: it stands there twice. So the broker starts only when its predecessor is known to be
 * dead; before that it could not register anyway.
 */
final class Predecessor {
  /** Much more than its session lasts. */
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private Predecessor() {}

  /** Starts the controller alone, and waits until it has fenced the broker that was before. */
  static void bury(KafkaRaftServer server) {
    ((ControllerServer) field(server, "controller", Option.class).get()).startup();
    SharedServer shared = field(server, "sharedServer", SharedServer.class);
    Watch watch = new Watch();
    try {
      shared.loader().installPublishers(List.of(watch)).get();
      watch.dead.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      shared.loader().removeAndClosePublisher(watch).get();
    } catch (TimeoutException | ExecutionException e) {
      throw new IllegalStateException("the controller does not let go of the broker before", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while it started", e);
    }
  }

  /** Kafka offers no way to start one of the two first. */
  private static <T> T field(KafkaRaftServer server, String name, Class<T> type) {
    try {
      Field field = KafkaRaftServer.class.getDeclaredField(name);
      field.setAccessible(true);
      return type.cast(field.get(server));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this Kafka has no " + name + " in " + server, e);
    }
  }

  /** Sees what the controller knows. */
  private static final class Watch implements MetadataPublisher {
    private final CompletableFuture<Void> dead = new CompletableFuture<>();

    @Override
    public String name() {
      return "koalja-predecessor";
    }

    @Override
    public void onMetadataUpdate(
        MetadataDelta delta, MetadataImage image, LoaderManifest manifest) {
      BrokerRegistration broker = image.cluster().broker(BrokerSettings.NODE);
      if (broker == null || broker.fenced()) {
        dead.complete(null);
      }
    }

    @Override
    public void close() {
      // holds nothing
    }
  }
}
