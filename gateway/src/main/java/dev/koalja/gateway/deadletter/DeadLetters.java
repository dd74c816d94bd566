package dev.koalja.gateway.deadletter;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.koalja.gateway.admit.Admitted;
import dev.koalja.gateway.definition.Definitions;
import dev.koalja.gateway.definition.Kafka;
import dev.koalja.gateway.journal.JournalIndex;
import dev.koalja.gateway.journal.JournalSignal;
import dev.koalja.gateway.journal.Letter;
import dev.koalja.gateway.journal.LetterReader;
import dev.koalja.gateway.link.LinkAppender;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
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
  private static final int PAGE = 200;
  private static final int PER_TRANSACTION = 200;
  private static final long BYTES_PER_TRANSACTION = 16 << 20;

  /** Well within the timeout of a transaction, however long the lookups take. */
  private static final Duration TRANSACTION_WITHIN = Duration.ofSeconds(3);

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
   * @param kind of this kind
   * @param cause whose cause contains this
   * @param ids whose event id or place is one of these
   */
  public record Selection(
      Optional<String> pipeline,
      Optional<String> task,
      Optional<Letter.Kind> kind,
      Optional<String> cause,
      List<String> ids) {
    boolean selects(Letter letter) {
      return kind.map(letter.kind()::equals).orElse(true)
          && cause.map(part -> letter.cause().contains(part)).orElse(true)
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
    return each(selection, DeadLetterNote.Action.RETRIED, UnaryOperator.identity());
  }

  /**
   * Sends a dead letter back to its reader with other data.
   *
   * @throws KoaljaException {@link ErrorCode#BAD_REQUEST} when it has no data of its own
   */
  public Outcome edit(Letter letter, byte[] data) throws InterruptedException {
    return edit(
        letter, was -> new ProducerRecord<>(was.topic(), null, was.key(), data, was.headers()));
  }

  /**
   * Sends the event that a quarantined record should have been to its reader.
   *
   * @throws KoaljaException {@link ErrorCode#BAD_REQUEST} when the record was none of a sender
   */
  public Outcome edit(Letter letter, Admitted event) throws InterruptedException {
    return edit(
        letter,
        was -> {
          ProducerRecord<byte[], byte[]> record = LinkAppender.record(was.topic(), event);
          return record.key() != null
              ? record
              : new ProducerRecord<>(
                  was.topic(), null, was.key(), record.value(), record.headers());
        });
  }

  private Outcome edit(Letter letter, UnaryOperator<ProducerRecord<byte[], byte[]>> change)
      throws InterruptedException {
    if (letter.input().equals(Reader.SNAPSHOT.value())) {
      throw new KoaljaException(
          ErrorCode.BAD_REQUEST,
          "a snapshot cannot be edited: it holds several events, each with its place on its link");
    }
    if (letter.input().equals(Reader.ARRIVALS.value())) {
      throw new KoaljaException(
          ErrorCode.BAD_REQUEST,
          "what no intake has written cannot be edited: send an event to a link instead");
    }
    Selection one =
        new Selection(
            Optional.of(letter.pipeline()),
            Optional.of(letter.task()),
            Optional.of(letter.kind()),
            Optional.empty(),
            List.of(letter.place()));
    return each(one, DeadLetterNote.Action.EDITED, change);
  }

  /** Marks every open letter that is meant as deleted. */
  public Outcome delete(Selection selection) throws InterruptedException {
    return each(selection, DeadLetterNote.Action.DELETED, UnaryOperator.identity());
  }

  /**
   * What somebody has done to letters of a pipeline and the index does not show yet. With other
   * gateways fenced, nobody else can add to it.
   */
  private Set<String> doneBehindIndex(String pipeline) throws InterruptedException {
    Set<String> done = new HashSet<>();
    String topic = TopicName.journal(new PipelineName(pipeline));
    From behindIndex = new From.Offset(journal.indexedUpTo(topic));
    try {
      reader.read(topic, behindIndex, () -> false, record -> done.add(key(record)));
    } catch (InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("adding to a set does not fail", e);
    }
    return done;
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

  private Outcome each(
      Selection selection,
      DeadLetterNote.Action action,
      UnaryOperator<ProducerRecord<byte[], byte[]>> change)
      throws InterruptedException {
    definitions.requireCaughtUp();
    one.lockInterruptibly();
    int done = 0;
    try (KafkaProducer<byte[], byte[]> producer = kafka.transactional(TRANSACTIONAL_ID);
        Lookup lookup = reader.lookup()) {
      producer.initTransactions();
      // what fails again while this runs is for the next order
      Map<TopicPartition, Long> newest = journal.newestLetters();
      Map<String, Set<String>> doneAlready = new HashMap<>();
      for (TopicPartition each : newest.keySet()) {
        String pipeline = pipelineOf(each.topic());
        if (selection.pipeline().orElse(pipeline).equals(pipeline)
            && !doneAlready.containsKey(pipeline)) {
          doneAlready.put(pipeline, doneBehindIndex(pipeline));
        }
      }
      Order order = new Order(producer);
      int matched = 0;
      Optional<Letter> behind = Optional.empty();
      while (true) {
        List<Letter> page = journal.open(selection.pipeline(), selection.task(), behind, PAGE);
        List<Letter> known = page.stream().filter(each -> knew(newest, each)).toList();
        if (known.isEmpty()) {
          break;
        }
        behind = Optional.of(page.getLast());
        for (Letter letter : known) {
          if (selection.selects(letter)
              && !doneAlready.getOrDefault(letter.pipeline(), Set.of()).contains(noteKey(letter))) {
            matched++;
            carryOut(order, lookup, letter, action, change);
            done = order.done;
          }
        }
      }
      order.commit();
      done = order.done;
      awaitIndexed(order.notes);
      return new Outcome(matched, done);
    } catch (KafkaException e) {
      throw new KoaljaException(
          ErrorCode.KAFKA_UNAVAILABLE,
          "%d letters were done, then Kafka failed: %s".formatted(done, e.getMessage()),
          e);
    } finally {
      one.unlock();
    }
  }

  /** Of {@code koalja-dead.<pipeline>.<task>.<input>}. */
  private static String pipelineOf(String topic) {
    return topic.split("\\.", -1)[1];
  }

  private static boolean knew(Map<TopicPartition, Long> newest, Letter letter) {
    return letter.offset()
        <= newest.getOrDefault(new TopicPartition(letter.topic(), letter.partition()), -1L);
  }

  private void carryOut(
      Order order,
      Lookup lookup,
      Letter letter,
      DeadLetterNote.Action action,
      UnaryOperator<ProducerRecord<byte[], byte[]>> change) {
    if (action != DeadLetterNote.Action.DELETED) {
      Optional<ProducerRecord<byte[], byte[]>> again = again(lookup, letter);
      if (again.isEmpty()) {
        return;
      }
      order.send(change.apply(again.get()));
    }
    order.note(note(letter, action));
  }

  /** The transactions of one order: each of a size that Kafka and our memory take easily. */
  private static final class Order {
    private final KafkaProducer<byte[], byte[]> producer;

    /** The last note on each journal topic. */
    private final Map<String, Future<RecordMetadata>> notes = new HashMap<>();

    private boolean begun;
    private Instant since = Instant.EPOCH;
    private int letters;
    private long bytes;

    /** Letters whose transaction is committed. */
    private int done;

    Order(KafkaProducer<byte[], byte[]> producer) {
      this.producer = producer;
    }

    Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
      if (!begun) {
        producer.beginTransaction();
        begun = true;
        since = Instant.now();
      }
      bytes += record.value() == null ? 0 : record.value().length;
      return producer.send(record);
    }

    /** Sends the note of a letter, which ends it. */
    void note(ProducerRecord<byte[], byte[]> note) {
      notes.put(note.topic(), send(note));
      letters++;
      if (letters >= PER_TRANSACTION
          || bytes >= BYTES_PER_TRANSACTION
          || Instant.now().isAfter(since.plus(TRANSACTION_WITHIN))) {
        commit();
      }
    }

    void commit() {
      if (begun) {
        producer.commitTransaction();
        begun = false;
        done += letters;
        letters = 0;
        bytes = 0;
      }
    }
  }

  /** The event as it was before it failed, for its reader only. */
  private Optional<ProducerRecord<byte[], byte[]>> again(Lookup lookup, Letter letter) {
    Optional<Reader> to =
        Optional.ofNullable(definitions.current().get(letter.pipeline()))
            .map(Definition::pipeline)
            .stream()
            .flatMap(pipeline -> pipeline.readers().stream())
            // what assembly cannot read no intake has written: it would end there again
            .filter(each -> each.stage() != Reader.Stage.ASSEMBLY)
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

  /** Waits until the index shows it: who asks next must not see the same letters open. */
  private void awaitIndexed(Map<String, Future<RecordMetadata>> notes) throws InterruptedException {
    Instant until = Instant.now().plus(INDEXED_WITHIN);
    for (Map.Entry<String, Future<RecordMetadata>> note : notes.entrySet()) {
      long offset;
      try {
        offset = note.getValue().get().offset();
      } catch (ExecutionException e) {
        throw new KafkaException(e.getCause());
      }
      while (true) {
        long seen = signal.changes();
        Duration left = Duration.between(Instant.now(), until);
        if (journal.indexedUpTo(note.getKey()) > offset || !left.isPositive()) {
          break;
        }
        signal.await(seen, left);
      }
    }
  }
}
