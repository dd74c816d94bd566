package dev.koalja.runtime;

import dev.koalja.pipeline.Json;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Prepares beside the start of Quarkus, on another core, what the first request needs: the JSON
 * mapper, and the locale data behind the {@code Date} header that the HTTP server puts on every
 * answer. Together a sixth of the way to the first reply.
 */
final class WarmUp {
  /** The first that this process runs of ours, but for a hot reload. */
  private static final long BEGAN = System.nanoTime();

  private WarmUp() {}

  /** How long it is ago that our code began, in milliseconds; what was before is the JVM's. */
  static long sinceBegin() {
    return (System.nanoTime() - BEGAN) / 1_000_000;
  }

  static void begin() {
    Thread.ofPlatform().daemon().name("warm-up").start(WarmUp::run);
  }

  private static void run() {
    Json.MAPPER.readerFor(String.class);
    DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss zzz", Locale.US)
        .formatTo(ZonedDateTime.now(ZoneOffset.UTC), new StringBuilder());
  }
}
