package dev.koalja.test;

import io.cloudevents.CloudEvent;

/**
 * An event that failed for good.
 *
 * @param input the input of the task it was for; {@code snapshot} for a whole snapshot
 * @param cause why: the word of the error, and what it said
 * @param event the event, with the attributes that say what happened
 */
public record DeadLetter(String input, String cause, CloudEvent event) {
  /** The data of the event. */
  public <T> T as(Class<T> type) {
    return EventData.read(event, type);
  }
}
