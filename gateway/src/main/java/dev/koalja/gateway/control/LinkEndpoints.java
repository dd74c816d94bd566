package dev.koalja.gateway.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.gateway.admit.Destination;
import dev.koalja.gateway.admit.LinkDirectory;
import dev.koalja.gateway.definition.Definitions;
import dev.koalja.gateway.definition.Offsets;
import dev.koalja.gateway.http.Answer;
import dev.koalja.gateway.http.Request;
import dev.koalja.gateway.journal.JournalIndex;
import dev.koalja.gateway.journal.JournalSignal;
import dev.koalja.gateway.link.EventJson;
import dev.koalja.gateway.link.LinkReader;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Link;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.TopicName;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** {@code /api/links} and the events on a link. */
@ApplicationScoped
public class LinkEndpoints {
  private static final String NDJSON = "application/x-ndjson";
  private static final int MOST = 10_000;

  /**
   * How long after its append a line waits for the journal: indexed milliseconds after the event is
   * there, seconds when the pipeline and its topics are new.
   */
  private static final Duration JOURNAL_PATIENCE = Duration.ofSeconds(3);

  private final Definitions definitions;
  private final LinkDirectory links;
  private final LinkReader reader;
  private final Offsets offsets;
  private final JournalIndex journal;
  private final JournalSignal signal;

  LinkEndpoints(
      Definitions definitions,
      LinkDirectory links,
      LinkReader reader,
      Offsets offsets,
      JournalIndex journal,
      JournalSignal signal) {
    this.definitions = definitions;
    this.links = links;
    this.reader = reader;
    this.offsets = offsets;
    this.journal = journal;
    this.signal = signal;
  }

  Answer list(Request request) throws InterruptedException {
    definitions.requireCaughtUp();
    List<Map<String, Object>> all = new ArrayList<>();
    List<Definition> sorted =
        definitions.current().values().stream()
            .sorted(Comparator.comparing(each -> each.pipeline().name()))
            .toList();
    Map<String, Offsets.Kept> kept =
        offsets.kept(
            sorted.stream()
                .flatMap(
                    each ->
                        each.pipeline().links().stream()
                            .map(link -> TopicName.link(each.pipeline().name(), link.name())))
                .toList());
    for (Definition definition : sorted) {
      for (Link link : definition.pipeline().links()) {
        all.add(shown(definition.pipeline(), link, kept));
      }
    }
    return Answer.json(200, all);
  }

  private static Map<String, Object> shown(
      Pipeline pipeline, Link link, Map<String, Offsets.Kept> kept) {
    String topic = TopicName.link(pipeline.name(), link.name());
    Offsets.Kept has = kept.getOrDefault(topic, new Offsets.Kept(0, 0));
    List<String> writers = new ArrayList<>();
    pipeline.triggers().stream()
        .filter(trigger -> trigger.link().equals(link.name()))
        .forEach(trigger -> writers.add("trigger " + trigger.name()));
    pipeline.tasks().stream()
        .filter(task -> task.outputs().stream().anyMatch(out -> out.link().equals(link.name())))
        .forEach(task -> writers.add(task.name().value()));
    List<String> readers =
        pipeline.readers().stream()
            .filter(Reader::readsLink)
            .filter(each -> each.input().link().equals(link.name()))
            .map(each -> each.task().name() + "/" + each.input().name())
            .toList();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("pipeline", pipeline.name().value());
    map.put("link", link.name().value());
    map.put("topic", topic);
    map.put("partitions", has.partitions());
    map.put("events", has.offsets());
    map.put("writers", writers);
    map.put("readers", readers);
    return map;
  }

  Answer events(Request request) {
    Destination link = links.link(request.segment("pipeline"), request.segment("link"));
    LinkReader.From from = from(request);
    boolean follow = request.flag("follow");
    boolean written =
        definitions.require(link.pipeline().value()).pipeline().tasks().stream()
            .flatMap(task -> task.outputs().stream())
            .anyMatch(output -> output.link().equals(link.link()));
    return new Answer.Lines(
        NDJSON,
        sink ->
            reader.read(
                link.topic(),
                from,
                () -> follow && sink.open(),
                record -> sink.line(Json.MAPPER.writeValueAsString(line(link, record, written)))));
  }

  private static LinkReader.From from(Request request) {
    Optional<String> from = request.parameter("from");
    if (from.isPresent() && request.parameter("last").isEmpty()) {
      return switch (from.get()) {
        case "earliest" -> new LinkReader.From.Earliest();
        case "latest" -> new LinkReader.From.Latest();
        default ->
            throw new KoaljaException(
                ErrorCode.BAD_REQUEST,
                "from is \"%s\", must be earliest or latest".formatted(from.get()));
      };
    }
    int last = request.number("last", 10, 0, MOST);
    return last == 0 ? new LinkReader.From.Latest() : new LinkReader.From.Last(last);
  }

  private ObjectNode line(Destination link, ConsumerRecord<byte[], byte[]> record, boolean written)
      throws InterruptedException {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("pipeline", link.pipeline().value());
    json.put("link", link.link().value());
    json.setAll(EventJson.of(record));
    if (written && json.has("id") && !json.path("extensions").has(KoaljaExtensions.ORIGIN)) {
      producer(json, record).ifPresent(made -> json.set("producer", producer(made)));
    }
    return json;
  }

  private Optional<ObjectNode> producer(ObjectNode json, ConsumerRecord<byte[], byte[]> record)
      throws InterruptedException {
    JournalIndex.Identity event =
        new JournalIndex.Identity(json.path("id").asText(), json.path("source").asText());
    Instant until = Instant.ofEpochMilli(record.timestamp()).plus(JOURNAL_PATIENCE);
    while (true) {
      long seen = signal.changes();
      Optional<ObjectNode> made =
          journal.maker(event, json.path("link").asText()).map(JournalIndex.Made::invocation);
      Duration left = Duration.between(Instant.now(), until);
      if (made.isPresent() || !left.isPositive()) {
        return made;
      }
      signal.await(seen, left);
    }
  }

  private static ObjectNode producer(JsonNode invocation) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("task", invocation.path("task").asText());
    json.put("revision", invocation.path("revision").asLong());
    json.put("tookMs", Duration.parse(invocation.path("executed").asText()).toMillis());
    if (invocation.hasNonNull("coldStart")) {
      json.put("coldStartMs", Duration.parse(invocation.path("coldStart").asText()).toMillis());
    }
    return json;
  }
}
