package dev.koalja.gateway.control;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.gateway.definition.Definitions;
import dev.koalja.gateway.definition.Offsets;
import dev.koalja.gateway.http.Answer;
import dev.koalja.gateway.http.Request;
import dev.koalja.gateway.journal.EventName;
import dev.koalja.gateway.journal.JournalIndex;
import dev.koalja.gateway.journal.JournalIndex.Identity;
import dev.koalja.gateway.journal.JournalIndex.LetterState;
import dev.koalja.gateway.journal.Sighting;
import dev.koalja.gateway.journal.Sighting.RecordPlace;
import dev.koalja.gateway.link.EventJson;
import dev.koalja.gateway.link.LinkReader;
import dev.koalja.gateway.link.LinkReader.Lookup;
import dev.koalja.pipeline.Correlation;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Snapshot;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.TopicName;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * {@code /api/explain/{id}}: for an event, and for what was made of it, every reader of the links
 * it stands on, and what is known of the event there: invocations, positions, letters. What an
 * event waits for only the router knows; who asks puts both together.
 */
@ApplicationScoped
public class ExplainEndpoint {
  /** Explanations are for people: what was made of an event is followed so far. */
  private static final int MOST_EVENTS = 20;

  private static final int MOST_INVOCATIONS = 20;
  private static final int MOST_OUTPUTS = 20;

  private final EventFinder finder;
  private final Definitions definitions;
  private final JournalIndex journal;
  private final LinkReader reader;
  private final Offsets offsets;

  ExplainEndpoint(
      EventFinder finder,
      Definitions definitions,
      JournalIndex journal,
      LinkReader reader,
      Offsets offsets) {
    this.finder = finder;
    this.definitions = definitions;
    this.journal = journal;
    this.reader = reader;
    this.offsets = offsets;
  }

  /** A link an event stands on, with its place there while that is known. */
  private record Standing(String pipeline, String link, Optional<RecordPlace> place) {}

  /** What is known of one event. */
  private record Known(
      Identity event,
      List<Sighting> sightings,
      boolean cut,
      List<Standing> standings,
      Optional<CloudEvent> whole,
      List<ObjectNode> invocations,
      List<LetterState> letters) {}

  Answer explain(Request request) throws InterruptedException {
    definitions.requireCaughtUp();
    EventName name = new EventName(request.segment("id"));
    EventFinder.Found found = finder.find(name, request.parameter("source"));
    ArrayNode events = Json.MAPPER.createArrayNode();
    Set<Identity> visited = new HashSet<>();
    boolean cut = false;
    Deque<Identity> next = new ArrayDeque<>(List.of(found.event()));
    try (Lookup records = reader.lookup()) {
      while (!next.isEmpty() && events.size() < MOST_EVENTS) {
        Identity event = next.remove();
        if (visited.add(event)) {
          Optional<EventFinder.Unread> unread =
              found.unread().filter(_ -> event.equals(found.event()));
          Known known = known(event, unread, records);
          cut |= known.cut();
          events.add(shown(known, unread, records));
          known.invocations().forEach(each -> outputs(each, next));
        }
      }
    }
    next.removeAll(visited);
    ObjectNode json = (ObjectNode) events.remove(0);
    json.set("followed", events);
    json.put("cut", cut || !next.isEmpty());
    return Answer.json(200, json);
  }

  private static void outputs(JsonNode invocation, Deque<Identity> next) {
    for (JsonNode output : invocation.path("outputs")) {
      // letters are no new events
      if (!output.path("link").asText("").isEmpty()) {
        next.add(new Identity(output.path("id").asText(), output.path("source").asText()));
      }
    }
  }

