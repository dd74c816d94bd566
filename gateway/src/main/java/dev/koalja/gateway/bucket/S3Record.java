package dev.koalja.gateway.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.TriggerKind.Change;
import dev.koalja.pipeline.event.KoaljaExtensions;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One record of a notification, of AWS S3, MinIO or Ceph: their differences end here.
 *
 * @param id what names the request, made unique for this record
 * @param source {@code eventSource.awsRegion.bucket}
 * @param name the event's name without {@code s3:}, such as {@code ObjectCreated:Put}
 * @param time when it happened, when it says
 * @param bucket the bucket's name
 * @param key the object's key, decoded
 * @param version the object's version; empty without versioning
 * @param sequencer orders the events of one key; empty when there is none
 * @param json the record as it came
 */
record S3Record(
    String id,
    URI source,
    String name,
    Optional<OffsetDateTime> time,
    String bucket,
    String key,
    String version,
    String sequencer,
    byte[] json) {
  private static final String PREFIX = "s3:";
  private static final String TYPE = "com.amazonaws.s3.";
  private static final int SEQUENCE_WIDTH = 32;

  /**
   * Reads a record.
   *
   * @param json its bytes
   * @throws IllegalArgumentException saying which field is missing or wrong
   */
  static S3Record read(JsonNode record, byte[] json) {
    String version = record.path("eventVersion").asText("2.0");
    if (!version.startsWith("2.")) {
      throw new IllegalArgumentException(
          "eventVersion is %s, only version 2 is understood".formatted(version));
    }
    String name = text(record, "eventName");
    String plainName = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
    JsonNode object = record.at("/s3/object");
    String rawKey = text(object, "key");
    String bucket = text(record.at("/s3/bucket"), "name");
    String objectVersion = object.path("versionId").asText("");
    String sequencer = object.path("sequencer").asText("");
    String request = requestId(record);
    String own =
        Stream.of(rawKey, objectVersion, sequencer)
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining("."));
    // one request may cause many notifications, together or one by one, with the same ids
    String id = request.isEmpty() ? digest(json) : request + "." + digest(own.getBytes(UTF_8));
    return new S3Record(
        id,
        source(record, bucket),
        plainName,
        time(record.path("eventTime").asText("")),
        bucket,
        sentDecoded(record) ? rawKey : ObjectKey.decode(rawKey),
        objectVersion,
        sequencer,
        json);
  }

  /** Ceph sends keys as they are. */
  private static boolean sentDecoded(JsonNode record) {
    return record.path("eventSource").asText("").startsWith("ceph:");
  }

  /** The ids of the request that caused a record; empty when it does not say. */
  private static String requestId(JsonNode record) {
    JsonNode elements = record.path("responseElements");
    return Stream.of("x-amz-request-id", "x-amz-id-2")
        .map(each -> elements.path(each).asText(""))
        .filter(each -> !each.isEmpty())
        .collect(Collectors.joining("."));
  }

  /** Which change of an object this is; empty for restores, tags and whatever else there is. */
  Optional<Change> change() {
    if (name.startsWith("ObjectCreated:")) {
      return Optional.of(Change.CREATED);
    }
    return name.startsWith("ObjectRemoved:") || name.startsWith("LifecycleExpiration:")
        ? Optional.of(Change.REMOVED)
        : Optional.empty();
  }

  /** The record as the CloudEvents adapter of S3 says. */
  CloudEvent event() {
    CloudEventBuilder builder =
        CloudEventBuilder.v1()
            .withId(id)
            .withSource(source)
            .withType(TYPE + name)
            .withSubject(key)
            .withData("application/json", json)
            .withExtension(KoaljaExtensions.PARTITION_KEY, bucket + "/" + key);
    time.ifPresent(builder::withTime);
    if (!sequencer.isEmpty()) {
      builder.withExtension("sequence", sequence());
    }
    return builder.build();
  }

  /** For people: where the object is. */
  String origin() {
    return "s3 " + bucket + "/" + key + (version.isEmpty() ? "" : " version " + version);
  }

  /** Sequencers of one key compare as text once the shorter one has zeros at its end. */
  private String sequence() {
    String digits = sequencer.toUpperCase(Locale.ROOT);
    return digits + "0".repeat(Math.max(0, SEQUENCE_WIDTH - digits.length()));
  }

  private static String text(JsonNode node, String field) {
    String text = node.path(field).asText("");
    if (text.isEmpty()) {
      throw new IllegalArgumentException("the field \"" + field + "\" is missing");
    }
    return text;
  }

  private static URI source(JsonNode record, String bucket) {
    String text =
        record.path("eventSource").asText("aws:s3")
            + "."
            + record.path("awsRegion").asText("")
            + "."
            + bucket;
    try {
      return new URI(text);
    } catch (URISyntaxException _) {
      throw new IllegalArgumentException("\"" + text + "\" cannot be the source of an event");
    }
  }

  private static Optional<OffsetDateTime> time(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(OffsetDateTime.parse(text));
    } catch (DateTimeException _) {
      throw new IllegalArgumentException("eventTime is \"" + text + "\", must be RFC 3339");
    }
  }

  private static String digest(byte[] json) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(json), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
