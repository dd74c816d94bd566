package dev.koalja.gateway.control;

import dev.koalja.gateway.definition.Definitions;
import dev.koalja.gateway.journal.EventName;
import dev.koalja.gateway.journal.JournalIndex;
import dev.koalja.gateway.journal.JournalIndex.Identity;
import dev.koalja.gateway.link.EventJson;
import dev.koalja.gateway.link.LinkReader;
import dev.koalja.pipeline.Link;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.event.TopicName;
import io.cloudevents.CloudEvent;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Finds the event a person names: in the journal, else among the last events of every link. */
@ApplicationScoped
public class EventFinder {
  /** How far back links are searched for an event the journal does not know. */
  private static final int SEARCHED = 1000;

  /** How many events of a link are named when a name may mean several. */
  private static final int MOST_FOUND = 20;

  private final Definitions definitions;
  private final JournalIndex journal;
  private final LinkReader reader;

  EventFinder(Definitions definitions, JournalIndex journal, LinkReader reader) {
    this.definitions = definitions;
    this.journal = journal;
    this.reader = reader;
  }

  /**
   * An event.
   *
   * @param event which one
   * @param unread where it stands, when the journal does not know it
   */
  record Found(Identity event, Optional<Unread> unread) {}

  /** An event that no task has read or made yet. */
  record Unread(
      Definition definition, Link link, ConsumerRecord<byte[], byte[]> record, CloudEvent event) {}

  /**
   * The event that is meant.
   *
   * @throws KoaljaException {@link ErrorCode#UNKNOWN_EVENT}, or {@link ErrorCode#BAD_REQUEST} when
   *     several may be meant
   */
  Found find(EventName name, Optional<String> source) throws InterruptedException {
    List<Identity> found =
        journal.find(name).stream()
            .filter(each -> source.isEmpty() || source.get().equals(each.source()))
            .toList();
    if (found.size() > 1) {
      throw ambiguous(name, found);
    }
    return found.isEmpty() ? onLinks(name, source) : new Found(found.getFirst(), Optional.empty());
  }

  /** The record of an event on a topic, if it is one of the last. */
  Optional<ConsumerRecord<byte[], byte[]>> on(String topic, Identity event)
      throws InterruptedException {
    EventName name = new EventName(event.id());
    return reader
        .find(topic, SEARCHED, MOST_FOUND, each -> meant(each, name, Optional.of(event.source())))
        .stream()
        .filter(
            each -> EventJson.event(each).filter(it -> it.getId().equals(event.id())).isPresent())
        .findFirst();
  }

  private Found onLinks(EventName name, Optional<String> source) throws InterruptedException {
    Map<Identity, Unread> found = new LinkedHashMap<>();
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
                          new Unread(definition, link, record, event)));
        }
      }
    }
    if (found.size() > 1) {
      throw ambiguous(name, List.copyOf(found.keySet()));
    }
    return found.entrySet().stream()
        .findFirst()
        .map(each -> new Found(each.getKey(), Optional.of(each.getValue())))
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
