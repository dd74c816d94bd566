package dev.koalja.router.memory;

import dev.koalja.pipeline.Delivery.Batch;
import dev.koalja.pipeline.Reader;
import dev.koalja.router.dispatch.BatchCall;
import dev.koalja.router.dispatch.Delivery;
import dev.koalja.router.dispatch.Invocation;
import dev.koalja.router.dispatch.Invocation.Next;
import dev.koalja.router.dispatch.RetryPolicy;
import dev.koalja.router.function.Batches;
import dev.koalja.router.function.KeyScheduler;
import dev.koalja.router.kafka.KafkaCluster;
import dev.koalja.router.reply.ResultAppender;
import dev.koalja.router.reply.ResultAppender.Appendable;
import dev.koalja.router.reply.ResultAppender.Judgement;
import dev.koalja.router.state.HeldException;
import dev.koalja.router.state.KeyedStates;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Takes events or snapshots to the function: one call after the other, each key in its order. */
final class FunctionStage implements Stage {
  private static final Object ALL = new Object();
  private static final Object OWNERSHIP = new Object();
  private static final long MAX_BATCH_BYTES = 4L * 1024 * 1024;

  /** Takes nothing off a backoff, so that a test knows how long it is. */
  private static final RandomGenerator NO_JITTER = () -> 0;

  private final MemoryRouter router;
  private final Reader reader;
  private final ResultAppender appender;
  private final dev.koalja.pipeline.Delivery settings;
  private final RetryPolicy retries;
  private final LinkEnd link;
  private final Optional<KeyedStates> states;
  private final KeyScheduler<Work> scheduler = new KeyScheduler<>();
  private final Batches<Work> batches;
  private final List<Work> waiting = new ArrayList<>();

  /**
   * An event between its arrival and its end.
   *
   * @param key whose turn it has
   * @param together how many may be called with together
   * @param notBefore when it may be called with
   */
  private record Work(Invocation invocation, Object key, int together, Instant notBefore) {
    Work again(int most, Instant time) {
      return new Work(invocation, key, most, time);
    }
  }

  FunctionStage(MemoryRouter router, Reader reader, ResultAppender appender) {
    this.router = router;
    this.reader = reader;
    this.appender = appender;
    this.settings = reader.task().delivery();
    this.retries = new RetryPolicy(settings, NO_JITTER);
    this.link = new LinkEnd(router, reader, appender);
    this.states = KeyedStates.of(KafkaCluster.at("none"), reader);
    try {
      if (states.isPresent()) {
        states.get().assigned(OWNERSHIP, 0, true);
      }
    } catch (HeldException e) {
      throw new IllegalStateException("nothing was ever finished, so nothing is read", e);
    }
    this.batches =
        new Batches<>(
            settings.batch().map(Batch::max).orElse(1),
            settings.batch().map(Batch::linger).orElse(Duration.ZERO),
            work -> work.invocation().delivery().size());
  }

  @Override
  public boolean step() throws InterruptedException {
    if (link.hasNext()) {
      link.next().ifPresent(this::accept);
      return true;
    }
    comeDue();
    collect();
    List<Work> together = batches.take(Integer.MAX_VALUE, MAX_BATCH_BYTES, nanos());
    if (together.isEmpty()) {
      return false;
    }
    if (settings.batch().isPresent()) {
      callTogether(together);
    } else {
      callAlone(together.getFirst());
    }
    return true;
  }

  @Override
  public Optional<Instant> due() {
    Optional<Instant> retry = waiting.stream().map(Work::notBefore).min(Comparator.naturalOrder());
    long wait = batches.waitFor(nanos());
    Optional<Instant> batch =
        wait == Long.MAX_VALUE ? Optional.empty() : Optional.of(router.instant().plusNanos(wait));
    return retry.isEmpty() || batch.filter(at -> at.isBefore(retry.get())).isPresent()
        ? batch
        : retry;
  }

  private long nanos() {
    return Duration.between(router.begin(), router.instant()).toNanos();
  }

  private void accept(Delivery delivery) {
    Optional<Appendable> refused = appender.refusedByFilter(delivery);
    if (refused.isPresent()) {
      router.append(refused.get());
      return;
    }
    Object key =
        switch (settings.order()) {
          case KEY -> key(delivery);
          case ORDERED -> ALL;
          case UNORDERED -> new Object();
        };
    scheduler.offer(key, new Work(new Invocation(delivery), key, Batch.MAX, Instant.MIN));
  }

  private Object key(Delivery delivery) {
    if (delivery.key().isPresent()) {
      return delivery.key().get();
    }
    return reader.stage() == Reader.Stage.SNAPSHOT ? "" : new Object();
  }

  private void comeDue() {
    Instant now = router.instant();
    waiting.stream()
        .filter(work -> !work.notBefore().isAfter(now))
        .sorted(Comparator.comparing(Work::notBefore))
        .toList()
        .forEach(
            work -> {
              waiting.remove(work);
              scheduler.again(work.key(), work);
            });
  }

  private void collect() {
    Optional<Work> ready = scheduler.next();
    while (ready.isPresent()) {
      batches.add(ALL, ready.get(), ready.get().together(), nanos());
      ready = scheduler.next();
    }
  }

  private void callAlone(Work work) throws InterruptedException {
    Next next =
        work.invocation()
            .attempt(
                router.serving(),
                router.functions(),
                retries,
                router,
                delivery -> states.map(each -> each.with(OWNERSHIP, delivery)).orElse(delivery));
    follow(work, next);
  }

  private void callTogether(List<Work> works) throws InterruptedException {
    Map<Invocation, Work> open = new LinkedHashMap<>();
    works.forEach(work -> open.put(work.invocation(), work));
    BatchCall.Outcome outcome =
        new BatchCall(List.copyOf(open.keySet()))
            .attempt(router.serving(), router.functions(), retries, router);
    outcome.alone().forEach((invocation, next) -> follow(taken(open, invocation), next));
    divide(outcome.divided().stream().map(each -> taken(open, each)).toList());
    if (outcome.succeeded().isPresent()) {
      BatchCall.Together together = outcome.succeeded().get();
      List<Work> members = together.members().stream().map(each -> taken(open, each)).toList();
      switch (appender.judge(together.invocation(), together.results())) {
        case Judgement.Accepted(var appendable) -> finished(members, appendable);
        case Judgement.Refused(var reason) when members.size() == 1 ->
            follow(members.getFirst(), reason);
        case Judgement.Refused _ -> divide(members);
      }
    }
  }

  private static Work taken(Map<Invocation, Work> open, Invocation invocation) {
    return Objects.requireNonNull(open.remove(invocation));
  }

  private void divide(List<Work> works) {
    int fewer = Math.max(1, works.size() / 2);
    works.forEach(work -> scheduler.again(work.key(), work.again(fewer, Instant.MIN)));
  }

  private void follow(Work work, Next next) {
    switch (next) {
      case Next.Retry(var pause, _) -> waiting.add(work.again(1, router.instant().plus(pause)));
      case Next.AppendResults results ->
          finished(List.of(work), appender.results(work.invocation(), results));
      case Next.DeadLetter letter ->
          finished(List.of(work), appender.deadLetter(work.invocation(), letter));
      case Next.Expire(var cause) ->
          finished(List.of(work), appender.expired(work.invocation(), cause));
    }
  }

  private void finished(List<Work> works, Appendable appendable) {
    states.ifPresent(
        each -> appendable.records().forEach(record -> each.changed(OWNERSHIP, record)));
    router.append(appendable);
    works.forEach(work -> scheduler.finished(work.key()));
  }
}
