package dev.koalja.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.KeyedState;
import dev.koalja.function.ObjectStore;
import dev.koalja.function.TerminalException;
import dev.koalja.pipeline.Json;
import dev.koalja.runtime.invoke.InvocationRunner;
import dev.koalja.runtime.registry.FunctionDescriptor;
import dev.koalja.runtime.registry.FunctionDescriptor.Takes;
import dev.koalja.runtime.registry.FunctionInvoker;
import dev.koalja.runtime.registry.FunctionRegistry;
import dev.koalja.runtime.registry.InputDescriptor;
import dev.koalja.runtime.registry.InputDescriptor.Shape;
import dev.koalja.runtime.registry.OutputDescriptor;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An app of functions written as the build would generate their invokers. */
final class TestFunctions {
  static final int MAX_BODY = 4096;
  static final int MAX_RESULTS = 5;
  static final int MAX_RESULT_BYTES = 1000;

  private static final List<FunctionDescriptor> FUNCTIONS = new ArrayList<>();

  static {
    function("shout", Shout.class, "java.lang.String", "test.shout.result");
    function("price", Price.class, Order.class.getName(), "shop.Priced");
    function("measure", Measure.class, "byte[]", "test.measure.result");
    function("swallow", Swallow.class, "java.lang.String");
    function("lines", Lines.class, Order.class.getName(), "shop.Line");
    function("pass", Pass.class, InputDescriptor.WHOLE_EVENT, "test.pass.result");
    function("craft", Craft.class, InputDescriptor.WHOLE_EVENT, "test.craft.result");
    function("context", Context.class, "byte[]", "test.context.result");
    function("fail", Fail.class, "java.lang.String", "test.fail.result");
    function("flood", Flood.class, "java.lang.String", "test.flood.result");
    function("mark", Mark.class, "java.lang.String");
    function("wait", Wait.class, "java.lang.String", "test.wait.result");
    FUNCTIONS.add(
        new FunctionDescriptor(
            "streams",
            "Test.streams(String)",
            Streams.class.getName(),
            List.of(one("input", "java.lang.String")),
            Takes.ONE,
            "",
            List.of(
                new OutputDescriptor(
                    "endless", "test.streams.endless", "java.lang.String", "", "", false),
                new OutputDescriptor(
                    "other", "test.streams.other", "java.lang.String", "", "", false)),
            true));
    FUNCTIONS.add(
        new FunctionDescriptor(
            "sort",
            "Test.sort(Order)",
            Sort.class.getName(),
            List.of(one("input", Order.class.getName())),
            Takes.ONE,
            "",
            List.of(
                new OutputDescriptor("lines", "shop.Line", Line.class.getName(), "", "", false),
                new OutputDescriptor(
                    "count", "test.sort.count", "java.lang.Integer", "", "", false)),
            true));
  }

  static {
    snapshots(
        "join",
        Join.class,
        new InputDescriptor("order", Order.class.getName(), Shape.ONE, false, false),
        new InputDescriptor("stock", "java.lang.String", Shape.OPTIONAL, false, false),
        new InputDescriptor("tags", "byte[]", Shape.LIST, false, false),
        new InputDescriptor(
            "note", "com.fasterxml.jackson.databind.JsonNode", Shape.ONE, true, false));
    snapshots(
        "collect",
        Collect.class,
        new InputDescriptor(
            "last", "com.fasterxml.jackson.databind.JsonNode", Shape.LIST, false, false));
    snapshots(
        "look",
        Look.class,
        new InputDescriptor("seen", InputDescriptor.WHOLE_EVENT, Shape.LIST, false, false));
    snapshots("sum", Sum.class, "java.lang.Integer", one("amount", "java.lang.Integer"));
    snapshots("remember", Remember.class, "java.lang.String", one("word", "java.lang.String"));
    many(
        "store",
        Store.class,
        Takes.BATCH,
        "",
        new InputDescriptor(
            "words", "com.fasterxml.jackson.databind.JsonNode", Shape.LIST, false, false));
  }