  private Known known(Identity event, Optional<EventFinder.Unread> unread, Lookup records)
      throws InterruptedException {
    JournalIndex.Sightings seen = journal.sightings(event);
    List<Sighting> sightings = seen.all();
    Map<List<String>, Standing> standings = new LinkedHashMap<>();
    Optional<CloudEvent> whole = unread.map(EventFinder.Unread::event);
    unread.ifPresent(
        each -> {
          String pipeline = each.definition().pipeline().name().value();
          String link = each.link().name().value();
          standings.put(
              List.of(pipeline, link),
              new Standing(pipeline, link, Optional.of(place(each.record()))));
        });
    for (Sighting each : sightings) {
      if (each.link().isEmpty()) {
        continue; // it came back from a retry topic
      }
      Optional<RecordPlace> place =
          each.record().filter(at -> TopicName.linkOf(at.topic()).isPresent());
      standings.merge(
          List.of(each.pipeline(), each.link()),
          new Standing(each.pipeline(), each.link(), place),
          (has, more) -> has.place().isPresent() ? has : more);
    }
    for (Map.Entry<List<String>, Standing> each : standings.entrySet()) {
      Standing standing = each.getValue();
      Optional<ConsumerRecord<byte[], byte[]>> record = Optional.empty();
      if (standing.place().isEmpty() && isLink(standing)) {
        record = finder.on(topic(standing), event);
        each.setValue(
            new Standing(standing.pipeline(), standing.link(), record.map(ExplainEndpoint::place)));
      } else if (whole.isEmpty() && standing.place().isPresent()) {
        RecordPlace at = standing.place().get();
        record = records.at(at.topic(), at.partition(), at.offset());
      }
      if (whole.isEmpty()) {
        whole = record.flatMap(EventJson::event);
      }
    }
    List<ObjectNode> invocations =
        sightings.stream()
            .filter(each -> !each.made())
            .collect(Collectors.toMap(Sighting::seq, each -> each, (first, _) -> first))
            .values()
            .stream()
            .map(each -> journal.reading(event, each))
            .flatMap(Optional::stream)
            .sorted(Comparator.comparing(each -> Instant.parse(each.path("endedAt").asText())))
            .toList();
    return new Known(
        event,
        sightings,
        seen.cut(),
        List.copyOf(standings.values()),
        whole,
        invocations,
        journal.letters(event));
  }

  private boolean isLink(Standing standing) {
    return Optional.ofNullable(definitions.current().get(standing.pipeline()))
        .flatMap(each -> each.pipeline().link(standing.link()))
        .isPresent();
  }

  private static String topic(Standing standing) {
    return TopicName.link(new PipelineName(standing.pipeline()), new LinkName(standing.link()));
  }

  private static RecordPlace place(ConsumerRecord<byte[], byte[]> record) {
    return new RecordPlace(record.topic(), record.partition(), record.offset());
  }

  private ObjectNode shown(Known known, Optional<EventFinder.Unread> unread, Lookup records)
      throws InterruptedException {
    ObjectNode json = Json.MAPPER.createObjectNode();
    Set<String> madeOn = new HashSet<>();
    known.sightings().stream().filter(Sighting::made).forEach(each -> madeOn.add(each.link()));
    // where it stood first: a filter passes it on to other links as it is
    List<Sighting> cameIn =
        known.sightings().stream()
            .filter(each -> !each.link().isEmpty() && !madeOn.contains(each.link()))
            .toList();
    if (unread.isPresent()) {
      json.set("event", TraceEndpoint.unread(unread.get()));
    } else if (!cameIn.isEmpty()) {
      json.set("event", TraceEndpoint.event(known.event(), cameIn, Optional.empty(), records));
    } else {
      Optional<JournalIndex.Made> made = journal.maker(known.sightings());
      json.set(
          "event",
          TraceEndpoint.event(
              known.event(), known.sightings(), made.map(JournalIndex.Made::sighting), records));
      made.map(JournalIndex.Made::invocation)
          .ifPresent(
              by ->
                  json.putObject("madeBy")
                      .put("task", by.path("task").asText())
                      .put("revision", by.path("revision").asLong()));
    }
    ArrayNode readers = json.putArray("readers");
    List<ObjectNode> others = new ArrayList<>(known.invocations());
    for (Standing standing : known.standings()) {
      Optional<Definition> definition =
          Optional.ofNullable(definitions.current().get(standing.pipeline()));
      if (definition.isPresent()) {
        for (Reader each : definition.get().pipeline().readers()) {
          if (each.readsLink() && each.input().link().value().equals(standing.link())) {
            List<ObjectNode> mine =
                known.invocations().stream().filter(it -> ends(it, each, known.event())).toList();
            others.removeAll(mine);
            readers.add(reader(each, definition.get(), standing, known, mine));
          }
        }
      }
    }
    for (ObjectNode other : others) {
      // of a task or input that is not in force any more
      JsonNode input = other.path("inputs").path(0);
      ObjectNode detached = readers.addObject();
      detached.put("pipeline", other.path("pipeline").asText());
      detached.put("task", other.path("task").asText());
      detached.put("input", input.path("input").asText());
      detached.put("link", input.path("link").asText());
      detached.put("detached", true);
      detached.putArray("invocations").add(brief(other));
    }
    return json;
  }

  /** Whether the event came to an invocation through this reader. */
  private static boolean ends(ObjectNode invocation, Reader reader, Identity event) {
    if (!invocation.path("task").asText().equals(reader.task().name().value())
        || !invocation.path("pipeline").asText().equals(reader.pipeline().value())) {
      return false;
    }
    String port = port(reader);
    for (JsonNode input : invocation.path("inputs")) {
      String name = input.path("input").asText();
      String link = input.path("link").asText("");
      if (input.path("id").asText().equals(event.id())
          && input.path("source").asText().equals(event.source())
          && (name.equals(port) || name.equals(reader.input().name().value()))
          // an event that came back from a retry topic does not say its link
          && (link.isEmpty() || link.equals(reader.input().link().value()))) {
        return true;
      }
    }
    return false;
  }

