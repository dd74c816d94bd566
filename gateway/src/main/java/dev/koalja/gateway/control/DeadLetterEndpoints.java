package dev.koalja.gateway.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.gateway.GatewayConfig;
import dev.koalja.gateway.admit.Origin;
import dev.koalja.gateway.deadletter.DeadLetters;
import dev.koalja.gateway.deadletter.DeadLetters.Outcome;
import dev.koalja.gateway.deadletter.DeadLetters.Selection;
import dev.koalja.gateway.http.Answer;
import dev.koalja.gateway.http.Request;
import dev.koalja.gateway.ingress.EventReader;
import dev.koalja.gateway.journal.EventName;
import dev.koalja.gateway.journal.JournalIndex;
import dev.koalja.gateway.journal.JournalIndex.LetterState;
import dev.koalja.gateway.journal.Letter;
import dev.koalja.gateway.link.EventJson;
import dev.koalja.gateway.link.LinkReader;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.event.KoaljaExtensions;
import io.cloudevents.CloudEvent;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** {@code /api/deadletters}: what ended without success, and what to do about it. */
@ApplicationScoped
public class DeadLetterEndpoints {
  private static final Set<String> FIELDS = Set.of("pipeline", "task", "kind", "cause", "ids");

  private final JournalIndex journal;
  private final DeadLetters letters;
  private final LinkReader reader;
  private final EventReader events;

  DeadLetterEndpoints(
      JournalIndex journal, DeadLetters letters, LinkReader reader, GatewayConfig config) {
    this.journal = journal;
    this.letters = letters;
    this.reader = reader;
    this.events = new EventReader(config.maxNesting(), 1);
  }

  Answer list(Request request) {
    return Answer.json(
        200,
        journal
            .letters(
                request.parameter("pipeline"),
                request.parameter("task"),
                kind(request.parameter("kind")))
            .stream()
            .map(DeadLetterEndpoints::shown)
            .toList());
  }

  Answer get(Request request) {
    LetterState state = one(new EventName(request.segment("id")));
    ObjectNode json = shown(state);
    reader
        .at(state.letter().topic(), state.letter().partition(), state.letter().offset())
        .ifPresent(record -> whole(json, record, state.letter()));
    return Answer.json(200, json);
  }

  /**
   * The body is the data the event shall have; for a quarantined record the request is the event it
   * should have been, as {@code POST /events/<link>} takes it.
   */
  Answer edit(Request request) throws InterruptedException {
    LetterState state = one(new EventName(request.segment("id")));
    if (!state.state().equals("open")) {
      throw new KoaljaException(
          ErrorCode.BAD_REQUEST, "this letter is closed: it was %s".formatted(state.state()));
    }
    Outcome outcome;
    if (state.letter().kind() == Letter.Kind.QUARANTINE) {
      List<CloudEvent> event = events.read(request);
      if (event.size() != 1) {
        throw new KoaljaException(ErrorCode.BAD_REQUEST, "one record becomes one event");
      }
      outcome = letters.edit(state.letter(), Origin.of(request).admit(event.getFirst()));
    } else {
      requireJson(state.letter(), request.body());
      outcome = letters.edit(state.letter(), request.body());
    }
    return Answer.json(200, Map.of("matched", outcome.matched(), "edited", outcome.done()));
  }

