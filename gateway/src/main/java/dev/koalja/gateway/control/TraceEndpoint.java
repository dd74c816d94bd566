package dev.koalja.gateway.control;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import dev.koalja.pipeline.event.KoaljaExtensions;
import io.cloudevents.CloudEvent;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
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

  private final EventFinder finder;
  private final JournalIndex journal;
  private final LinkReader reader;

  TraceEndpoint(EventFinder finder, JournalIndex journal, LinkReader reader) {
    this.finder = finder;
    this.journal = journal;
    this.reader = reader;
  }

  Answer trace(Request request) throws InterruptedException {
    EventName name = new EventName(request.segment("id"));
    Optional<String> source = request.parameter("source");
    EventFinder.Found found = finder.find(name, source);
    if (found.unread().isPresent()) {
      ObjectNode root = Json.MAPPER.createObjectNode();
      root.set("event", unread(found.unread().get()));
      root.putArray("consumedBy");
      return Answer.json(200, root);
    }
    try (Lookup records = reader.lookup()) {
      ObjectNode root = node(new Step(found.event(), ""), new HashSet<>(), records);
      consumers(root, found.event());
      return Answer.json(200, root);
    }
  }

  /**
   * An event on a link. A filter passes events on as they are, so one may stand on several, with
   * the filter as its maker on all but the first.
   *
   * @param link empty: on any
   */
  private record Step(Identity event, String link) {}

  private ObjectNode node(Step step, Set<Step> visited, Lookup records) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    Identity event = step.event();
    if (visited.contains(step) || visited.size() >= MOST_NODES) {
      // before anything is asked: what is cut costs nothing
      node.putObject("event").put("id", event.id()).put("source", event.source());
      node.put("cut", true);
      return node;
    }
    visited.add(step);
    List<Sighting> all = journal.sightings(event).all();
    List<Sighting> there = all.stream().filter(each -> each.link().equals(step.link())).toList();
    List<Sighting> sightings = there.isEmpty() ? all : there;
    Optional<JournalIndex.Made> made = journal.maker(sightings);
    node.set("event", event(event, sightings, made.map(JournalIndex.Made::sighting), records));
    made.map(JournalIndex.Made::invocation)
        .ifPresent(
            invocation -> {
              invocation
                  .withArray("inputs")
                  .forEach(
                      input -> {
                        Step of =
                            new Step(
                                new Identity(
                                    input.path("id").asText(), input.path("source").asText()),
                                input.path("link").asText(""));
                        ((ObjectNode) input).set("trace", node(of, visited, records));
                      });
              node.set("madeBy", invocation);
            });
    return node;
  }

  /** What is known of an event, its origin included while its record is kept. */
  static ObjectNode event(
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
    JournalIndex.Sightings seen = journal.sightings(event);
    if (seen.cut()) {
      root.put("cut", true);
    }
    seen.all().stream()
        .filter(each -> !each.made())
        .collect(
            Collectors.toMap(Sighting::seq, each -> each, (first, _) -> first, LinkedHashMap::new))
        .values()
        .stream()
        .limit(MOST_NODES)
        .forEach(each -> journal.reading(event, each).ifPresent(consumedBy::add));
  }

  /** An event that is known from its link only. */
  static ObjectNode unread(EventFinder.Unread unread) {
    CloudEvent event = unread.event();
    ConsumerRecord<byte[], byte[]> record = unread.record();
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("id", event.getId());
    json.put("source", event.getSource().toString());
    json.put("type", event.getType());
    json.put("pipeline", unread.definition().pipeline().name().value());
    json.put("link", unread.link().name().value());
    Object key = event.getExtension(KoaljaExtensions.PARTITION_KEY);
    if (key != null) {
      json.put("key", key.toString());
    }
    json.put("size", record.value() == null ? 0 : record.value().length);
    fromRecord(json, record);
    return json;
  }
}
