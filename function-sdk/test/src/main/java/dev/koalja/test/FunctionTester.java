package dev.koalja.test;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.function.Function;
import dev.koalja.function.KeyedState;
import dev.koalja.function.ObjectStore;
import dev.koalja.function.codec.Payload;
import dev.koalja.function.codec.PayloadCodec;
import dev.koalja.pipeline.Delivery;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Output;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.event.InvocationId;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.Ulid;
import dev.koalja.runtime.invoke.InvocationOutcome;
import dev.koalja.runtime.receive.FunctionRequest;
import dev.koalja.runtime.registry.FunctionDescriptor;
import dev.koalja.runtime.registry.FunctionDescriptor.Takes;
import dev.koalja.runtime.registry.HostedFunction;
import dev.koalja.runtime.registry.HostedInput;
import dev.koalja.runtime.registry.InputDescriptor.Shape;
import dev.koalja.runtime.result.ResultEncoder;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Calls single functions of an object, in a test, without a server: the runtime's own code reads
 * the data, checks it, calls the function and writes what it made, as in the process of the app.
 *
 * <pre>{@code
 * FunctionTester greetings = FunctionTester.of(new Greetings());
 * assertThat(greetings.call("greet", "Ann").only().as(String.class)).isEqualTo("Hello, Ann!");
 *
 * Results joined = FunctionTester.of(new Orders()).with("priced", priced).with("stock", stock).call("ship");
 * }</pre>
 *
 * <p>An event is given as a {@code CloudEvent}; as an {@link dev.koalja.function.Event}, data with
 * attributes; as text or bytes, which are JSON unless the function reads text or bytes; or as a
 * value, which is written as JSON.
 */
public final class FunctionTester {
  private final App app;
  private final Class<?> type;
  private final Object functions;
  private final ObjectStore objects;
  private final Map<String, List<Object>> given;
  private final KeyedState<?> state;

  private FunctionTester(
      App app,
      Class<?> type,
      Object functions,
      ObjectStore objects,
      Map<String, List<Object>> given,
      KeyedState<?> state) {
    this.app = app;
    this.type = type;
    this.functions = functions;
    this.objects = objects;
    this.given = given;
    this.state = state;
  }

  /**
   * Tests the functions of an object, which has no object store.
   *
   * @throws IllegalArgumentException when its class has none
   * @throws RuntimeException when the build would fail, with its messages
   */
  public static FunctionTester of(Object functions) {
    // the object may be of a class of the test that extends the one with the functions
    for (Class<?> type = functions.getClass(); type != null; type = type.getSuperclass()) {
      if (Arrays.stream(type.getDeclaredMethods())
          .anyMatch(method -> method.isAnnotationPresent(Function.class))) {
        return new FunctionTester(
            App.ofFunctions(type),
            type,
            functions,
            ObjectStore.none(),
            Map.of(),
            KeyedState.empty());
      }
    }
    throw new IllegalArgumentException(
        "%s has no method with @Function".formatted(functions.getClass().getName()));
  }

  /** The same with an object store. */
  public FunctionTester with(ObjectStore store) {
    return new FunctionTester(app, type, functions, store, given, state);
  }

  /** The same with what is remembered of the key; after a call it is what the call left. */
  public FunctionTester with(KeyedState<?> remembered) {
    return new FunctionTester(app, type, functions, objects, given, remembered);
  }

  /**
   * The same with events for an input of the function that is called next. An input that gets none
   * is absent, as in a partial snapshot.
   *
   * @param input the port: the parameter's name in kebab-case
   * @param events in the order of their arrival
   */
  public FunctionTester with(String input, Object... events) {
    Map<String, List<Object>> more = new LinkedHashMap<>(given);
    more.put(input, List.of(events));
    return new FunctionTester(app, type, functions, objects, more, state);
  }

