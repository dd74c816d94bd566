package dev.koalja.runtime.receive;

import dev.koalja.pipeline.event.InvocationId;
import dev.koalja.pipeline.event.KoaljaExtensions;
import io.cloudevents.CloudEvent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a caller asks for.
 *
 * @param inputs the events for each input of the function, in order; at least one event
 * @param batch whether they came as a batch; otherwise it is one event, whose sender may know of no
 *     other way to fail than the status of the answer
 * @param state what is remembered of the key, if anything is
 * @param invocation the same for every attempt at the same events
 * @param attempt which attempt this is, from 1
 * @param deadline when the caller stops waiting, if it said so
 * @param traceparent the W3C trace context of this attempt, if there is one
 */
public record FunctionRequest(
    List<List<CloudEvent>> inputs,
    boolean batch,
    Optional<CloudEvent> state,
    InvocationId invocation,
    int attempt,
    Optional<Instant> deadline,
    Optional<String> traceparent) {

  /** All events, input by input. */
  public List<CloudEvent> events() {
    return inputs.size() == 1 ? inputs.getFirst() : inputs.stream().flatMap(List::stream).toList();
  }

  /** The key that all events have, if there is one. */
  public Optional<String> key() {
    @Nullable String key = null;
    for (List<CloudEvent> input : inputs) {
      for (CloudEvent event : input) {
        Object of = event.getExtension(KoaljaExtensions.PARTITION_KEY);
        if (of == null || key != null && !key.equals(of.toString())) {
          return Optional.empty();
        }
        key = of.toString();
      }
    }
    return Optional.ofNullable(key).filter(each -> !each.isEmpty());
  }
}
