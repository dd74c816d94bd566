package dev.koalja.runtime.health;

import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.runtime.registry.FunctionRegistry;
import dev.koalja.runtime.registry.HostedFunction;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;

/**
 * The metrics of a function process as Prometheus text. Plain adders: a metrics library would cost
 * every cold start more than it could tell.
 */
public final class ProcessMetrics {
  /** The media type of the text. */
  public static final String MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final String app;
  private final FunctionRegistry registry;
  private final Instant listening;
  private final LongAdder[] refused = new LongAdder[ErrorCode.values().length];

  /** Metrics of a process that listens since {@code listening}. */
  public ProcessMetrics(String app, FunctionRegistry registry, Instant listening) {
    this.app = app;
    this.registry = registry;
    this.listening = listening;
    for (int i = 0; i < refused.length; i++) {
      refused[i] = new LongAdder();
    }
  }

  /** A request was refused before any function saw it. */
  public void refused(ErrorCode code) {
    refused[code.ordinal()].increment();
  }

  /** The text. */
  public String text() {
    StringBuilder text = new StringBuilder(4096);
    String name = "koalja_function_invocations_total";
    head(text, name, "counter", "Invocations by how they ended");
    for (HostedFunction function : registry.all()) {
      function.counters().outcomes(text, name, labels(function));
    }
    name = "koalja_function_duration_seconds";
    head(text, name, "histogram", "How long invocations ran");
    for (HostedFunction function : registry.all()) {
      function.counters().durations(text, name, labels(function));
    }
    name = "koalja_function_in_flight";
    head(text, name, "gauge", "Invocations under way");
    for (HostedFunction function : registry.all()) {
      function.counters().inFlight(text, name, labels(function));
    }
    name = "koalja_requests_refused_total";
    head(text, name, "counter", "Requests that reached no function, by why");
    for (ErrorCode code : ErrorCode.values()) {
      long count = refused[code.ordinal()].sum();
      if (count > 0) {
        text.append("%s{app=\"%s\",code=\"%s\"} %d\n".formatted(name, app, code.word(), count));
      }
    }
    Instant now = Instant.now();
    ProcessHandle.current()
        .info()
        .startInstant()
        .ifPresent(
            start -> {
              String cold = "koalja_process_start_seconds";
              head(text, cold, "gauge", "From the start of the process to listening");
              text.append("%s{app=\"%s\"} %s\n".formatted(cold, app, seconds(start, listening)));
            });
    String up = "koalja_process_uptime_seconds";
    head(text, up, "gauge", "Since the process listens");
    text.append("%s{app=\"%s\"} %s\n".formatted(up, app, seconds(listening, now)));
    return text.toString();
  }

  private static double seconds(Instant from, Instant to) {
    return Duration.between(from, to).toMillis() / 1e3;
  }

  private String labels(HostedFunction function) {
    return "app=\"" + app + "\",task=\"" + function.task() + "\"";
  }

  private static void head(StringBuilder text, String name, String type, String help) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }
}
