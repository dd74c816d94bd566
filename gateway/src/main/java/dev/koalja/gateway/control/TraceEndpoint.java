package dev.koalja.gateway.control;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.gateway.definition.Definitions;
import dev.koalja.gateway.http.Answer;
import dev.koalja.gateway.http.Request;
import dev.koalja.gateway.journal.EventName;
import dev.koalja.gateway.journal.JournalIndex;
import dev.koalja.gateway.journal.JournalIndex.Identity;
import dev.koalja.gateway.journal.Sighting;
import dev.koalja.gateway.link.EventJson;
import dev.koalja.gateway.link.LinkReader;
import dev.koalja.gateway.link.LinkReader.Lookup;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Link;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.TopicName;
import io.cloudevents.CloudEvent;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * {@code /api/trace/{id}}: what made an event, back to where it came in, and what was made of it.
 * From the journal; an event no task has read or made yet is looked for on the links themselves.
 */
@ApplicationScoped
public class TraceEndpoint {
  /** Traces are for people: a tree beyond this is cut, and says so. */
  private static final int MOST_NODES = 500;

  /** How far back links are searched for an event the journal does not know. */
  private static final int SEARCHED = 1000;

  /** How many events of a link are named when a name may mean several. */
  private static final int MOST_FOUND = 20;

  private final Definitions definitions;
  private final JournalIndex journal;
  private final LinkReader reader;

  TraceEndpoint(Definitions definitions, JournalIndex journal, LinkReader reader) {
    this.definitions = definitions;
    this.journal = journal;
    this.reader = reader;
  }

  Answer trace(Request request) throws InterruptedException {
    EventName name = new EventName(request.segment("id"));
    Optional<String> source = request.parameter("source");
    List<Identity> found =
        journal.find(name).stream()
            .filter(each -> source.isEmpty() || source.get().equals(each.source()))
            .toList();
    if (found.size() == 1) {
      try (Lookup records = reader.lookup()) {
        ObjectNode root = node(found.getFirst(), new HashSet<>(), records);
        consumers(root, found.getFirst());
        return Answer.json(200, root);
      }
    }
    if (found.size() > 1) {
      throw ambiguous(name, found);
    }
    return Answer.json(200, onLinks(name, source));
  }

  private ObjectNode node(Identity event, Set<Identity> visited, Lookup records) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    if (visited.contains(event) || visited.size() >= MOST_NODES) {
      // before anything is asked: what is cut costs nothing
      node.putObject("event").put("id", event.id()).put("source", event.source());
      node.put("cut", true);
      return node;
    }
    visited.add(event);
    List<Sighting> sightings = journal.sightings(event);
    Optional<Sighting> made = sightings.stream().filter(Sighting::made).findFirst();
    node.set("event", event(event, sightings, made, records));
    made.flatMap(each -> journal.invocation(each.pipeline(), each.invocation()))
        .ifPresent(
            invocation -> {
              invocation
                  .withArray("inputs")
                  .forEach(
                      input -> {
                        Identity of =
                            new Identity(input.path("id").asText(), input.path("source").asText());
                        ((ObjectNode) input).set("trace", node(of, visited, records));
                      });
              node.set("madeBy", invocation);
            });
    return node;
  }

  private static ObjectNode event(
      Identity event, List<Sighting> sightings, Optional<Sighting> made, Lookup records) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("id", event.id());
    json.put("source", event.source());
    // what was made is known with its digest; what came in only as it was read
    made.or(() -> sightings.stream().findFirst())
        .ifPresent(
            each -> {
              json.put("type", each.type());
              json.put("pipeline", each.pipeline());
              json.put("link", each.link());
              each.key().ifPresent(key -> json.put("key", key));
              json.put("size", each.size());
              each.sha256().ifPresent(digest -> json.put("sha256", digest));
            });
    sightings.stream()
        .flatMap(each -> each.record().stream())
        .findFirst()
        .flatMap(at -> records.at(at.topic(), at.partition(), at.offset()))
        .ifPresent(record -> fromRecord(json, record));
    return json;
  }

  private static void fromRecord(ObjectNode json, ConsumerRecord<byte[], byte[]> record) {
    ObjectNode shown = EventJson.of(record);
    json.set("time", shown.path("time"));
    if (shown.path("extensions").has(KoaljaExtensions.ORIGIN)) {
      json.set("origin", shown.path("extensions").path(KoaljaExtensions.ORIGIN));
    }
  }

  private void consumers(ObjectNode root, Identity event) {
    ArrayNode consumedBy = root.putArray("consumedBy");
    journal.sightings(event).stream()
        .filter(each -> !each.made())
        .map(each -> Map.entry(each.pipeline(), each.invocation()))
        .distinct()
        .limit(MOST_NODES)
        .forEach(
            each -> journal.invocation(each.getKey(), each.getValue()).ifPresent(consumedBy::add));
  }

  private ObjectNode onLinks(EventName name, Optional<String> source) throws InterruptedException {
    Map<Identity, ObjectNode> found = new LinkedHashMap<>();
    for (Definition definition : definitions.current().values()) {
      for (Link link : definition.pipeline().links()) {
        String topic = TopicName.link(definition.pipeline().name(), link.name());
        for (ConsumerRecord<byte[], byte[]> record :
            reader.find(topic, SEARCHED, MOST_FOUND, each -> meant(each, name, source))) {
          EventJson.event(record)
              .ifPresent(
                  event ->
                      found.put(
                          new Identity(event.getId(), source(event)),
                          unread(definition, link, record, event)));
        }
      }
    }
    if (found.size() > 1) {
      throw ambiguous(name, List.copyOf(found.keySet()));
    }
    return found.values().stream()
        .findFirst()
        .orElseThrow(
            () ->
                new KoaljaException(
                    ErrorCode.UNKNOWN_EVENT,
                    "no event is called \"%s\": neither in the journal nor among the last %d of any link"
                        .formatted(name.text(), SEARCHED)));
  }

  private static boolean meant(
      ConsumerRecord<byte[], byte[]> record, EventName name, Optional<String> source) {
    return EventJson.event(record)
        .filter(event -> name.means(event.getId()))
        .filter(event -> source.isEmpty() || source.get().equals(source(event)))
        .isPresent();
  }

  private static ObjectNode unread(
      Definition definition, Link link, ConsumerRecord<byte[], byte[]> record, CloudEvent event) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("id", event.getId());
    json.put("source", source(event));
    json.put("type", event.getType());
    json.put("pipeline", definition.pipeline().name().value());
    json.put("link", link.name().value());
    Object key = event.getExtension(KoaljaExtensions.PARTITION_KEY);
    if (key != null) {
      json.put("key", key.toString());
    }
    json.put("size", record.value() == null ? 0 : record.value().length);
    fromRecord(json, record);
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.set("event", json);
    node.putArray("consumedBy");
    return node;
  }

  private static String source(CloudEvent event) {
    return event.getSource().toString();
  }

  private static KoaljaException ambiguous(EventName name, List<Identity> found) {
    return new KoaljaException(
        ErrorCode.BAD_REQUEST,
        "\"%s\" may mean several events: %s"
            .formatted(
                name.text(),
                found.stream()
                    .map(each -> each.id() + " of source " + each.source())
                    .collect(Collectors.joining(", "))));
  }
}
