package dev.koalja.test;

import dev.koalja.function.Event;
import dev.koalja.function.ObjectStore;
import dev.koalja.pipeline.journal.InvocationRecord;
import io.cloudevents.CloudEvent;
import java.util.List;

/**
 * A circuit under test. Whatever is sent is worked off before the call returns: what then still
 * waits, waits for other events or for its time. Time passes only when the test says so, by {@link
 * #clock}. For one thread.
 */
public interface Circuit {
  /**
   * Sends data to a link as an event.
   *
   * @param data a {@code CloudEvent}; an {@link Event}, data with attributes; JSON as text or
   *     bytes; or a value that is written as JSON. A {@code @Key} of a record is its key
   * @throws IllegalArgumentException when the circuit has no such link
   */
  void send(String link, Object data);

  /** Sends data with a key to a link. */
  default void send(String link, Object data, String key) {
    send(link, (data instanceof Event<?> event ? event : Event.of(data)).key(key));
  }

  /**
   * What came to a link.
   *
   * @throws IllegalArgumentException when the circuit has no such link
   */
  LinkContents link(String name);

  /**
   * The events that a task has failed for good, oldest first.
   *
   * @throws IllegalArgumentException when the circuit has no such task
   */
  List<DeadLetter> deadLetters(String task);

  /**
   * Fails when any task has dead letters.
   *
   * @throws AssertionError with their causes
   */
  void expectNoDeadLetters();

  /**
   * What waits to become a snapshot of a task, the longest first.
   *
   * @throws IllegalArgumentException when the circuit has no such task, or it takes events one by
   *     one
   */
  List<WaitingSnapshot> waiting(String task);

  /** Every invocation, and every event that led to none, as the journal has it; oldest first. */
  List<InvocationRecord> journal();

  /** The time in the circuit. */
  CircuitClock clock();

  /** What goes wrong on purpose. A test that asks for it runs in memory only. */
  Faults faults();

  /**
   * Lets the functions of a class be those of this object, instead of one made without arguments.
   * Before the first event. A test that does so runs in memory only.
   */
  Circuit with(Object functions);

  /** Where functions find objects. Before the first event. Such a test runs in memory only. */
  Circuit with(ObjectStore objects);

  /** What a test sends, whole. */
  default void send(String link, CloudEvent event) {
    send(link, (Object) event);
  }
}
