package dev.koalja.router.link;

import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.journal.InvocationRecord;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the router counts, per reader: {@code koalja_reader_events_in_total} = {@code
 * koalja_reader_invocations_total} over all outcomes + what is buffered, once nothing is lost to
 * rebalances. Thread-safe.
 */
public final class ReaderMetrics {
  private final MeterRegistry registry;
  private final Map<Reader, ReaderMeters> meters = new ConcurrentHashMap<>();
  private final Map<TopicReader, List<Meter>> gauges = new ConcurrentHashMap<>();

  private record ReaderMeters(
      Tags tags,
      Counter read,
      Counter retried,
      Counter out,
      Counter succeeded,
      Counter deadLettered,
      Counter quarantined,
      Counter filtered,
      Counter expired,
      Timer executed,
      Timer queued) {}

  public ReaderMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Begins to show how a reader stands. */
  public void register(TopicReader reader) {
    Tags tags = tags(reader.reader());
    gauges.put(
        reader,
        List.of(
            Gauge.builder("koalja.reader.in.flight", reader, each -> each.status().inFlight())
                .description("calls under way")
                .tags(tags)
                .register(registry),
            Gauge.builder("koalja.reader.buffered", reader, each -> each.status().buffered())
                .description("events read and not yet committed")
                .tags(tags)
                .register(registry),
            Gauge.builder("koalja.reader.parked", reader, each -> each.status().parked())
                .description("events that wait long, without holding up their partition")
                .tags(tags)
                .register(registry),
            Gauge.builder("koalja.reader.circuit.open", reader, each -> each.circuitOpen() ? 1 : 0)
                .description("1 while the function only fails and is spared")
                .tags(tags)
                .register(registry),
            Gauge.builder("koalja.reader.call.limit", reader, TopicReader::callLimit)
                .description("calls that may be under way side by side, as the function takes them")
                .tags(tags)
                .register(registry),
            Gauge.builder("koalja.reader.lag", reader, each -> each.status().lag())
                .description("records on the link that were not read yet")
                .tags(tags)
                .register(registry)));
  }

  /** A reader is gone. */
  public void remove(TopicReader reader) {
    List<Meter> gone = gauges.remove(reader);
    if (gone != null) {
      gone.forEach(registry::remove);
    }
  }

  /** An event was read from its link. */
  public void read(Reader reader) {
    meters(reader).read().increment();
  }

  /** An event stands among the arrivals of its task, durably. */
  public void takenIn(Reader reader) {
    meters(reader).out().increment();
  }

  /** An event is to be attempted again. */
  public void retried(Reader reader) {
    meters(reader).retried().increment();
  }

  /** An invocation ended; its results are not durable yet. */
  public void finished(Reader reader, InvocationRecord journal) {
    ReaderMeters each = meters(reader);
    each.executed().record(journal.executed());
    each.queued().record(journal.queued());
    journal
        .coldStart()
        .ifPresent(
            cold ->
                Timer.builder("koalja.function.cold.start")
                    .description("how long events waited for a function process to start")
                    .publishPercentileHistogram()
                    .tags(each.tags())
                    .register(registry)
                    .record(cold));
  }

  /** An invocation's results are durable. */
  public void committed(Reader reader, InvocationRecord journal) {
    committed(reader, journal, 1);
  }

  /** An invocation's results are durable; it was made with so many events. */
  public void committed(Reader reader, InvocationRecord journal, int events) {
    ReaderMeters each = meters(reader);
    each.out().increment(journal.outputs().size());
    Counter ended =
        switch (journal.outcome()) {
          case SUCCEEDED -> each.succeeded();
          case DEAD_LETTERED -> each.deadLettered();
          case QUARANTINED -> each.quarantined();
          case FILTERED -> each.filtered();
          case EXPIRED -> each.expired();
        };
    ended.increment(events);
  }

  private ReaderMeters meters(Reader reader) {
    return meters.computeIfAbsent(
        reader,
        _ -> {
          Tags tags = tags(reader);
          return new ReaderMeters(
              tags,
              Counter.builder("koalja.reader.events.in")
                  .description("events read from the link")
                  .tags(tags)
                  .register(registry),
              Counter.builder("koalja.reader.retries")
                  .description("attempts that are to be made again")
                  .tags(tags)
                  .register(registry),
              Counter.builder("koalja.reader.events.out")
                  .description("events appended, dead letters included")
                  .tags(tags)
                  .register(registry),
              ended(tags, "succeeded"),
              ended(tags, "dead-lettered"),
              ended(tags, "quarantined"),
              ended(tags, "filtered"),
              ended(tags, "expired"),
              Timer.builder("koalja.function.executed")
                  .description("time spent in attempts")
                  .publishPercentileHistogram()
                  .tags(tags)
                  .register(registry),
              Timer.builder("koalja.reader.queued")
                  .description("from append to the first attempt")
                  .tags(tags)
                  .register(registry));
        });
  }

  private Counter ended(Tags tags, String outcome) {
    return Counter.builder("koalja.reader.invocations")
        .description("events by how their invocation ended, counted when committed")
        .tags(tags.and("outcome", outcome))
        .register(registry);
  }

  private static Tags tags(Reader reader) {
    return Tags.of(
        "pipeline", reader.pipeline().value(),
        "task", reader.task().name().value(),
        "input", reader.input().name().value());
  }
}
