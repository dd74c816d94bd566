package dev.koalja.runtime.validation;

import dev.koalja.function.Event;
import jakarta.validation.valueextraction.ExtractedValue;
import jakarta.validation.valueextraction.ValueExtractor;

/**
 * Shows validators the data of an {@code Event<@Valid Order>}. A bean where there is a validator.
 */
public final class EventExtractor implements ValueExtractor<Event<@ExtractedValue ?>> {
  @Override
  public void extractValues(Event<?> event, ValueReceiver receiver) {
    // without a name of its own, so that a place is named as without the event: order.id
    receiver.value(null, event.data());
  }
}
