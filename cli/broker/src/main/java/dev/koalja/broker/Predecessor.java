package dev.koalja.broker;

import java.lang.reflect.Field;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.ControllerServer;
import kafka.server.KafkaRaftServer;
import kafka.server.SharedServer;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.controller.Controller;
import org.apache.kafka.controller.ControllerRequestContext;
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
 * producer: it stands there twice. So the broker starts only when nobody takes its predecessor for
 * alive any more. The controller would find out by itself when the session ends; that time is long,
 * as a running broker that was stopped for a while must never be taken for dead either.
 */
final class Predecessor {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration AGAIN = Duration.ofMillis(20);

  private Predecessor() {}

  /** Starts the controller alone, and has it forget the broker that was before. */
  static void bury(KafkaRaftServer server) {
    ControllerServer controller =
        (ControllerServer) field(server, "controller", Option.class).get();
    controller.startup();
    SharedServer shared = field(server, "sharedServer", SharedServer.class);
    Watch watch = new Watch();
    try {
      shared.loader().installPublishers(List.of(watch)).get();
      if (watch.alive.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        forget(controller.controller());
        watch.dead.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      }
      shared.loader().removeAndClosePublisher(watch).get();
    } catch (TimeoutException | ExecutionException e) {
      throw new IllegalStateException("the controller does not let go of the broker before", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while it started", e);
    }
  }

  private static void forget(Controller controller)
      throws InterruptedException, ExecutionException, TimeoutException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      try {
        controller
            .unregisterBroker(
                new ControllerRequestContext(
                    new RequestHeaderData(), KafkaPrincipal.ANONYMOUS, OptionalLong.of(deadline)),
                BrokerSettings.NODE)
            .get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        return;
      } catch (ExecutionException e) {
        if (e.getCause() instanceof BrokerIdNotRegisteredException) {
          return;
        }
        if (!(e.getCause() instanceof NotControllerException) || System.nanoTime() > deadline) {
          throw e;
        }
        Thread.sleep(AGAIN); // it is being elected, by itself
      }
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
    /** Whether the broker is taken for alive when everything that was written is read. */
    private final CompletableFuture<Boolean> alive = new CompletableFuture<>();

    private final CompletableFuture<Void> dead = new CompletableFuture<>();

    @Override
    public String name() {
      return "koalja-predecessor";
    }

    @Override
    public void onMetadataUpdate(
        MetadataDelta delta, MetadataImage image, LoaderManifest manifest) {
      BrokerRegistration broker = image.cluster().broker(BrokerSettings.NODE);
      boolean gone = broker == null || broker.fenced();
      alive.complete(!gone);
      if (gone) {
        dead.complete(null);
      }
    }

    @Override
    public void close() {
      // holds nothing
    }
  }
}
