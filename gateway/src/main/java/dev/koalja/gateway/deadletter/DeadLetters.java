package dev.koalja.gateway.deadletter;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.koalja.gateway.definition.Definitions;
import dev.koalja.gateway.definition.Kafka;
import dev.koalja.gateway.journal.JournalIndex;
import dev.koalja.gateway.journal.JournalIndex.LetterState;
import dev.koalja.gateway.journal.JournalSignal;
import dev.koalja.gateway.journal.Letter;
import dev.koalja.gateway.journal.LetterReader;
import dev.koalja.gateway.link.LinkReader;
import dev.koalja.gateway.link.LinkReader.From;
import dev.koalja.gateway.link.LinkReader.Lookup;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.journal.DeadLetterNote;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Sends letters back to their reader, or marks them deleted. The event on the retry topic and the
 * note in the journal are one transaction: a letter is sent back once or not at all, whatever is
 * killed. One order at a time. Thread-safe, blocks.
 */
@ApplicationScoped
public class DeadLetters {
  private static final String TRANSACTIONAL_ID = "koalja-dead-letters";
  private static final int PER_TRANSACTION = 200;
  private static final Duration INDEXED_WITHIN = Duration.ofSeconds(5);

  /** What the router added to a dead letter. */
  private static final Set<String> ADDED =
      Set.of(
              KoaljaExtensions.ERROR_DESTINATION,
              KoaljaExtensions.ERROR_CODE,
              KoaljaExtensions.ERROR_DATA,
              KoaljaExtensions.ATTEMPTS,
              KoaljaExtensions.INVOCATION,
              KoaljaExtensions.CAUSE,
              KoaljaExtensions.CODE_REVISION)
          .stream()
          .map(name -> LetterReader.ATTRIBUTE + name)
          .collect(Collectors.toSet());

  /** What the router added to a quarantined record. */
  private static final Set<String> QUARANTINED =
      Set.of(LetterReader.REASON, "koalja-topic", "koalja-partition", "koalja-offset");

  private final ReentrantLock one = new ReentrantLock();
  private final JournalIndex journal;
  private final JournalSignal signal;
  private final Definitions definitions;
  private final LinkReader reader;
  private final Kafka kafka;

  DeadLetters(
      JournalIndex journal,
      JournalSignal signal,
      Definitions definitions,
      LinkReader reader,
      Kafka kafka) {
    this.journal = journal;
    this.signal = signal;
    this.definitions = definitions;
    this.reader = reader;
    this.kafka = kafka;
  }

  /**
   * Which letters are meant; what is empty excludes none.
   *
   * @param pipeline of this pipeline
   * @param task of this task
   * @param cause whose cause contains this
   * @param ids whose event id or place is one of these
   */
  public record Selection(
      Optional<String> pipeline, Optional<String> task, Optional<String> cause, List<String> ids) {
    boolean selects(Letter letter) {
      return cause.map(part -> letter.cause().contains(part)).orElse(true)
          && (ids.isEmpty() || ids.contains(letter.id()) || ids.contains(letter.place()));
    }
  }

  /**
   * What came of an order.
   *
   * @param matched open letters that were meant
   * @param done those it was carried out for; fewer when a record is no longer kept or its reader
   *     is no longer in force
   */
  public record Outcome(int matched, int done) {}

  /** Sends every open letter that is meant back to its reader. */
  public Outcome retry(Selection selection) throws InterruptedException {
    return each(selection, DeadLetterNote.Action.RETRIED);
  }

  /** Marks every open letter that is meant as deleted. */
  public Outcome delete(Selection selection) throws InterruptedException {
    return each(selection, DeadLetterNote.Action.DELETED);
  }

  /** The letters that are meant and open, oldest first: events of a key go back in their order. */
  private List<Letter> open(Selection selection) {
    return journal.letters(selection.pipeline(), selection.task()).stream()
        .filter(each -> each.state().equals("open"))
        .map(LetterState::letter)
        .filter(selection::selects)
        .toList()
        .reversed();
  }

  /**
   * The same, and certain: what stands in the journal and has not been indexed yet counts too. With
   * other gateways fenced, nobody else can add to it.
   */
  private List<Letter> certainlyOpen(Selection selection) throws InterruptedException {
    List<Letter> letters = open(selection);
    Set<String> done = new HashSet<>();
    for (String pipeline : letters.stream().map(Letter::pipeline).distinct().toList()) {
      String topic = TopicName.journal(new PipelineName(pipeline));
      From behindIndex = new From.Offset(journal.indexedUpTo(topic));
      try {
        reader.read(topic, behindIndex, () -> false, record -> done.add(key(record)));
      } catch (InterruptedException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException("adding to a set does not fail", e);
      }
    }
    return letters.stream().filter(each -> !done.contains(noteKey(each))).toList();
  }