  /**
   * Calls a function with one input once.
   *
   * @param task the task's name: the method's in kebab-case
   * @param data the event; for a {@code List} of events, as a batch is, a collection of them
   * @return what it made
   * @throws Exception as {@link #call(String)}
   */
  public Results call(String task, Object data) throws Exception {
    return withOne(task, data).call(task);
  }

  /**
   * Calls a function once with the events given before.
   *
   * @param task the task's name: the method's in kebab-case
   * @return what it made
   * @throws Exception what the function threw; a {@link KoaljaException} when it was not called, as
   *     the data could not be read or broke a rule, or when its result could not be used
   */
  public Results call(String task) throws Exception {
    Call call = new Call(task);
    return switch (call.outcome) {
      case InvocationOutcome.Succeeded(List<CloudEvent> events) -> call.results(events);
      case InvocationOutcome.Failed failed -> throw thrown(failed);
    };
  }

  /**
   * Calls a function with one input once, which has to fail.
   *
   * @param data as of {@link #call(String, Object)}
   * @throws AssertionError when it does not
   */
  public Failure expectFailure(String task, Object data) {
    return withOne(task, data).expectFailure(task);
  }

  /**
   * Calls a function once with the events given before, which has to fail.
   *
   * @throws AssertionError when it does not
   */
  public Failure expectFailure(String task) {
    Call call = new Call(task);
    return switch (call.outcome) {
      case InvocationOutcome.Succeeded(List<CloudEvent> events) ->
          throw new AssertionError(
              "%s was expected to fail, and made %s".formatted(task, call.results(events).all()));
      case InvocationOutcome.Failed failed -> new Failure(failed.code(), failed.detail());
    };
  }

  /** What the function threw, unless the outcome says more than that. */
  private static Exception thrown(InvocationOutcome.Failed failed) {
    Throwable cause = failed.cause().orElse(null);
    boolean own =
        failed.code() == ErrorCode.FUNCTION_FAILED || failed.code() == ErrorCode.FUNCTION_REFUSED;
    return switch (cause) {
      case Error error -> throw error;
      case KoaljaException known -> known;
      case Exception exception when own -> exception;
      case null -> new KoaljaException(failed.code(), failed.detail());
      default -> new KoaljaException(failed.code(), failed.detail(), cause);
    };
  }

  private FunctionTester withOne(String task, Object data) {
    List<String> inputs = ports(descriptor(task));
    if (inputs.size() != 1) {
      throw new IllegalArgumentException(
          "%s reads %s: give each its events, with(\"%s\", …).call(\"%s\")"
              .formatted(task, String.join(", ", inputs), inputs.getFirst(), task));
    }
    boolean several =
        descriptor(task).inputs().getFirst().shape() == Shape.LIST && data instanceof Collection<?>;
    return with(
        inputs.getFirst(), several ? ((Collection<?>) data).toArray() : new Object[] {data});
  }

