package dev.koalja.router.app;

import dev.koalja.pipeline.event.TopicName;
import dev.koalja.router.kafka.KafkaCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/**
 * Looks for the definition topic, which the gateway makes; gateway and router may start together.
 */
final class DefinitionTopicCheck {
  private DefinitionTopicCheck() {}

  /** What is missing after {@code patience}, in one line; empty when nothing is. */
  static Optional<String> problem(KafkaCluster kafka, Duration patience) {
    Instant deadline = Instant.now().plus(patience);
    String problem = "";
    try (Admin admin = Admin.create(kafka.properties())) {
      while (true) {
        try {
          Set<String> topics = admin.listTopics().names().get(5, TimeUnit.SECONDS);
          if (topics.contains(TopicName.DEFINITION)) {
            return Optional.empty();
          }
          problem =
              "Kafka at %s has no topic %s: start a gateway first, it makes the topic"
                  .formatted(kafka.bootstrapServers(), TopicName.DEFINITION);
        } catch (ExecutionException | TimeoutException e) {
          problem = "Kafka at " + kafka.bootstrapServers() + " does not answer: is it running?";
        }
        if (Instant.now().isAfter(deadline)) {
          return Optional.of(problem);
        }
        Thread.sleep(200);
      }
    } catch (KafkaException e) {
      return Optional.of(
          "kafka.bootstrap.servers is \"" + kafka.bootstrapServers() + "\": " + e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }
}