  private TestFunctions() {}

  private static void snapshots(
      String task, Class<? extends FunctionInvoker> invoker, InputDescriptor... inputs) {
    snapshots(task, invoker, "", inputs);
  }

  private static void snapshots(
      String task,
      Class<? extends FunctionInvoker> invoker,
      String state,
      InputDescriptor... inputs) {
    many(task, invoker, Takes.SNAPSHOT, state, inputs);
  }

  private static void many(
      String task,
      Class<? extends FunctionInvoker> invoker,
      Takes takes,
      String state,
      InputDescriptor... inputs) {
    OutputDescriptor output =
        new OutputDescriptor(
            "result", "test." + task + ".result", "java.lang.Object", "", "", false);
    FUNCTIONS.add(
        new FunctionDescriptor(
            task,
            "Test." + task + "()",
            invoker.getName(),
            List.of(inputs),
            takes,
            state,
            List.of(output),
            false));
  }

  private static void function(
      String task, Class<? extends FunctionInvoker> invoker, String input, String... type) {
    List<OutputDescriptor> outputs =
        Stream.of(type)
            .map(each -> new OutputDescriptor("result", each, "java.lang.Object", "", "", false))
            .toList();
    FUNCTIONS.add(
        new FunctionDescriptor(
            task,
            "Test." + task + "()",
            invoker.getName(),
            List.of(one("input", input)),
            Takes.ONE,
            "",
            outputs,
            false));
  }

  private static InputDescriptor one(String name, String type) {
    return new InputDescriptor(name, type, Shape.ONE, false, false);
  }

  static FunctionServer serve() {
    return serve(FUNCTIONS, 0, Duration.ofSeconds(10));
  }

  static FunctionServer serveOnly(String task) {
    return serve(
        FUNCTIONS.stream().filter(each -> each.task().equals(task)).toList(),
        0,
        Duration.ofSeconds(10));
  }

  static FunctionServer serve(int port, Duration drain) {
    return serve(FUNCTIONS, port, drain);
  }

  private static FunctionServer serve(
      List<FunctionDescriptor> functions, int port, Duration drain) {
    return FunctionServer.start(
        new FunctionServer.Settings(
            "test",
            "1.0+abc",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
            MAX_BODY,
            MAX_RESULTS,
            MAX_RESULT_BYTES,
            ObjectStore.none(),
            drain),
        new FunctionRegistry(functions, _ -> new Object()),
        Json.MAPPER,
        InvocationRunner.Scope.NONE);
  }

  record Order(String id, List<String> skus) {}

  record Priced(String id, int total) {}

  record Line(String order, String sku) {}

  record Sorted(List<Line> lines, Optional<Integer> count) {}

  abstract static class Invoker extends FunctionInvoker {
    @Override
    public Class<?> functions() {
      return Object.class;
    }
  }

  public static final class Shout extends Invoker {
    @Override
    public Object call(Object functions, Object[] inputs, FunctionContext context) {
      return ((String) inputs[0]).toUpperCase(java.util.Locale.ROOT);
    }
  }

  public static final class Price extends Invoker {
    @Override
    public Object call(Object functions, Object[] inputs, FunctionContext context) {
      Order order = (Order) inputs[0];
      return new Priced(order.id(), order.skus().size());
    }

    @Override
    public String key(Object value, int output) {
      return ((Priced) value).id();
    }
  }

  public static final class Measure extends Invoker {
    @Override
    public Object call(Object functions, Object[] inputs, FunctionContext context) {
      return new byte[] {(byte) ((byte[]) inputs[0]).length};
    }
  }

  public static final class Swallow extends Invoker {
    @Override
    public Object call(Object functions, Object[] inputs, FunctionContext context) {
      return null;
    }
  }

