package dev.koalja.function.testing;

import dev.koalja.function.BatchFailures;
import dev.koalja.function.Event;
import dev.koalja.function.Function;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.KebabCase;
import dev.koalja.function.Key;
import dev.koalja.function.KeyedState;
import dev.koalja.function.ObjectStore;
import dev.koalja.function.Output;
import dev.koalja.function.codec.PayloadCodec;
import dev.koalja.function.codec.Values;
import dev.koalja.pipeline.Json;
import io.cloudevents.CloudEvent;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Calls single functions of an object, in a test, without a server. Data goes in and comes out
 * through the same codec as on a link, so a type that cannot be read fails here too.
 *
 * <pre>{@code
 * FunctionTester greetings = FunctionTester.of(new Greetings());
 * assertThat(greetings.call("greet", "Ann").only().as(String.class)).isEqualTo("Hello, Ann!");
 *
 * Results joined = FunctionTester.of(new Orders()).with("priced", priced).with("stock", stock).call("ship");
 * }</pre>
 */
public final class FunctionTester {
  /** By name, as only those who use it have it. */
  private static final String UNI = "io.smallrye.mutiny.Uni";

  private final Object functions;
  private final ObjectStore objects;
  private final Map<String, List<Object>> given;
  private final KeyedState<?> state;
  private final PayloadCodec codec = new PayloadCodec(Json.MAPPER);

  private FunctionTester(
      Object functions, ObjectStore objects, Map<String, List<Object>> given, KeyedState<?> state) {
    this.functions = functions;
    this.objects = objects;
    this.given = given;
    this.state = state;
  }

  /** Tests the functions of an object, which has no object store. */
  public static FunctionTester of(Object functions) {
    return new FunctionTester(functions, ObjectStore.none(), Map.of(), KeyedState.empty());
  }

  /** The same with an object store. */
  public FunctionTester with(ObjectStore store) {
    return new FunctionTester(functions, store, given, state);
  }

  /** The same with what is remembered of the key; a test can look at it after the call. */
  public FunctionTester with(KeyedState<?> remembered) {
    return new FunctionTester(functions, objects, given, remembered);
  }

  /**
   * The same with events for an input of the function that is called next. An input that gets none
   * is absent, as in a partial snapshot.
   *
   * @param input the port: the parameter's name in kebab-case
   * @param events each a {@code CloudEvent}, JSON text, text, bytes, or a value that is written as
   *     JSON; in the order of their arrival
   */
  public FunctionTester with(String input, Object... events) {
    Map<String, List<Object>> more = new LinkedHashMap<>(given);
    more.put(input, List.of(events));
    return new FunctionTester(functions, objects, more, state);
  }

  /**
   * Calls a function with one input once.
   *
   * @param task the task's name: the method's in kebab-case
   * @param data a {@code CloudEvent}, JSON text, text, bytes, or a value that is written as JSON;
   *     for a {@code List} of events, as a batch is, a collection of them
   * @return what it made
   * @throws Exception what the function threw
   */
  public Results call(String task, Object data) throws Exception {
    List<Parameter> inputs = inputs(method(task));
    if (inputs.size() != 1) {
      throw new IllegalArgumentException(
          "%s reads %s: give each its events, with(\"%s\", …).call(\"%s\")"
              .formatted(
                  task,
                  inputs.stream().map(GivenEvents::port).collect(Collectors.joining(", ")),
                  inputs.isEmpty() ? "" : GivenEvents.port(inputs.getFirst()),
                  task));
    }
    boolean several = GivenEvents.isList(inputs.getFirst()) && data instanceof Collection<?>;
    Object[] events = several ? ((Collection<?>) data).toArray() : new Object[] {data};
    return with(GivenEvents.port(inputs.getFirst()), events).call(task);
  }

  /**
   * Calls a function once with the events given before.
   *
   * @param task the task's name: the method's in kebab-case
   * @return what it made
   * @throws Exception what the function threw
   */
  public Results call(String task) throws Exception {
    Method method = method(task);
    Map<String, GivenEvents> inputs = given(task, inputs(method));
    List<CloudEvent> events =
        inputs.values().stream().flatMap(each -> each.events().stream()).toList();
    if (events.isEmpty()) {
      throw new IllegalArgumentException(
          "no event was given: a function is called when something has arrived");
    }
    Optional<BatchFailures> failures = failures(task, method, events.size());
    FunctionContext context =
        new FunctionContext(
            task, "test", 1, Optional.empty(), Optional.empty(), events, objects, failures);
    @Nullable Object[] arguments = new Object[method.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      Parameter parameter = method.getParameters()[i];
      GivenEvents input = inputs.get(GivenEvents.port(parameter));
      arguments[i] =
          input != null
              ? input.argument(codec)
              : parameter.getType() == KeyedState.class ? state : context;
    }
    List<Result> results = context.call(() -> results(method, invoke(method, arguments)));
    return new Results(
        results, failures.map(BatchFailures::end).orElseGet(Collections::emptySortedMap));
  }

