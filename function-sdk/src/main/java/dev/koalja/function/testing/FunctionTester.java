package dev.koalja.function.testing;

import dev.koalja.function.Function;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.Input;
import dev.koalja.function.KebabCase;
import dev.koalja.function.Key;
import dev.koalja.function.ObjectStore;
import dev.koalja.function.Output;
import dev.koalja.function.codec.Payload;
import dev.koalja.function.codec.PayloadCodec;
import dev.koalja.function.codec.Values;
import dev.koalja.pipeline.Json;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Calls single functions of an object, in a test, without a server. Data goes in and comes out
 * through the same codec as on a link, so a type that cannot be read fails here too.
 *
 * <pre>{@code
 * FunctionTester greetings = FunctionTester.of(new Greetings());
 * assertThat(greetings.call("greet", "Ann").only().as(String.class)).isEqualTo("Hello, Ann!");
 * }</pre>
 */
public final class FunctionTester {
  private final Object functions;
  private final ObjectStore objects;
  private final PayloadCodec codec = new PayloadCodec(Json.MAPPER);

  private FunctionTester(Object functions, ObjectStore objects) {
    this.functions = functions;
    this.objects = objects;
  }

  /** Tests the functions of an object, which has no object store. */
  public static FunctionTester of(Object functions) {
    return new FunctionTester(functions, ObjectStore.none());
  }

  /** The same with an object store. */
  public FunctionTester with(ObjectStore store) {
    return new FunctionTester(functions, store);
  }

  /**
   * Calls a function once.
   *
   * @param task the task's name: the method's in kebab-case
   * @param data a {@code CloudEvent}, JSON text, text, bytes, or a value that is written as JSON
   * @return what it made
   * @throws Exception what the function threw
   */
  public Results call(String task, Object data) throws Exception {
    Method method = method(task);
    Parameter input = input(method);
    CloudEvent event = data instanceof CloudEvent whole ? whole : event(data, input);
    FunctionContext context =
        new FunctionContext(
            task, "test", 1, Optional.empty(), Optional.empty(), List.of(event), objects);
    Object[] arguments = new Object[method.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      Parameter parameter = method.getParameters()[i];
      if (parameter.getType() == FunctionContext.class) {
        arguments[i] = context;
      } else if (parameter.getType() == CloudEvent.class) {
        arguments[i] = event;
      } else {
        arguments[i] = codec.read(payload(event), parameter.getParameterizedType());
      }
    }
    return context.call(() -> results(method, invoke(method, arguments)));
  }

  private @Nullable Object invoke(Method method, Object[] arguments) throws Exception {
    try {
      return method.invoke(functions, arguments);
    } catch (InvocationTargetException e) {
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

  private static Parameter input(Method method) {
    return Arrays.stream(method.getParameters())
        .filter(parameter -> parameter.isAnnotationPresent(Input.class))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(method + " has no @Input"));
  }

  private CloudEvent event(Object data, Parameter input) {
    Payload payload;
    if (data instanceof String text && input.getType() != String.class) {
      payload = new Payload(text.getBytes(java.nio.charset.StandardCharsets.UTF_8), Payload.JSON);
    } else if (data instanceof byte[] bytes && input.getType() != byte[].class) {
      payload = new Payload(bytes, Payload.JSON);
    } else {
      payload = codec.write(data);
    }
    return CloudEventBuilder.v1()
        .withId("test")
        .withSource(URI.create("/test"))
        .withType("test")
        .withDataContentType(payload.contentType().orElse(Payload.JSON))
        .withData(payload.data())
        .build();
  }

  private static Payload payload(CloudEvent event) {
    CloudEventData data = event.getData();
    return new Payload(
        data == null ? new byte[0] : data.toBytes(),
        Optional.ofNullable(event.getDataContentType()));
  }

  private static Results results(Method method, @Nullable Object returned) throws Exception {
    List<Result> results = new ArrayList<>();
    Output output = method.getAnnotation(Output.class);
    if (output != null) {
      add(results, "result", output.value(), returned, Optional.empty());
    } else if (returned != null && method.getReturnType().isRecord()) {
      Optional<String> key = key(returned);
      for (RecordComponent component : method.getReturnType().getRecordComponents()) {
        Output each = component.getAnnotation(Output.class);
        if (each != null) {
          String name = KebabCase.of(component.getName());
          add(results, name, each.value(), read(component, returned), key);
        }
      }
    }
    return new Results(results);
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