  public static final class Lines extends Invoker {
    @Override
    public Object call(Object functions, Object[] inputs, FunctionContext context) {
      Order order = (Order) inputs[0];
      return order.skus().stream().map(sku -> new Line(order.id(), sku)).toList();
    }
  }

  public static final class Sort extends Invoker {
    @Override
    public Object call(Object functions, Object[] inputs, FunctionContext context) {
      Order order = (Order) inputs[0];
      return new Sorted(
          order.skus().stream().map(sku -> new Line(order.id(), sku)).toList(),
          Optional.of(order.skus().size()).filter(size -> size > 0));
    }

    @Override
    public Object output(Object returned, int output) {
      return output == 0 ? ((Sorted) returned).lines() : ((Sorted) returned).count();
    }

    @Override
    public String key(Object value, int output) {
      return output == 0 ? ((Line) value).order() : null;
    }

    @Override
    public String sharedKey(Object returned) {
      return "shared";
    }
  }

  /** Two streams, the first without end. */
  public static final class Streams extends Invoker {
    static volatile boolean closed;

    @Override
    public Object call(Object functions, Object[] inputs, FunctionContext context) {
      return List.of(Stream.generate(() -> "x"), Stream.of("y").onClose(() -> closed = true));
    }

    @Override
    public Object output(Object returned, int output) {
      return ((List<?>) returned).get(output);
    }
  }

  public static final class Pass extends Invoker {
    @Override
    public Object call(Object functions, Object[] inputs, FunctionContext context) {
      CloudEvent event = (CloudEvent) inputs[0];
      return switch (event.getType()) {
        case "bare" -> CloudEventBuilder.v1(event).withoutData().build();
        case "binary" ->
            CloudEventBuilder.v1(event).withExtension("bytes", new byte[] {1, 2}).build();
        default -> event;
      };
    }
  }

  /** Two events with the data of the input, of a content type that the test chooses. */
  public static final class Craft extends Invoker {
    static volatile @Nullable String contentType;

    @Override
    public Object call(Object functions, Object[] inputs, FunctionContext context) {
      CloudEventBuilder event = CloudEventBuilder.v1((CloudEvent) inputs[0]).withoutData();
      CloudEventData data = ((CloudEvent) inputs[0]).getData();
      event.withData(data == null ? new byte[0] : data.toBytes());
      if (contentType != null) {
        event.withDataContentType(contentType);
      }
      CloudEvent crafted = event.build();
      return List.of(crafted, crafted);
    }
  }

  public static final class Context extends Invoker {
    @Override
    public Object call(Object functions, Object[] inputs, FunctionContext context) {
      Map<String, Object> seen = new LinkedHashMap<>();
      seen.put("task", context.task());
      seen.put("invocation", context.invocation());
      seen.put("attempt", context.attempt());
      seen.put("deadline", context.deadline());
      seen.put("traceparent", context.traceparent());
      seen.put("current", FunctionContext.current() == context);
      return seen;
    }
  }

  public static final class Fail extends Invoker {
    @Override
    public Object call(Object functions, Object[] inputs, FunctionContext context)
        throws Exception {
      throw switch ((String) inputs[0]) {
        case "terminal" -> new TerminalException("unknown sku Z");
        case "checked" -> new java.io.IOException("disk full");
        case "long" -> new java.io.IOException("x".repeat(1_000_000));
        case "message" -> new Unspeakable();
        case "silent" -> new IllegalStateException();
        default -> throw new StackOverflowError("too deep");
      };
    }
  }

