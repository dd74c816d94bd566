package dev.koalja.gateway.definition;

import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.definition.DefinitionAssembler;
import dev.koalja.pipeline.definition.DefinitionRecord;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.error.Suggestion;
import dev.koalja.pipeline.yaml.InvalidPipelineException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The pipelines in force, as the definition topic tells them. Whatever this gateway applied itself
 * comes back here before anybody acts on it. Thread-safe.
 */
@ApplicationScoped
public class Definitions {
  private static final Logger LOG = Logger.getLogger(Definitions.class);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final DefinitionAssembler assembler = new DefinitionAssembler();
  private final Map<String, NavigableMap<Long, Map<String, String>>> elements = new HashMap<>();
  private volatile Map<String, Definition> current = Map.of();
  private long seen = -1;
  private volatile boolean caughtUp;

  /** Takes the next record of the topic. */
  @Incoming("koalja-gateway-definition")
  void accept(ConsumerRecord<String, String> record) {
    lock.lock();
    try {
      remember(record.key(), record.value());
      assembler.accept(new DefinitionRecord(record.key(), record.value())).ifPresent(this::apply);
      seen = record.offset();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void apply(DefinitionAssembler.Change change) {
    current = assembler.current();
    switch (change) {
      case DefinitionAssembler.Change.Applied(var definition) ->
          LOG.infof("pipeline %s revision %d", definition.pipeline().name(), definition.revision());
      case DefinitionAssembler.Change.Removed(var pipeline) ->
          LOG.infof("pipeline %s removed", pipeline);
      case DefinitionAssembler.Change.Unreadable(var pipeline, var reason) ->
          LOG.errorf("definition of pipeline %s cannot be followed: %s", pipeline, reason);
    }
  }

  private void remember(String key, @Nullable String value) {
    String[] parts = key.split("/", 4);
    if (parts.length != 4) {
      return;
    }
    try {
      Map<String, String> values =
          elements
              .computeIfAbsent(parts[0], _ -> new TreeMap<>())
              .computeIfAbsent(Long.parseLong(parts[1]), _ -> new TreeMap<>());
      if (value == null) {
        values.remove(parts[2] + "/" + parts[3]);
      } else {
        values.put(parts[2] + "/" + parts[3], value);
      }
    } catch (NumberFormatException _) {
      // the assembler has said it
    }
  }

  /** Every pipeline in force, by name. */
  public Map<String, Definition> current() {
    return current;
  }

  /**
   * The pipeline of that name.
   *
   * @throws KoaljaException {@link ErrorCode#UNKNOWN_PIPELINE}, or {@link
   *     ErrorCode#KAFKA_UNAVAILABLE} while the topic has not been read to its end
   */
  public Definition require(String pipeline) {
    requireCaughtUp();
    Definition definition = current.get(pipeline);
    if (definition == null) {
      throw new KoaljaException(
          ErrorCode.UNKNOWN_PIPELINE,
          "no pipeline is called \"%s\"%s"
              .formatted(pipeline, Suggestion.didYouMean(pipeline, current.keySet())));
    }
    return definition;
  }

  /** Whether everything that was on the topic at the start has been read. */
  public boolean caughtUp() {
    return caughtUp;
  }

  /** Refuses while definitions are still being read: a link not known yet may well exist. */
  public void requireCaughtUp() {
    if (!caughtUp) {
      throw new KoaljaException(
          ErrorCode.KAFKA_UNAVAILABLE, "the definitions have not been read from Kafka yet");
    }
  }

  /** Notes that what was there at the start has been read. */
  void markCaughtUp() {
    caughtUp = true;
  }

  /** The highest revision a pipeline ever had, as far as the topic still knows; 0 without any. */
  long lastRevision(String pipeline) {
    lock.lock();
    try {
      NavigableMap<Long, Map<String, String>> revisions =
          elements.getOrDefault(pipeline, new TreeMap<>());
      long known = revisions.isEmpty() ? 0 : revisions.lastKey();
      return Math.max(
          known, Optional.ofNullable(current.get(pipeline)).map(Definition::revision).orElse(0L));
    } finally {
      lock.unlock();
    }
  }

  /**
   * The last revisions of a pipeline, the one in force included, the latest first.
   *
   * @throws KoaljaException as {@link #require}
   */
  public List<Definition> revisions(String pipeline) {
    require(pipeline);
    NavigableMap<Long, Map<String, String>> known = new TreeMap<>();
    lock.lock();
    try {
      elements
          .getOrDefault(pipeline, new TreeMap<>())
          .forEach((revision, values) -> known.put(revision, Map.copyOf(values)));
    } finally {
      lock.unlock();
    }
    List<Definition> revisions = new ArrayList<>();
    long last = require(pipeline).revision();
    known
        .headMap(last, true)
        .tailMap(last - DefinitionPublisher.KEPT_REVISIONS, false)
        .descendingMap()
        .forEach(
            (revision, values) -> {
              try {
                if (!values.isEmpty()) {
                  revisions.add(DefinitionAssembler.definition(pipeline, revision, values));
                }
              } catch (InvalidPipelineException e) {
                LOG.debugf("revision %d of %s is not whole any more", revision, pipeline);
              }
            });
    return revisions;
  }

  /** The keys of all elements of revisions up to {@code revision}. */
  Set<String> elementsUpTo(String pipeline, long revision) {
    lock.lock();
    try {
      Set<String> keys = new TreeSet<>();
      elements
          .getOrDefault(pipeline, new TreeMap<>())
          .headMap(revision, true)
          .forEach(
              (number, values) ->
                  values
                      .keySet()
                      .forEach(each -> keys.add("%s/%d/%s".formatted(pipeline, number, each))));
      return keys;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the record at {@code offset} has been read. */
  boolean awaitRecord(long offset, Duration atMost) throws InterruptedException {
    return await(() -> seen >= offset, atMost);
  }

  /** Waits until a pipeline has this revision or a later one; 0: until it is gone. */
  boolean awaitRevision(String pipeline, long revision, Duration atMost)
      throws InterruptedException {
    return await(
        () -> {
          Definition definition = current.get(pipeline);
          return revision == 0
              ? definition == null
              : definition != null && definition.revision() >= revision;
        },
        atMost);
  }

  private boolean await(BooleanSupplier condition, Duration atMost) throws InterruptedException {
    long left = atMost.toNanos();
    lock.lockInterruptibly();
    try {
      while (!condition.getAsBoolean()) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