  /** The input among whose events those of the reader are counted. */
  private static String port(Reader reader) {
    return reader.input().mergeInto().orElse(reader.input().name()).value();
  }

  private ObjectNode reader(
      Reader reader,
      Definition definition,
      Standing standing,
      Known known,
      List<ObjectNode> invocations)
      throws InterruptedException {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("pipeline", reader.pipeline().value());
    json.put("task", reader.task().name().value());
    json.put("input", reader.input().name().value());
    json.put("port", port(reader));
    json.put("link", reader.input().link().value());
    json.put("attempts", reader.task().delivery().attempts());
    place(json, reader, standing);
    if (reader.task().snapshot().isPresent()) {
      waits(json, reader, definition);
      Snapshot snapshot = reader.task().snapshot().get();
      known
          .whole()
          .flatMap(event -> key(reader, snapshot, event))
          .ifPresent(key -> json.put("key", key));
    }
    ArrayNode all = json.putArray("invocations");
    invocations.stream()
        .skip(Math.max(0, invocations.size() - MOST_INVOCATIONS))
        .forEach(each -> all.add(brief(each)));
    ArrayNode letters = json.putArray("letters");
    known.letters().stream()
        .filter(each -> each.letter().pipeline().equals(reader.pipeline().value()))
        .filter(each -> each.letter().task().equals(reader.task().name().value()))
        .filter(each -> each.letter().input().equals(reader.input().name().value()))
        .forEach(
            each ->
                letters
                    .addObject()
                    .put("place", each.letter().place())
                    .put("state", each.state())
                    .put("cause", each.letter().cause())
                    .put("time", each.letter().time().toString()));
    return json;
  }

  private void place(ObjectNode json, Reader reader, Standing standing)
      throws InterruptedException {
    if (standing.place().isEmpty()) {
      return;
    }
    RecordPlace at = standing.place().get();
    json.putObject("place")
        .put("topic", at.topic())
        .put("partition", at.partition())
        .put("offset", at.offset());
    Long position =
        offsets
            .positions(List.of(reader))
            .getOrDefault(TopicName.group(reader), Map.of())
            .get(new TopicPartition(at.topic(), at.partition()));
    if (position != null) {
      json.put("position", position);
    }
  }

  /** How much is before the event on its way through a joining task. */
  private void waits(ObjectNode json, Reader intake, Definition definition)
      throws InterruptedException {
    ObjectNode snapshot = json.putObject("snapshot");
    List<Reader> stages =
        definition.pipeline().readers().stream()
            .filter(each -> each.task().equals(intake.task()) && !each.readsLink())
            .toList();
    Map<String, Long> lags = offsets.lag(stages);
    for (Reader stage : stages) {
      snapshot.put(
          stage.stage() == Reader.Stage.ASSEMBLY ? "arrivalsLag" : "readyLag",
          lags.getOrDefault(TopicName.group(stage), 0L));
    }
  }

  /** What makes the event belong to others, as the router finds it; empty where nothing does. */
  private static Optional<String> key(Reader reader, Snapshot snapshot, CloudEvent event) {
    return switch (reader.input().correlate().orElse(snapshot.correlate())) {
      case Correlation.None _ -> Optional.of("");
      case Correlation.Key _ -> text(event.getExtension(KoaljaExtensions.PARTITION_KEY));
      case Correlation.Attribute(var name) ->
          text(
              event.getAttributeNames().contains(name)
                  ? event.getAttribute(name)
                  : event.getExtension(name));
      case Correlation.Pointer(var pointer) -> value(event.getData(), pointer);
    };
  }

  private static Optional<String> text(@Nullable Object value) {
    return Optional.ofNullable(value).map(Object::toString);
  }

  private static Optional<String> value(@Nullable CloudEventData data, String pointer) {
    if (data == null) {
      return Optional.empty();
    }
    try {
      JsonNode found = Json.MAPPER.readTree(data.toBytes()).at(JsonPointer.compile(pointer));
      return found.isValueNode() && !found.isNull()
          ? Optional.of(found.asText())
          : Optional.empty();
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /** An invocation without its inputs, which may be thousands, and the first of its outputs. */
  private static ObjectNode brief(ObjectNode invocation) {
    ObjectNode brief = invocation.deepCopy();
    brief.remove("inputs");
    ArrayNode outputs = Json.MAPPER.createArrayNode();
    for (JsonNode output : invocation.path("outputs")) {
      if (outputs.size() < MOST_OUTPUTS) {
        outputs.add(output);
      }
    }
    brief.set("outputs", outputs);
    brief.put("made", invocation.path("outputs").size());
    return brief;
  }
}
