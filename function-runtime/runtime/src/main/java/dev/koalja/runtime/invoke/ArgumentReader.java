package dev.koalja.runtime.invoke;

import dev.koalja.function.Event;
import dev.koalja.function.KeyedState;
import dev.koalja.function.codec.Payload;
import dev.koalja.function.codec.PayloadCodec;
import dev.koalja.function.codec.UnreadableDataException;
import dev.koalja.runtime.receive.FunctionRequest;
import dev.koalja.runtime.registry.HostedFunction;
import dev.koalja.runtime.registry.HostedInput;
import dev.koalja.runtime.registry.InputDescriptor.Shape;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the events of a request as what the parameters of the function hold. */
final class ArgumentReader {
  private final PayloadCodec codec;

  ArgumentReader(PayloadCodec codec) {
    this.codec = codec;
  }

  /**
   * One argument for each input, in order; then the state, where the function keeps one.
   *
   * @throws UnreadableDataException naming the input and which event it is, of many
   */
  @Nullable Object[] read(HostedFunction function, FunctionRequest request) {
    List<HostedInput> inputs = function.inputs();
    boolean stateful = function.stateType().isPresent();
    @Nullable Object[] arguments = new Object[inputs.size() + (stateful ? 1 : 0)];
    for (int i = 0; i < inputs.size(); i++) {
      List<CloudEvent> events = request.inputs().get(i);
      arguments[i] =
          function.descriptor().takesMany()
              ? ofMany(function, inputs.get(i), events)
              : read(inputs.get(i), events.getFirst());
    }
    if (stateful) {
      arguments[inputs.size()] = state(function.stateType().get(), request);
    }
    return arguments;
  }

  private KeyedState<Object> state(Type type, FunctionRequest request) {
    try {
      return request
          .state()
          .filter(state -> state.getData() != null)
          .map(state -> KeyedState.of(read(type, state)))
          .orElseGet(KeyedState::empty);
    } catch (UnreadableDataException e) {
      throw new UnreadableDataException("what is remembered of the key: " + e.getMessage(), e);
    }
  }

  private @Nullable Object ofMany(
      HostedFunction function, HostedInput input, List<CloudEvent> events) {
    List<Object> values = new ArrayList<>(events.size());
    for (CloudEvent event : events) {
      try {
        values.add(read(input, event));
      } catch (UnreadableDataException e) {
        throw new UnreadableDataException(
            "event %d of input %s: %s".formatted(values.size(), input.name(), e.getMessage()), e);
      }
    }
    Shape shape = input.descriptor().shape();
    if (shape == Shape.LIST) {
      return List.copyOf(values);
    }
    if (values.size() > 1) {
      throw new UnreadableDataException(
          "input %s has %d events, and %s reads one"
              .formatted(input.name(), values.size(), function.task()));
    }
    if (shape == Shape.OPTIONAL) {
      return values.stream().findFirst();
    }
    if (values.isEmpty() && !input.descriptor().nullable()) {
      throw new UnreadableDataException(
          "input %s has no event, and %s needs one".formatted(input.name(), function.task()));
    }
    return values.isEmpty() ? null : values.getFirst();
  }

  private Object read(HostedInput input, CloudEvent event) {
    if (input.type().isEmpty()) {
      return event;
    }
    Object data = read(input.type().get(), event);
    return input.descriptor().attributed() ? Event.of(data, event) : data;
  }

  private Object read(Type type, CloudEvent event) {
    CloudEventData data = event.getData();
    return codec.read(
        new Payload(
            data == null ? new byte[0] : data.toBytes(),
            Optional.ofNullable(event.getDataContentType())),
        type);
  }
}
