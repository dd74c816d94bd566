package dev.koalja.gateway.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.gateway.http.Headers;
import dev.koalja.gateway.ingress.JsonText;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.event.KoaljaExtensions;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * GitHub's webhooks as the CloudEvents adapter says: id = the delivery, which stays the same when
 * GitHub delivers again; data = the payload, byte by byte. Thread-safe.
 */
public final class GitHubWebhook {
  /** The event GitHub sends when a webhook is set up: nothing happened. */
  private static final String PING = "ping";

  private static final String FORM = "application/x-www-form-urlencoded";
  private static final String FORM_FIELD = "payload=";

  /** Where the source of the table is not in the payload, and for events not in the table. */
  private static final List<Template> FALLBACK_SOURCES =
      templates("{repository.url}", "{organization.url}", "{sender.url}");

  /** What keeps events in order: the repository, else the organisation, else the person. */
  private static final List<Template> KEYS =
      templates("{repository.full_name}", "{organization.login}", "{sender.login}");

  private final GitHubTable table = GitHubTable.load();
  private final JsonText json;
  private final InstantSource clock;

  /**
   * Maps payloads.
   *
   * @param json reads them
   * @param clock says now, where the table does
   */
  public GitHubWebhook(JsonText json, InstantSource clock) {
    this.json = json;
    this.clock = clock;
  }

  /** Whether a request is only GitHub's question whether somebody is here. */
  public static boolean isPing(Headers headers) {
    return headers.first("X-GitHub-Event").filter(PING::equals).isPresent();
  }

  /**
   * The event a verified request carries.
   *
   * @throws KoaljaException {@link ErrorCode#MALFORMED_EVENT} or {@link ErrorCode#MALFORMED_DATA}
   */
  public CloudEvent event(Headers headers, byte[] body) {
    String event = header(headers, "X-GitHub-Event").toLowerCase(Locale.ROOT);
    if (!event.matches("[a-z0-9_]{1,100}")) {
      throw new KoaljaException(ErrorCode.MALFORMED_EVENT, "X-GitHub-Event is no name of an event");
    }
    String delivery = header(headers, "X-GitHub-Delivery");
    byte[] data = payload(headers, body);
    JsonNode payload = parse(data);
    GitHubTable.Row row = table.of(event);
    String type =
        Stream.concat(Stream.of("com.github." + event), row.type().of(payload).stream())
            .reduce((begin, rest) -> begin + "." + rest)
            .orElseThrow();
    CloudEventBuilder builder =
        CloudEventBuilder.v1()
            .withId(delivery)
            .withSource(source(row, payload))
            .withType(type)
            .withTime(time(row, payload))
            .withData("application/json", data);
    row.subject().of(payload).ifPresent(builder::withSubject);
    key(payload).ifPresent(key -> builder.withExtension(KoaljaExtensions.PARTITION_KEY, key));
    return builder.build();
  }

  private static String header(Headers headers, String name) {
    return headers
        .first(name)
        .map(String::trim)
        .filter(value -> !value.isEmpty())
        .orElseThrow(
            () ->
                new KoaljaException(
                    ErrorCode.MALFORMED_EVENT, "the header " + name + " is missing"));
  }

  /** The JSON payload, also of the form GitHub can be told to send. */
  private static byte[] payload(Headers headers, byte[] body) {
    String contentType = headers.first("Content-Type").orElse("").toLowerCase(Locale.ROOT);
    if (!contentType.startsWith(FORM)) {
      return body;
    }
    String form = new String(body, StandardCharsets.ISO_8859_1);
    return Stream.of(form.split("&"))
        .filter(field -> field.startsWith(FORM_FIELD))
        .findFirst()
        .map(field -> decode(field.substring(FORM_FIELD.length())))
        .orElseThrow(
            () ->
                new KoaljaException(ErrorCode.MALFORMED_DATA, "the form has no field \"payload\""));
  }

  private static byte[] decode(String value) {
    try {
      return URLDecoder.decode(value, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new KoaljaException(
          ErrorCode.MALFORMED_DATA, "the form field \"payload\" is not percent-encoded", e);
    }
  }

  private JsonNode parse(byte[] data) {
    json.check(data);
    try {
      JsonNode payload = Json.MAPPER.readTree(data);
      if (payload.isObject()) {
        return payload;
      }
    } catch (IOException e) {
      throw new KoaljaException(ErrorCode.MALFORMED_DATA, "not JSON: " + e.getMessage(), e);
    }
    throw new KoaljaException(ErrorCode.MALFORMED_DATA, "the payload is no JSON object");
  }

  private static URI source(GitHubTable.Row row, JsonNode payload) {
    return Stream.concat(Stream.of(row.source()), FALLBACK_SOURCES.stream())
        .flatMap(each -> each.of(payload).stream())
        .flatMap(text -> uri(text).stream())
        .findFirst()
        .orElse(URI.create("https://github.com"));
  }

  private static Optional<URI> uri(String text) {
    try {
      return Optional.of(new URI(text));
    } catch (URISyntaxException _) {
      return Optional.empty();
    }
  }

  private OffsetDateTime time(GitHubTable.Row row, JsonNode payload) {
    return row.times().stream()
        .flatMap(each -> each.of(payload).stream())
        .flatMap(text -> time(text).stream())
        .findFirst()
        .orElseGet(() -> clock.instant().atOffset(ZoneOffset.UTC));
  }

  /** Most times of GitHub are RFC 3339, some are seconds since 1970. */
  private static Optional<OffsetDateTime> time(String text) {
    try {
      return Optional.of(
          text.matches("\\d{9,12}")
              ? Instant.ofEpochSecond(Long.parseLong(text)).atOffset(ZoneOffset.UTC)
              : OffsetDateTime.parse(text));
    } catch (DateTimeException _) {
      return Optional.empty();
    }
  }

  private static Optional<String> key(JsonNode payload) {
    return KEYS.stream().flatMap(each -> each.of(payload).stream()).findFirst();
  }

  private static List<Template> templates(String... texts) {
    return Stream.of(texts).map(Template::new).toList();
  }
}
