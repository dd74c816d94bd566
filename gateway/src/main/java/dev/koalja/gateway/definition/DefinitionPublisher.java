package dev.koalja.gateway.definition;

import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.definition.DefinitionCodec;
import dev.koalja.pipeline.definition.DefinitionRecord;
import dev.koalja.pipeline.definition.Proposal;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.pipeline.yaml.PipelineWriter;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jspecify.annotations.Nullable;

/**
 * Puts pipelines in force: topics first, then where new readers begin, then the revision in one
 * transaction. One at a time; a gateway elsewhere that does the same at the same moment is fenced
 * by the transactional id. Thread-safe, blocks.
 */
@ApplicationScoped
public class DefinitionPublisher {
  /** How many revisions stay on the topic, the one in force included. */
  static final int KEPT_REVISIONS = 10;

  private static final String TRANSACTIONAL_ID = "koalja-definition";
  private static final Duration READ_BACK = Duration.ofSeconds(10);

  private final ReentrantLock one = new ReentrantLock();
  private final Definitions definitions;
  private final Kafka kafka;

  DefinitionPublisher(Definitions definitions, Kafka kafka) {
    this.definitions = definitions;
    this.kafka = kafka;
  }

  /**
   * What applying came to.
   *
   * @param name the pipeline
   * @param revision in force now
   * @param changed whether the pipeline is different from before
   */
  public record Applied(String name, long revision, boolean changed) {}

  /**
   * Puts a pipeline in force; when this returns, this gateway follows it.
   *
   * @param name what it must be called
   * @param proposal the pipeline file, and which code comes with it: other builds are a new
   *     revision also when the file says nothing else than before
   * @throws dev.koalja.pipeline.yaml.InvalidPipelineException with every problem
   * @throws KoaljaException {@link ErrorCode#OUTDATED} when it was made for another revision than
   *     the one in force
   */
  public Applied apply(String name, Proposal proposal) throws InterruptedException {
    Pipeline pipeline =
        PipelineReader.read(new PipelineReader.Source(name + ".yaml", proposal.pipeline()));
    if (!pipeline.name().value().equals(name)) {
      throw new KoaljaException(
          ErrorCode.INVALID_PIPELINE,
          "metadata.name is \"%s\", the request says \"%s\"".formatted(pipeline.name(), name));
    }
    return alone(producer -> apply(pipeline, proposal, producer));
  }

  /** Takes a pipeline out of force. Topics and positions stay: applying it again resumes. */
  public void remove(String name) throws InterruptedException {
    alone(
        producer -> {
          Definition current = definitions.require(name);
          append(producer, List.of(DefinitionCodec.removal(name)));
          readBack(name, 0);
          return new Applied(name, current.revision(), true);
        });
  }

  private Applied apply(
      Pipeline pipeline, Proposal proposal, KafkaProducer<byte[], byte[]> producer)
      throws InterruptedException {
    String name = pipeline.name().value();
    requireLatest(name, proposal);
    long revision = definitions.lastRevision(name) + 1;
    // first: what nobody could read again must not leave topics behind
    List<DefinitionRecord> records =
        new ArrayList<>(
            DefinitionCodec.encode(new Definition(pipeline, revision, proposal.release())));
    Map<String, Integer> partitions = new Topics(kafka).ensure(pipeline);
    new StartPositions(kafka.admin(), producer).ensure(pipeline, partitions);
    Definition current = definitions.current().get(name);
    boolean changed = current == null || !PipelineWriter.same(current.pipeline(), pipeline);
    if (current != null && !changed && !otherCode(current, proposal)) {
      return new Applied(name, current.revision(), false);
    }
    for (String outdated : definitions.elementsUpTo(name, revision - KEPT_REVISIONS)) {
      records.add(new DefinitionRecord(outdated, null));
    }
    append(producer, records);
    readBack(name, revision);
    return new Applied(name, revision, changed);
  }

  private void requireLatest(String name, Proposal proposal) {
    long inForce =
        Optional.ofNullable(definitions.current().get(name)).map(Definition::revision).orElse(0L);
    if (proposal.after().filter(after -> after != inForce).isPresent()) {
      throw new KoaljaException(
          ErrorCode.OUTDATED,
          "another change came first: revision %d of pipeline %s is in force, this was made for %d"
              .formatted(inForce, name, proposal.after().get()));
    }
  }

  private static boolean otherCode(Definition current, Proposal proposal) {
    return proposal.release().isPresent()
        && current.release().stream().noneMatch(proposal.release().get()::sameBuilds);
  }

  private void readBack(String name, long revision) throws InterruptedException {
    if (!definitions.awaitRevision(name, revision, READ_BACK)) {
      throw new KoaljaException(
          ErrorCode.KAFKA_UNAVAILABLE,
          "pipeline %s was written, but did not come back from Kafka within %d s"
              .formatted(name, READ_BACK.toSeconds()));
    }
  }

  private void append(KafkaProducer<byte[], byte[]> producer, List<DefinitionRecord> records) {
    producer.beginTransaction();
    for (DefinitionRecord record : records) {
      producer.send(
          new ProducerRecord<>(
              TopicName.DEFINITION, 0, bytes(record.key()), bytes(record.value())));
    }
    producer.commitTransaction(); // throws when a send failed: nothing of it is seen then
  }

  private static byte @Nullable [] bytes(@Nullable String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  /** What is done with everybody else kept out. */
  @FunctionalInterface
  private interface Step {
    Applied run(KafkaProducer<byte[], byte[]> producer) throws InterruptedException;
  }

  private Applied alone(Step step) throws InterruptedException {
    definitions.requireCaughtUp();
    one.lockInterruptibly();
    KafkaProducer<byte[], byte[]> producer = kafka.transactional(TRANSACTIONAL_ID);
    try {
      producer.initTransactions();
      // what another gateway committed before it was fenced counts too
      if (!definitions.awaitRecord(DefinitionTopic.lastRecord(kafka.common()), READ_BACK)) {
        throw new KoaljaException(
            ErrorCode.KAFKA_UNAVAILABLE, "the definitions cannot be read from Kafka at the moment");
      }
      return step.run(producer);
    } catch (ProducerFencedException | InvalidProducerEpochException e) {
      throw new KoaljaException(
          ErrorCode.KAFKA_UNAVAILABLE,
          "another gateway applied a pipeline at the same moment: try again",
          e);
    } catch (KafkaException e) {
      throw new KoaljaException(
          ErrorCode.KAFKA_UNAVAILABLE, "Kafka did not do it: " + e.getMessage(), e);
    } finally {
      producer.close(Duration.ZERO);
      one.unlock();
    }
  }
}
