package dev.koalja.gateway.definition;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/** Finds out at the start when the definition topic has been read to its end. */
@ApplicationScoped
public class CatchUp {
  private static final Logger LOG = Logger.getLogger(CatchUp.class);

  private final Definitions definitions;
  private final Kafka kafka;
  private volatile Thread waiting = Thread.currentThread();

  CatchUp(Definitions definitions, Kafka kafka) {
    this.definitions = definitions;
    this.kafka = kafka;
  }

  void start(@Observes StartupEvent event) {
    waiting = Thread.ofVirtual().name("koalja-definition-catch-up").start(this::catchUp);
  }

  void stop(@Observes ShutdownEvent event) {
    if (waiting.isVirtual()) {
      waiting.interrupt();
    }
  }

  private void catchUp() {
    try {
      while (!definitions.caughtUp()) {
        try {
          long last = DefinitionTopic.lastRecord(kafka.common());
          if (definitions.awaitRecord(last, Duration.ofSeconds(30))) {
            definitions.markCaughtUp();
          }
        } catch (KafkaException e) {
          LOG.warnf("cannot read the definition topic yet: %s", e.getMessage());
          Thread.sleep(1000);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // the gateway stops before it was ready
    }
  }
}