  /** Where events fail, when the function takes batches. */
  private static Optional<BatchFailures> failures(String task, Method method, int events) {
    int batch = Objects.requireNonNull(method.getAnnotation(Function.class)).batch();
    if (batch > 0 && events > batch) {
      throw new IllegalArgumentException(
          "%s takes %d events in a batch, not %d".formatted(task, batch, events));
    }
    return batch > 0 ? Optional.of(new BatchFailures(events)) : Optional.empty();
  }

  private Map<String, GivenEvents> given(String task, List<Parameter> parameters) {
    Map<String, GivenEvents> inputs = new LinkedHashMap<>();
    for (Parameter parameter : parameters) {
      String port = GivenEvents.port(parameter);
      inputs.put(port, new GivenEvents(parameter, given.getOrDefault(port, List.of()), codec));
    }
    for (String port : given.keySet()) {
      if (!inputs.containsKey(port)) {
        throw new IllegalArgumentException(
            "%s has no input \"%s\", only %s".formatted(task, port, inputs.keySet()));
      }
    }
    return inputs;
  }

  private @Nullable Object invoke(Method method, @Nullable Object[] arguments) throws Exception {
    try {
      Object returned = method.invoke(functions, arguments);
      if (returned != null && method.getReturnType().getName().equals(UNI)) {
        returned = method.getReturnType().getMethod("subscribeAsCompletionStage").invoke(returned);
      }
      return returned instanceof CompletionStage<?> later
          ? later.toCompletableFuture().get()
          : returned;
    } catch (InvocationTargetException | ExecutionException e) {
      switch (e.getCause()) {
        case Exception exception -> throw exception;
        case Error error -> throw error;
        case null, default -> throw e;
      }
    }
  }

  private Method method(String task) {
    List<String> names = new ArrayList<>();
    for (Method method : functions.getClass().getDeclaredMethods()) {
      Function function = method.getAnnotation(Function.class);
      if (function != null) {
        String name = function.name().isEmpty() ? KebabCase.of(method.getName()) : function.name();
        if (name.equals(task)) {
          method.setAccessible(true);
          return method;
        }
        names.add(name);
      }
    }
    throw new IllegalArgumentException(
        "%s has no function \"%s\", only %s"
            .formatted(functions.getClass().getSimpleName(), task, names));
  }

  private static List<Parameter> inputs(Method method) {
    return Arrays.stream(method.getParameters()).filter(GivenEvents::isInput).toList();
  }

  private static List<Result> results(Method method, @Nullable Object returned) throws Exception {
    List<Result> results = new ArrayList<>();
    Output output = method.getAnnotation(Output.class);
    if (output != null) {
      add(results, "result", output.value(), returned, Optional.empty());
    } else if (returned != null && returned.getClass().isRecord()) {
      Optional<String> key = key(returned);
      for (RecordComponent component : returned.getClass().getRecordComponents()) {
        Output each = component.getAnnotation(Output.class);
        if (each != null) {
          String name = KebabCase.of(component.getName());
          add(results, name, each.value(), read(component, returned), key);
        }
      }
    }
    return results;
  }

  private static void add(
      List<Result> results,
      String output,
      String link,
      @Nullable Object returned,
      Optional<String> wholeKey)
      throws Exception {
    for (Object value : Values.of(returned).toList()) {
      Optional<String> key = key(value).or(() -> wholeKey);
      results.add(new Result(output, link, value, key));
    }
  }

  private static Optional<String> key(Object value) throws Exception {
    if (value instanceof Event<?> event) {
      return event.key().isPresent() ? event.key() : key(event.data());
    }
    if (value.getClass().isRecord()) {
      for (RecordComponent component : value.getClass().getRecordComponents()) {
        if (component.isAnnotationPresent(Key.class)) {
          return Optional.ofNullable(read(component, value)).map(Object::toString);
        }
      }
    }
    return Optional.empty();
  }

  private static @Nullable Object read(RecordComponent component, Object value) throws Exception {
    Method accessor = component.getAccessor();
    accessor.setAccessible(true);
    return accessor.invoke(value);
  }
}
