package dev.koalja.test;

import dev.koalja.function.ObjectStore;
import dev.koalja.function.codec.PayloadCodec;
import dev.koalja.pipeline.bundle.Message;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.router.dispatch.FunctionCaller;
import dev.koalja.router.dispatch.FunctionProtocol;
import dev.koalja.router.dispatch.FunctionProtocol.ResultLimits;
import dev.koalja.router.dispatch.InvocationOutcome;
import dev.koalja.runtime.invoke.InvocationRunner;
import dev.koalja.runtime.receive.FunctionRequest;
import dev.koalja.runtime.receive.RequestReader;
import dev.koalja.runtime.registry.FunctionDescriptor;
import dev.koalja.runtime.registry.FunctionRegistry;
import dev.koalja.runtime.registry.HostedFunction;
import dev.koalja.runtime.result.ReplyWriter;
import dev.koalja.runtime.result.ResultEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The function runtime without its server: it reads, checks, calls and writes as in the process of
 * the app. For a circuit, requests and answers are those of PROTOCOL.md, handed over instead of
 * sent.
 */
final class FunctionsInPlace {
  private final Map<String, HostedFunction> functions = new LinkedHashMap<>();
  private final PayloadCodec codec;
  private final RequestReader reader = new RequestReader(16 * 1024 * 1024);
  private final InvocationRunner runner;
  private final ReplyWriter writer = new ReplyWriter("test");
  private InstantSource clock = InstantSource.system();

  /**
   * Functions to be called.
   *
   * @param app part of the source of every result
   * @param validation the language of its validator, where the app has one
   */
  FunctionsInPlace(
      String app,
      List<FunctionDescriptor> descriptors,
      Map<Class<?>, Object> instances,
      ObjectStore objects,
      PayloadCodec codec,
      Optional<Locale> validation) {
    this.codec = codec;
    Map<Class<?>, Object> all = new HashMap<>(instances);
    FunctionRegistry registry =
        new FunctionRegistry(
            descriptors, type -> all.computeIfAbsent(type, FunctionsInPlace::instance));
    for (HostedFunction each : registry.all()) {
      functions.put(
          each.task(), validation.map(language -> constrained(each, language)).orElse(each));
    }
    ResultEncoder results =
        new ResultEncoder(
            app,
            codec,
            () -> clock.instant(),
            ResultLimits.DEFAULT.count(),
            ResultLimits.DEFAULT.bytes());
    this.runner = new InvocationRunner(codec, results, objects, InvocationRunner.Scope.NONE);
  }

  private static HostedFunction constrained(HostedFunction function, Locale language) {
    return new HostedFunction(
        function.descriptor(),
        ConstrainedFunction.of(function.invoker(), function.task(), language),
        function.bean(),
        function.inputs(),
        function.outputs(),
        function.stateType(),
        function.counters());
  }

  /** Made without parameters. */
  static Object instance(Class<?> type) {
    try {
      Constructor<?> constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      return constructor.newInstance();
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(
          "%s has no constructor without parameters: give the circuit one, circuit.with(new %s(…))"
              .formatted(type.getName(), type.getSimpleName()),
          e);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("%s cannot be made".formatted(type.getName()), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("%s cannot be made".formatted(type.getName()), e);
    }
  }

  /** Stamps results with the time of a circuit. */
  void clock(InstantSource time) {
    clock = time;
  }

  /** What reads and writes data. */
  PayloadCodec codec() {
    return codec;
  }

  /** The function of a task. */
  HostedFunction function(String task) {
    return Optional.ofNullable(functions.get(task))
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "task %s is no function of this app: it runs on the breadboard only"
                        .formatted(task)));
  }

  /** Calls a function with events that were read already. */
  dev.koalja.runtime.invoke.InvocationOutcome run(
      HostedFunction function, FunctionRequest request) {
    return runner.run(function, request);
  }

  /** Calls a function; see {@link FunctionCaller}. */
  InvocationOutcome call(FunctionCaller.Attempt attempt) {
    HostedFunction function = function(attempt.task());
    try {
      ReplyWriter.Answer answer = answer(function, request(attempt));
      return FunctionProtocol.outcome(
          new FunctionProtocol.Answer(answer.status(), lowerCase(answer.headers()), answer.body()),
          ResultLimits.DEFAULT);
    } catch (IOException e) {
      throw new UncheckedIOException("memory never fails", e);
    }
  }

  private ReplyWriter.Answer answer(HostedFunction function, Message request) throws IOException {
    try {
      return writer.answer(runner.run(function, reader.read(request, function)));
    } catch (KoaljaException e) {
      return writer.problem(e.code(), e.code().httpStatus(), String.valueOf(e.getMessage()));
    }
  }

  private static Message request(FunctionCaller.Attempt attempt) {
    byte[] body =
        attempt.event().getData() == null ? new byte[0] : attempt.event().getData().toBytes();
    return new Message(0, 0, lowerCase(FunctionProtocol.headers(attempt)), body);
  }

  private static Map<String, String> lowerCase(Map<String, String> headers) {
    Map<String, String> lower = new HashMap<>();
    headers.forEach((name, value) -> lower.put(name.toLowerCase(Locale.ROOT), value));
    return lower;
  }
}
