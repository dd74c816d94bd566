package dev.koalja.gateway.ingress;

import dev.koalja.gateway.http.Headers;
import dev.koalja.gateway.http.Request;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import io.cloudevents.CloudEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the CloudEvents of a request, in whichever content mode they come. Pure and thread-safe.
 */
public final class EventReader {
  private static final String STRUCTURED = "application/cloudevents";
  private static final String BATCH = "application/cloudevents-batch";
  private static final String PREFIX = "ce-";
  private static final Set<String> FORMS =
      Set.of("multipart/form-data", "application/x-www-form-urlencoded");

  private final JsonText json;
  private final StructuredJson structured;

  /** Takes JSON nested {@code maxNesting} deep and batches of {@code maxBatch} events at most. */
  public EventReader(int maxNesting, int maxBatch) {
    json = new JsonText(maxNesting);
    structured = new StructuredJson(json, maxBatch);
  }

  /**
   * The events, in the order they came.
   *
   * @throws KoaljaException saying what is wrong with which event, and where
   */
  public List<CloudEvent> read(Request request) {
    uncompressed(request.headers());
    String contentType = request.headers().first("content-type").orElse("");
    MediaType media = MediaType.parse(contentType);
    // batch first: its media type begins with the other one
    if (media.essence().startsWith(BATCH)) {
      only(media, BATCH + "+json");
      return structured.batch(request.body());
    }
    if (media.essence().startsWith(STRUCTURED)) {
      only(media, STRUCTURED + "+json");
      return List.of(structured.event(request.body()));
    }
    return List.of(binary(request, contentType, media));
  }

  private static void uncompressed(Headers headers) {
    headers
        .first("content-encoding")
        .filter(encoding -> !encoding.equalsIgnoreCase("identity"))
        .ifPresent(
            encoding -> {
              throw unsupported("content encoding " + encoding + ": send the body uncompressed");
            });
  }

  private static void only(MediaType media, String supported) {
    if (!media.essence().equals(supported)) {
      throw unsupported(media.essence() + ": of the event formats only JSON is read, " + supported);
    }
    media
        .charset()
        .filter(charset -> !charset.equals("utf-8") && !charset.equals("utf8"))
        .ifPresent(
            charset -> {
              throw unsupported("charset " + charset + ": JSON is UTF-8");
            });
  }

  private CloudEvent binary(Request request, String contentType, MediaType media) {
    Attributes attributes = new Attributes();
    for (Map.Entry<String, List<String>> header : request.headers().fields().entrySet()) {
      if (header.getKey().startsWith(PREFIX)) {
        String name = header.getKey().substring(PREFIX.length());
        if (name.equals("datacontenttype")) {
          throw Attributes.malformed(
              "ce-datacontenttype must not be sent: the Content-Type header says it");
        }
        for (String value : header.getValue()) {
          attributes.put(name, AttributeText.decode(name, value));
        }
      }
    }
    if (attributes.isEmpty() && FORMS.contains(media.essence())) {
      throw unsupported(
          media.essence() + ": send a CloudEvent in binary, structured or batch mode");
    }
    List<String> missing = attributes.missing();
    if (!missing.isEmpty()) {
      throw Attributes.malformed(
          ("no CloudEvent: missing %s. Send the headers %s, or a body of type"
                  + " application/cloudevents+json")
              .formatted(
                  String.join(", ", missing.stream().map(name -> PREFIX + name).toList()),
                  Attributes.requiredHeaders()));
    }
    if (!contentType.isEmpty()) {
      attributes.put("datacontenttype", contentType.trim());
    }
    if (request.body().length == 0) {
      return attributes.toEvent(null);
    }
    if (media.isJson()) {
      json.check(request.body());
    }
    return attributes.toEvent(request.body());
  }

  private static KoaljaException unsupported(String what) {
    return new KoaljaException(ErrorCode.UNSUPPORTED_MEDIA_TYPE, what);
  }
}