  /** Not even its message can be had. */
  private static final class Unspeakable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no message");
    }
  }

  public static final class Flood extends Invoker {
    static volatile boolean closed;

    @Override
    public Object call(Object functions, Object[] inputs, FunctionContext context) {
      return switch ((String) inputs[0]) {
        case "nested" ->
            Stream.of(1).flatMap(_ -> Stream.generate(() -> "x")).onClose(() -> closed = true);
        case "endless" -> Stream.generate(() -> "x");
        case "many" -> List.of("a", "b", "c", "d", "e");
        case "heavy" -> new byte[MAX_RESULT_BYTES + 1];
        default -> new Object();
      };
    }
  }

  /** Waits until the test lets it go. */
  public static final class Wait extends Invoker {
    static volatile CountDownLatch entered = new CountDownLatch(1);
    static volatile CountDownLatch go = new CountDownLatch(1);

    @Override
    public Object call(Object functions, Object[] inputs, FunctionContext context)
        throws Exception {
      entered.countDown();
      go.await();
      return "done";
    }
  }

  /** Says what it was given. */
  public static final class Join extends Invoker {
    @Override
    public Object call(Object functions, Object[] inputs, FunctionContext context) {
      List<String> tags =
          ((List<?>) inputs[2]).stream().map(tag -> new String((byte[]) tag, UTF_8)).toList();
      return ((Order) inputs[0]).id()
          + " "
          + ((Optional<?>) inputs[1]).map(Object::toString).orElse("none")
          + " "
          + tags
          + " "
          + inputs[3]
          + " of "
          + context.events().size();
    }
  }

  public static final class Collect extends Invoker {
    @Override
    public Object call(Object functions, Object[] inputs, FunctionContext context) {
      return inputs[0].toString();
    }
  }

  /** Returns each word in capitals, and fails in all ways. */
  public static final class Store extends Invoker {
    @Override
    public Object call(Object functions, Object[] inputs, FunctionContext context) {
      List<String> words =
          ((List<?>) inputs[0]).stream().map(word -> ((JsonNode) word).asText()).toList();
      if (words.contains("throw")) {
        throw new TerminalException("not even one");
      }
      return IntStream.range(0, words.size())
          .boxed()
          .flatMap(index -> one(words.get(index), index, context));
    }

    private static Stream<String> one(String word, int index, FunctionContext context) {
      switch (word) {
        case "refuse" -> context.fail(index, new TerminalException("no such word"));
        case "fail" -> context.fail(index, new java.io.IOException("x".repeat(5000)));
        case "nobody" -> context.fail(index + 100, new java.io.IOException("disk full"));
        case "silent" -> {}
        default -> {
          return Stream.of(word.toUpperCase(java.util.Locale.ROOT));
        }
      }
      return Stream.empty();
    }
  }

  /** Fails an event where there is no batch. */
  public static final class Mark extends Invoker {
    @Override
    public @Nullable Object call(Object functions, Object[] inputs, FunctionContext context) {
      context.fail(0, new TerminalException("no"));
      return null;
    }
  }

  /** Passes on what it was given. */
  public static final class Look extends Invoker {
    @Override
    public Object call(Object functions, Object[] inputs, FunctionContext context) {
      return inputs[0];
    }
  }

  /** Remembers a sum. */
  public static final class Sum extends Invoker {
    @Override
    public Object call(Object functions, Object[] inputs, FunctionContext context) {
      @SuppressWarnings("unchecked") // as the descriptor says
      KeyedState<Integer> state = (KeyedState<Integer>) inputs[1];
      state.set(state.get().orElse(0) + (Integer) inputs[0]);
      return List.of();
    }
  }

  /** Remembers the words it hears; what it returns is what it knew. */
  public static final class Remember extends Invoker {
    @Override
    public @Nullable Object call(Object functions, Object[] inputs, FunctionContext context) {
      @SuppressWarnings("unchecked") // as the descriptor says
      KeyedState<String> state = (KeyedState<String>) inputs[1];
      Optional<String> known = state.get();
      switch ((String) inputs[0]) {
        case "what" -> {}
        case "forget" -> state.clear();
        case "fail" -> {
          state.set("lost");
          throw new TerminalException("no");
        }
        default -> state.set(known.orElse("") + inputs[0]);
      }
      return known;
    }
  }
}