  /** Data that is no JSON where JSON is promised would end here once more. */
  private void requireJson(Letter letter, byte[] data) {
    String type =
        reader
            .at(letter.topic(), letter.partition(), letter.offset())
            .map(record -> EventJson.of(record).path("datacontenttype").asText(""))
            .orElse("");
    if (!type.contains("json")) {
      return;
    }
    try {
      if (Json.MAPPER.readTree(data).isMissingNode()) {
        throw new KoaljaException(ErrorCode.MALFORMED_DATA, "not JSON: nothing at all");
      }
    } catch (JsonProcessingException e) {
      throw new KoaljaException(
          ErrorCode.MALFORMED_DATA,
          "not JSON at line %d column %d: %s"
              .formatted(
                  e.getLocation().getLineNr(),
                  e.getLocation().getColumnNr(),
                  e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new KoaljaException(ErrorCode.MALFORMED_DATA, "not JSON", e);
    }
  }

  private LetterState one(EventName name) {
    List<LetterState> found = journal.letters(name);
    if (found.isEmpty()) {
      throw new KoaljaException(
          ErrorCode.UNKNOWN_EVENT, "no dead letter is called \"%s\"".formatted(name.text()));
    }
    if (found.size() > 1) {
      throw new KoaljaException(
          ErrorCode.BAD_REQUEST,
          "\"%s\" may mean several letters, use the place of one: %s"
              .formatted(
                  name.text(),
                  String.join(", ", found.stream().map(each -> each.letter().place()).toList())));
    }
    return found.getFirst();
  }

  /** Adds what only the record itself knows: data, headers, and each attempt from the journal. */
  private void whole(ObjectNode json, ConsumerRecord<byte[], byte[]> record, Letter letter) {
    ObjectNode event = EventJson.of(record);
    event.remove(List.of("partition", "offset", "time", "id", "source", "type"));
    json.setAll(event);
    if (letter.kind() == Letter.Kind.QUARANTINE) {
      json.set("draft", QuarantinedEvent.draft(record));
    }
    String invocation = event.path("extensions").path(KoaljaExtensions.INVOCATION).asText();
    journal
        .ofLetter(letter.pipeline(), invocation)
        .ifPresent(found -> json.set("invocation", found));
    ObjectNode headers = json.putObject("headers");
    for (Header header : record.headers()) {
      headers.put(
          header.key(),
          header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8));
    }
  }

  Answer retry(Request request) throws InterruptedException {
    Outcome outcome = letters.retry(selection(request));
    return Answer.json(200, Map.of("matched", outcome.matched(), "retried", outcome.done()));
  }

  Answer delete(Request request) throws InterruptedException {
    Outcome outcome = letters.delete(selection(request));
    return Answer.json(200, Map.of("matched", outcome.matched(), "deleted", outcome.done()));
  }

  private static ObjectNode shown(LetterState state) {
    Letter letter = state.letter();
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("pipeline", letter.pipeline());
    json.put("task", letter.task());
    json.put("input", letter.input());
    json.put("topic", letter.topic());
    json.put("partition", letter.partition());
    json.put("offset", letter.offset());
    json.put("place", letter.place());
    json.put("kind", letter.kind().word());
    json.put("state", state.state());
    json.put("cause", letter.cause());
    json.put("code", letter.code());
    json.put("attempts", letter.attempts());
    json.put("time", letter.time().toString());
    json.put("id", letter.id());
    json.put("source", letter.source());
    json.put("type", letter.type());
    letter.key().ifPresent(key -> json.put("key", key));
    return json;
  }

  private static Selection selection(Request request) {
    JsonNode json;
    try {
      json =
          request.body().length == 0
              ? Json.MAPPER.createObjectNode()
              : Json.MAPPER.readTree(request.body());
    } catch (IOException e) {
      throw new KoaljaException(ErrorCode.BAD_REQUEST, "the body is not JSON", e);
    }
    if (!json.isObject()) {
      throw new KoaljaException(ErrorCode.BAD_REQUEST, "the body must be a JSON object");
    }
    json.fieldNames()
        .forEachRemaining(
            name -> {
              // a misspelt condition would select everything
              if (!FIELDS.contains(name)) {
                throw new KoaljaException(
                    ErrorCode.BAD_REQUEST,
                    "unknown field \"%s\" (known: cause, ids, kind, pipeline, task)"
                        .formatted(name));
              }
            });
    List<String> ids = new ArrayList<>();
    json.path("ids").forEach(id -> ids.add(id.asText()));
    return new Selection(
        text(json, "pipeline"),
        text(json, "task"),
        kind(text(json, "kind")),
        text(json, "cause"),
        ids);
  }

  private static Optional<Letter.Kind> kind(Optional<String> word) {
    Optional<Letter.Kind> kind = word.map(Letter.Kind::of);
    if (!kind.map(Letter.Kind::word).equals(word)) {
      throw new KoaljaException(
          ErrorCode.BAD_REQUEST,
          "unknown kind \"%s\" (known: dead-letter, quarantine)".formatted(word.orElseThrow()));
    }
    return kind;
  }

  private static Optional<String> text(JsonNode json, String field) {
    return json.hasNonNull(field) ? Optional.of(json.path(field).asText()) : Optional.empty();
  }
}