  private FunctionDescriptor descriptor(String task) {
    List<FunctionDescriptor> all = app.functions(type);
    return all.stream()
        .filter(each -> each.task().equals(task))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s has no function \"%s\", only %s"
                        .formatted(
                            type.getSimpleName(),
                            task,
                            all.stream().map(FunctionDescriptor::task).toList())));
  }

  private static List<String> ports(FunctionDescriptor function) {
    return function.inputs().stream().map(each -> each.name()).toList();
  }

  /** One call of a function. */
  private final class Call {
    private final PayloadCodec codec;
    private final HostedFunction function;
    private final Task task;
    private final InvocationOutcome outcome;

    Call(String name) {
      requireKnownInputs(descriptor(name));
      FunctionsInPlace place = app.functions(type, functions, objects);
      codec = place.codec();
      function = place.function(name);
      task = app.circuit().pipeline().task(name).orElseThrow();
      List<List<CloudEvent>> inputs = function.inputs().stream().map(this::events).toList();
      requireEvents(inputs);
      outcome =
          place.run(
              function,
              new FunctionRequest(
                  inputs,
                  function.descriptor().takesMany(),
                  remembered(),
                  new InvocationId(Ulid.derived(Instant.EPOCH, name)),
                  1,
                  Optional.empty(),
                  Optional.empty()));
    }

    private void requireKnownInputs(FunctionDescriptor descriptor) {
      List<String> ports = ports(descriptor);
      for (String port : given.keySet()) {
        if (!ports.contains(port)) {
          throw new IllegalArgumentException(
              "%s has no input \"%s\", only %s".formatted(descriptor.task(), port, ports));
        }
      }
    }

    private List<CloudEvent> events(HostedInput input) {
      Type readAs = input.type().orElse(CloudEvent.class);
      List<CloudEvent> events = new ArrayList<>();
      for (Object each : given.getOrDefault(input.name(), List.of())) {
        String id = "test-" + input.name() + "-" + events.size();
        events.add(new GivenEvent(codec).of(each, readAs, id, Instant.now()));
      }
      return events;
    }

    /** What no router would ask for is a mistake of the test. */
    private void requireEvents(List<List<CloudEvent>> inputs) {
      int count = inputs.stream().mapToInt(List::size).sum();
      if (count == 0) {
        throw new IllegalArgumentException(
            "no event was given: a function is called when something has arrived");
      }
      int most =
          function.descriptor().takes() == Takes.ONE
              ? 1
              : task.delivery().batch().map(Delivery.Batch::max).orElse(Integer.MAX_VALUE);
      if (count > most) {
        throw new IllegalArgumentException(
            "%s takes %d %s in a call, not %d"
                .formatted(function.task(), most, most == 1 ? "event" : "events", count));
      }
    }

    private Optional<CloudEvent> remembered() {
      return state
          .get()
          .map(
              value -> {
                try {
                  return CloudEventBuilder.v1()
                      .withId("test-state")
                      .withSource(URI.create("/test"))
                      .withType("test")
                      .withDataContentType(Payload.JSON)
                      .withData(Json.MAPPER.writeValueAsBytes(value))
                      .build();
                } catch (IOException e) {
                  throw new UncheckedIOException("what is remembered is kept as JSON", e);
                }
              });
    }

    Results results(List<CloudEvent> events) {
      List<Result> results = new ArrayList<>();
      Map<Integer, Failure> failures = new LinkedHashMap<>();
      for (CloudEvent event : events) {
        if (event.getType().equals(ResultEncoder.FAILURE_TYPE)) {
          failures.put(index(event), failure(event));
        } else if (Reader.STATE.value().equals(event.getExtension(KoaljaExtensions.OUTPUT))) {
          remember(state, event);
        } else {
          Output output = output(event);
          results.add(new Result(output.name().value(), output.link().value(), event, codec));
        }
      }
      return new Results(results, failures);
    }

    private static int index(CloudEvent event) {
      return ((Number)
              Optional.ofNullable(event.getExtension(KoaljaExtensions.INDEX)).orElseThrow())
          .intValue();
    }

    private static Failure failure(CloudEvent event) {
      JsonNode problem = EventData.read(event, JsonNode.class);
      ErrorCode code =
          Arrays.stream(ErrorCode.values())
              .filter(each -> each.number() == problem.path("code").asInt())
              .findFirst()
              .orElseThrow();
      return new Failure(code, problem.path("detail").asText());
    }

    private Output output(CloudEvent event) {
      Object name = event.getExtension(KoaljaExtensions.OUTPUT);
      return name == null ? task.outputs().getFirst() : task.output(name.toString()).orElseThrow();
    }

    private <T> void remember(KeyedState<T> left, CloudEvent event) {
      if (event.getData() == null) {
        left.clear();
        return;
      }
      @SuppressWarnings("unchecked") // as what the function declares, which the test gave
      T value =
          (T) codec.read(EventData.payload(event), function.stateType().orElse(JsonNode.class));
      left.set(value);
    }
  }
}