  private static String key(ConsumerRecord<byte[], byte[]> record) {
    return record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
  }

  private static String noteKey(Letter letter) {
    return new DeadLetterNote(
            letter.topic(),
            letter.partition(),
            letter.offset(),
            DeadLetterNote.Action.RETRIED,
            Instant.EPOCH)
        .key();
  }

  private Outcome each(Selection selection, DeadLetterNote.Action action)
      throws InterruptedException {
    definitions.requireCaughtUp();
    one.lockInterruptibly();
    int done = 0;
    try (KafkaProducer<byte[], byte[]> producer = kafka.transactional(TRANSACTIONAL_ID);
        Lookup lookup = reader.lookup()) {
      producer.initTransactions();
      List<Letter> letters = certainlyOpen(selection);
      for (int from = 0; from < letters.size(); from += PER_TRANSACTION) {
        List<Letter> some = letters.subList(from, Math.min(letters.size(), from + PER_TRANSACTION));
        done += transaction(producer, lookup, some, action);
      }
      awaitIndexed(selection, letters.size() - done);
      return new Outcome(letters.size(), done);
    } catch (KafkaException e) {
      throw new KoaljaException(
          ErrorCode.KAFKA_UNAVAILABLE,
          "%d letters were done, then Kafka failed: %s".formatted(done, e.getMessage()),
          e);
    } finally {
      one.unlock();
    }
  }

  private int transaction(
      KafkaProducer<byte[], byte[]> producer,
      Lookup lookup,
      List<Letter> letters,
      DeadLetterNote.Action action) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    int done = 0;
    for (Letter letter : letters) {
      if (action == DeadLetterNote.Action.RETRIED) {
        Optional<ProducerRecord<byte[], byte[]>> again = again(lookup, letter);
        if (again.isEmpty()) {
          continue;
        }
        records.add(again.get());
      }
      records.add(note(letter, action));
      done++;
    }
    if (!records.isEmpty()) {
      producer.beginTransaction();
      records.forEach(producer::send);
      producer.commitTransaction();
    }
    return done;
  }

  /** The event as it was before it failed, for its reader only. */
  private Optional<ProducerRecord<byte[], byte[]>> again(Lookup lookup, Letter letter) {
    Optional<Reader> to =
        Optional.ofNullable(definitions.current().get(letter.pipeline()))
            .map(Definition::pipeline)
            .stream()
            .flatMap(pipeline -> pipeline.readers().stream())
            .filter(each -> each.task().name().value().equals(letter.task()))
            .filter(each -> each.input().name().value().equals(letter.input()))
            .findFirst();
    Optional<ConsumerRecord<byte[], byte[]>> record =
        to.isEmpty()
            ? Optional.empty()
            : lookup.at(letter.topic(), letter.partition(), letter.offset());
    return record.flatMap(
        found ->
            to.map(
                each ->
                    new ProducerRecord<>(
                        TopicName.retry(each),
                        null,
                        found.key(),
                        found.value(),
                        without(
                            found.headers(),
                            letter.kind() == Letter.Kind.DEAD_LETTER ? ADDED : QUARANTINED))));
  }

  private static Headers without(Headers headers, Set<String> names) {
    Headers kept = new RecordHeaders();
    for (Header header : headers) {
      if (!names.contains(header.key())) {
        kept.add(header);
      }
    }
    return kept;
  }

  private static ProducerRecord<byte[], byte[]> note(Letter letter, DeadLetterNote.Action action) {
    DeadLetterNote note =
        new DeadLetterNote(
            letter.topic(), letter.partition(), letter.offset(), action, Instant.now());
    try {
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              TopicName.journal(new PipelineName(letter.pipeline())),
              note.key().getBytes(StandardCharsets.UTF_8),
              Json.MAPPER.writeValueAsBytes(note));
      record.headers().add("koalja-kind", "dead-letter-note".getBytes(StandardCharsets.US_ASCII));
      return record;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of text and numbers are always JSON", e);
    }
  }

  /** Waits until the index shows it: the next order must not see the same letters open. */
  private void awaitIndexed(Selection selection, int stillOpen) throws InterruptedException {
    Instant until = Instant.now().plus(INDEXED_WITHIN);
    while (true) {
      long seen = signal.changes();
      Duration left = Duration.between(Instant.now(), until);
      if (open(selection).size() <= stillOpen || !left.isPositive()) {
        return;
      }
      signal.await(seen, left);
    }
  }
}
