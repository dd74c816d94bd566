package dev.koalja.router.admission;

import dev.koalja.pipeline.Delivery;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Says when the next call of a reader may begin. What bounds it: the settings (events and bytes in
 * flight, rate), how much the function takes, and whether it works at all. Times are those of
 * {@link System#nanoTime}. Not thread-safe.
 */
public final class Admission {
  private final Delivery settings;
  private final CallLimit limit;
  private final CircuitBreaker breaker;
  private final Optional<RateLimit> rate;
  private int calls;
  private int events;
  private long bytes;

  /**
   * A call under way.
   *
   * @param number counts calls
   * @param events how many events it is made with
   * @param bytes of them
   * @param probe whether it is the one that finds out whether the function works again
   */
  public record Ticket(long number, int events, long bytes, boolean probe) {}

  public Admission(Delivery settings, RandomGenerator random) {
    this.settings = settings;
    this.limit = new CallLimit(settings.maxInFlight());
    this.breaker = new CircuitBreaker(random);
    this.rate = settings.rate().map(RateLimit::new);
  }

  /**
   * How long no call may begin.
   *
   * @param next bytes of the event that would go
   * @return nanoseconds; 0: now; {@link Long#MAX_VALUE}: not before another one ends
   */
  public long waitFor(long next, long now) {
    if (events > 0
        && (calls >= limit.calls()
            || events >= settings.maxInFlight()
            || bytes + next > settings.maxInFlightBytes())) {
      return Long.MAX_VALUE;
    }
    return Math.max(breaker.waitFor(now), rate.map(each -> each.waitFor(now)).orElse(0L));
  }

  /** How many events a call may be made with at present. */
  public int room() {
    return breaker.open() ? 1 : Math.max(1, settings.maxInFlight() - events);
  }

  /** How many bytes a call may be made with at present; a single event always may. */
  public long roomForBytes() {
    return Math.max(0, settings.maxInFlightBytes() - bytes);
  }

  /** A call begins. */
  public Ticket begin(int withEvents, long withBytes, long now) {
    calls++;
    events += withEvents;
    bytes += withBytes;
    rate.ifPresent(each -> each.began(withEvents, now));
    return new Ticket(limit.began(), withEvents, withBytes, breaker.began());
  }

  /** A call ended. */
  public void end(Ticket ticket, Effort effort, long now) {
    switch (effort) {
      case SERVED -> {
        limit.served(calls);
        if (breaker.served()) {
          limit.startSlowly();
        }
      }
      case FAILED -> breaker.failed(ticket.probe(), now);
      case OVERLOADED -> {
        limit.pushedBack(ticket.number(), calls);
        breaker.failed(ticket.probe(), now);
      }
      case NOTHING -> breaker.nothing(ticket.probe());
    }
    calls--;
    events -= ticket.events();
    bytes -= ticket.bytes();
  }

  /** The part of the rate that this router may use; more than 0, at most 1. */
  public void share(double part) {
    rate.ifPresent(each -> each.share(part));
  }

  /** Events in calls under way. */
  public int inFlight() {
    return events;
  }

  /** Calls that may be under way side by side. */
  public int limit() {
    return breaker.open() ? 1 : limit.calls();
  }

  /** Whether the function is taken not to work. */
  public boolean open() {
    return breaker.open();
  }

  /** Why calls do not simply begin, for people; empty when the function is taken to work. */
  public Optional<String> reason(long now) {
    if (!breaker.open()) {
      return Optional.empty();
    }
    long wait = breaker.waitFor(now);
    return Optional.of(
        "circuit open: %d calls in a row failed; %s"
            .formatted(
                breaker.failures(),
                wait == Long.MAX_VALUE
                    ? "one is being tried"
                    : "the next is tried in %.1f s"
                        .formatted(Duration.ofNanos(wait).toMillis() / 1000.0)));
  }
}
