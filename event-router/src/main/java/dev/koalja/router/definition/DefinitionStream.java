package dev.koalja.router.definition;

import dev.koalja.pipeline.definition.DefinitionAssembler;
import dev.koalja.pipeline.definition.DefinitionAssembler.Change;
import dev.koalja.pipeline.definition.DefinitionRecord;
import dev.koalja.pipeline.definition.Release;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.router.EventRouter;
import dev.koalja.router.kafka.KafkaCluster;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/**
 * Follows the definition topic and has the router act on every complete revision. At the start it
 * reads to the end first and acts on what is in force then: acting on revisions that were replaced
 * long ago would route events by them.
 */
@ApplicationScoped
public class DefinitionStream {
  private static final Logger LOG = Logger.getLogger(DefinitionStream.class);
  private static final TopicPartition TOPIC = new TopicPartition(TopicName.DEFINITION, 0);

  private final EventRouter router;
  private final KafkaCluster kafka;
  private final DefinitionAssembler assembler = new DefinitionAssembler();
  private long next = -1;

  public DefinitionStream(EventRouter router, KafkaCluster kafka) {
    this.router = router;
    this.kafka = kafka;
  }

  void start(@Observes StartupEvent event) {
    catchUp();
  }

  private synchronized void catchUp() {
    if (next >= 0) {
      return;
    }
    Properties settings = kafka.properties();
    settings.put("isolation.level", "read_committed");
    settings.put("enable.auto.commit", "false");
    settings.put("fetch.max.wait.ms", "20"); // the end of this consumer waits for its last fetch
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(TOPIC));
      consumer.seekToBeginning(List.of(TOPIC));
      long end = consumer.endOffsets(List.of(TOPIC)).getOrDefault(TOPIC, 0L);
      while (consumer.position(TOPIC) < end) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
          assembler
              .accept(new DefinitionRecord(record.key(), record.value()))
              .ifPresent(DefinitionStream::complain);
        }
      }
      next = end;
    }
    // an app may stand in several: its build is that of the one that changed last
    assembler.current().values().stream()
        .sorted(
            Comparator.comparing(
                definition -> definition.release().map(Release::at).orElse(Instant.MIN)))
        .forEach(router::apply);
  }

  @Incoming("koalja-router-definition")
  @Blocking
  void accept(ConsumerRecord<String, String> record) {
    catchUp();
    if (record.offset() < next) {
      return;
    }
    Change change =
        assembler.accept(new DefinitionRecord(record.key(), record.value())).orElse(null);
    switch (change) {
      case null -> {}
      case Change.Applied(var definition) -> router.apply(definition);
      case Change.Removed(var pipeline) -> router.remove(pipeline);
      case Change.Unreadable unreadable -> complain(unreadable);
    }
  }

  private static void complain(Change change) {
    if (change instanceof Change.Unreadable(var pipeline, var reason)) {
      LOG.errorf("definition of %s not followed: %s", pipeline, reason);
    }
  }
}
