package dev.koalja.function;

import io.cloudevents.CloudEvent;
import java.net.URI;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A CloudEvent whose data is of a Java type. As the parameter of a {@link Function} it is the event
 * that came; as what a function returns it says more of a result than its data does:
 *
 * <pre>{@code
 * @Function @Output("priced")
 * Event<Priced> price(@Input("order") Event<Order> order) {
 *   return order.with(total(order.data()))              // same subject and extensions
 *       .type("com.example.priced")
 *       .extension("priority", 1);
 * }
 * }</pre>
 *
 * <p>Of a result, {@code id} and {@code source} are not to be chosen: the runtime derives them from
 * the call, so that a repeated attempt makes the same event and nothing passes for what it came
 * from. What is not said is as without {@code Event}. Immutable; each method that sets something
 * gives a new event.
 *
 * @param <T> what the data is read as or written from
 */
public final class Event<T> {
  private static final String ID = "id";
  private static final String SOURCE = "source";
  private static final String TYPE = "type";
  private static final String SUBJECT = "subject";
  private static final String TIME = "time";
  private static final String KEY = "partitionkey";
  private static final String CONTENT_TYPE = "datacontenttype";
  private static final String SCHEMA = "dataschema";

  private final T data;
  private final SortedMap<String, Object> inherited;
  private final SortedMap<String, Object> chosen;

  private Event(T data, SortedMap<String, Object> inherited, SortedMap<String, Object> chosen) {
    this.data = Objects.requireNonNull(data, "data");
    this.inherited = Collections.unmodifiableSortedMap(inherited);
    this.chosen = Collections.unmodifiableSortedMap(chosen);
  }

  /** A result that has nothing but its data yet. */
  public static <T> Event<T> of(T data) {
    return new Event<>(data, new TreeMap<>(), new TreeMap<>());
  }

  /** An event that came, with its data read. For runtimes and tests. */
  public static <T> Event<T> of(T data, CloudEvent event) {
    SortedMap<String, Object> attributes = new TreeMap<>();
    for (String name : event.getAttributeNames()) {
      put(attributes, name, event.getAttribute(name));
    }
    for (String name : event.getExtensionNames()) {
      put(attributes, name, event.getExtension(name));
    }
    attributes.remove("specversion");
    return new Event<>(data, new TreeMap<>(), attributes);
  }

  private static void put(Map<String, Object> to, String name, @Nullable Object value) {
    if (value != null) {
      to.put(name, value);
    }
  }

  /**
   * An event with other data about the same thing: subject and extensions stay, unless the data has
   * its own; type, time, content type and schema, which tell of the data, do not. The key is the
   * data's, else that of what the function was given, as always.
   */
  public <R> Event<R> with(R other) {
    SortedMap<String, Object> kept = new TreeMap<>(attributes());
    kept.keySet()
        .removeIf(
            name ->
                name.equals(ID)
                    || name.equals(SOURCE)
                    || name.equals(TYPE)
                    || name.equals(TIME)
                    || name.equals(KEY)
                    || name.equals(CONTENT_TYPE)
                    || name.equals(SCHEMA)
                    || AttributeName.isReserved(name));
    return new Event<>(other, kept, new TreeMap<>());
  }

  /** What the event is about, in the words of its type. */
  public T data() {
    return data;
  }

  /**
   * The id, unique among all events of its {@link #source}.
   *
   * @throws IllegalStateException of a result, which has none yet
   */
  public String id() {
    return given(ID).toString();
  }

  /**
   * Where it happened.
   *
   * @throws IllegalStateException of a result, which has none yet
   */
  public URI source() {
    return (URI) given(SOURCE);
  }

  /**
   * What kind of thing happened.
   *
   * @throws IllegalStateException of a result for which none was chosen
   */
  public String type() {
    return given(TYPE).toString();
  }

  /** What it happened to. */
  public Optional<String> subject() {
    return attribute(SUBJECT);
  }

  /** When it happened. */
  public Optional<Instant> time() {
    return Optional.ofNullable(chosen.get(TIME))
        .map(time -> time instanceof OffsetDateTime at ? at.toInstant() : (Instant) time);
  }

  /** What decides the order ({@code partitionkey}). */
  public Optional<String> key() {
    return attribute(KEY);
  }

  /** What the data is written as, or is to be. */
  public Optional<String> contentType() {
    return attribute(CONTENT_TYPE);
  }

  /** An attribute or extension by its CloudEvents name, as text. */
  public Optional<String> attribute(String name) {
    return Optional.ofNullable(chosen.getOrDefault(name, inherited.get(name)))
        .map(Object::toString);
  }

  /** Every attribute and extension that is set, by its CloudEvents name. */
  public SortedMap<String, Object> attributes() {
    SortedMap<String, Object> all = new TreeMap<>(inherited);
    all.putAll(chosen);
    return all;
  }

  /** Those it has from the event that it was made {@link #with}. For runtimes and tests. */
  public SortedMap<String, Object> inherited() {
    return inherited;
  }

  /** Those that it was given itself. For runtimes and tests. */
  public SortedMap<String, Object> chosen() {
    return chosen;
  }

  /** With a type, instead of that of the output. */
  public Event<T> type(String type) {
    return set(TYPE, filled(TYPE, type));
  }

  /** With what it happened to. */
  public Event<T> subject(String subject) {
    return set(SUBJECT, filled(SUBJECT, subject));
  }

  /** With the time when it happened, instead of that of the call. */
  public Event<T> time(Instant time) {
    return set(TIME, time.atOffset(ZoneOffset.UTC));
  }

  /** With a key, instead of that of its data or of what the function was given. */
  public Event<T> key(String key) {
    return set(KEY, filled(KEY, key));
  }

  /** With data of this content type, instead of that of the output. */
  public Event<T> contentType(String contentType) {
    return set(CONTENT_TYPE, filled(CONTENT_TYPE, contentType));
  }

  /** With the schema that the data follows ({@code dataschema}). */
  public Event<T> schema(URI schema) {
    return set(SCHEMA, schema);
  }

  /**
   * With an extension.
   *
   * @param name 1 to 20 lower-case letters and digits; no attribute, and none of Koalja's own
   * @param value text, boolean, number, URI, {@code Instant}; of anything else its text
   * @throws IllegalArgumentException when the name is none of an extension
   */
  public Event<T> extension(String name, Object value) {
    AttributeName.requireExtension(name);
    return set(name, value instanceof Instant time ? time.atOffset(ZoneOffset.UTC) : value);
  }

  private Event<T> set(String name, Object value) {
    SortedMap<String, Object> more = new TreeMap<>(chosen);
    more.put(name, Objects.requireNonNull(value, name));
    return new Event<>(data, inherited, more);
  }

  private static String filled(String name, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("%s is empty: set something or nothing".formatted(name));
    }
    return value;
  }

  private Object given(String name) {
    Object value = chosen.get(name);
    if (value == null) {
      throw new IllegalStateException(
          "a result has no %s yet: the runtime gives it one".formatted(name));
    }
    return value;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Event<?> event
        && data.equals(event.data)
        && inherited.equals(event.inherited)
        && chosen.equals(event.chosen);
  }

  @Override
  public int hashCode() {
    return Objects.hash(data, inherited, chosen);
  }

  /** Without the data, which may be secret. */
  @Override
  public String toString() {
    return "Event" + attributes();
  }
}
