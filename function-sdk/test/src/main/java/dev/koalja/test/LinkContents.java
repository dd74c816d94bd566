package dev.koalja.test;

import io.cloudevents.CloudEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What came to a link by now.
 *
 * @param name the link
 * @param events in their order; events of different keys may come in another one on a real broker
 * @param circumstances what is the matter in the circuit, for the message of what fails
 */
public record LinkContents(String name, List<CloudEvent> events, Supplier<String> circumstances) {
  /** Copies the events. */
  public LinkContents {
    events = List.copyOf(events);
  }

  /** The data of all events. */
  public <T> List<T> values(Class<T> type) {
    return events.stream().map(event -> EventData.read(event, type)).toList();
  }

  /**
   * The data of the one event.
   *
   * @throws AssertionError when there is none, or there are several
   */
  public <T> T only(Class<T> type) {
    if (events.size() != 1) {
      throw failed("one event was expected");
    }
    return EventData.read(events.getFirst(), type);
  }

  /**
   * Fails unless exactly this came to the link, in whatever order.
   *
   * @param values the data; the events are read as the types these have
   * @throws AssertionError when something else came
   */
  public LinkContents expect(Object... values) {
    List<CloudEvent> left = new ArrayList<>(events);
    for (Object value : values) {
      CloudEvent match =
          left.stream()
              .filter(event -> value.equals(readOrNothing(event, value.getClass())))
              .findFirst()
              .orElseThrow(() -> failed(value + " was expected"));
      left.remove(match);
    }
    if (!left.isEmpty()) {
      throw failed(
          "nothing more was expected than %d, and not %s"
              .formatted(values.length, left.stream().map(EventData::text).toList()));
    }
    return this;
  }

  private static Object readOrNothing(CloudEvent event, Class<?> type) {
    try {
      return EventData.read(event, type);
    } catch (RuntimeException _) {
      return event; // equal to no value
    }
  }

  /**
   * Fails when anything came.
   *
   * @throws AssertionError when something did
   */
  public LinkContents expectNothing() {
    if (!events.isEmpty()) {
      throw failed("nothing was expected");
    }
    return this;
  }

  private AssertionError failed(String expected) {
    String there =
        events.isEmpty()
            ? " nothing"
            : events.stream().map(EventData::text).collect(Collectors.joining("\n  ", "\n  ", ""));
    return new AssertionError(
        "link %s: %s. There is%s%s".formatted(name, expected, there, circumstances.get()));
  }
}
