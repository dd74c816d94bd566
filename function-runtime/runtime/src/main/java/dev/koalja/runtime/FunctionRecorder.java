package dev.koalja.runtime;

import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.koalja.function.ObjectStore;
import dev.koalja.function.codec.DataFormat;
import dev.koalja.function.codec.PayloadCodec;
import dev.koalja.pipeline.Json;
import dev.koalja.runtime.dev.DevServer;
import dev.koalja.runtime.invoke.InvocationRunner;
import dev.koalja.runtime.registry.FunctionDescriptor;
import dev.koalja.runtime.registry.FunctionRegistry;
import dev.koalja.runtime.training.Rehearsal;
import io.quarkus.arc.Arc;
import io.quarkus.arc.ArcContainer;
import io.quarkus.arc.InjectableInstance;
import io.quarkus.arc.ManagedContext;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.RuntimeValue;
import io.quarkus.runtime.ShutdownContext;
import io.quarkus.runtime.annotations.Recorder;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the build tells the process to do when it starts. */
@Recorder
public class FunctionRecorder {
  private static final int BUFFERS = 32;

  private final RuntimeValue<KoaljaConfig> config;

  /** Called by the generated start-up code. */
  public FunctionRecorder(RuntimeValue<KoaljaConfig> config) {
    this.config = config;
  }

  /** Logging is set up, before the rest: what was begun with the process may go on. */
  public void warmUp() {
    if (LaunchMode.current() == LaunchMode.NORMAL) {
      WarmUp.loggingIsThere();
    }
  }

  /**
   * Starts to serve the functions, once everything else has started.
   *
   * @param app the app's name
   * @param codeRevision version and digest of the code
   * @param functions what the build found
   * @param formats classes that read and write more formats, by content type
   */
  public void serve(
      String app,
      String codeRevision,
      List<FunctionDescriptor> functions,
      Map<String, String> formats,
      ShutdownContext shutdown) {
    KoaljaConfig settings = config.getValue();
    ArcContainer container = Arc.container();
    FunctionRegistry registry =
        new FunctionRegistry(functions, type -> container.instance(type).get());
    ObjectMapper json = mapper(container);
    PayloadCodec codec = new PayloadCodec(json, formats(container, formats));
    FunctionServer.Settings server =
        settings(app, codeRevision, settings, System.getenv(), LaunchMode.current());
    InvocationRunner.Scope scope = requestContext(container);
    if (LaunchMode.current() == LaunchMode.NORMAL) {
      Ending.onSignal();
    }
    if (settings.training()) {
      listen(server.onAnyPort(), registry, codec, scope, shutdown);
      Rehearsal.run(server, registry, json, scope);
      Ending.withParent(InputStream.nullInputStream()); // that is rehearsed, too
      return;
    }
    listen(server, registry, codec, scope, shutdown);
    if (settings.watchParent()) {
      Ending.withParent(System.in);
    }
  }

  private static void listen(
      FunctionServer.Settings settings,
      FunctionRegistry registry,
      PayloadCodec codec,
      InvocationRunner.Scope scope,
      ShutdownContext shutdown) {
    FunctionServer server =
        LaunchMode.current() == LaunchMode.DEVELOPMENT
            ? FunctionServer.behind(DevServer.SESSION, settings, registry, codec, scope)
            : FunctionServer.start(settings, registry, codec, scope);
    shutdown.addShutdownTask(server::close);
    // at once: whoever waits for the second line is not woken by the first
    String started =
        LaunchMode.current() == LaunchMode.NORMAL
            ? "koalja: started in " + WarmUp.sinceBegin() + " ms\n"
            : ""; // in tests and dev mode the JVM began long before
    System.out.println(started + "koalja: listening on port " + server.port());
  }

  static FunctionServer.Settings settings(
      String app,
      String codeRevision,
      KoaljaConfig config,
      Map<String, String> environment,
      LaunchMode mode) {
    int port =
        config
            .port()
            .orElseGet(
                () ->
                    Optional.ofNullable(environment.get("PORT"))
                        .map(Integer::parseInt)
                        .orElse(mode == LaunchMode.TEST ? 0 : 8080));
    boolean container = environment.containsKey("K_SERVICE");
    String host = config.host().orElse(container ? "0.0.0.0" : "127.0.0.1");
    return new FunctionServer.Settings(
        app,
        codeRevision,
        new InetSocketAddress(host, port),
        Math.toIntExact(config.maxBody().asLongValue()),
        config.maxResults(),
        config.maxResultBytes().asLongValue(),
        config.objects().map(ObjectStore::at).orElse(ObjectStore.none()),
        config.drain());
  }

  /** The mapper of the app when it has one, else ours. */
  private static ObjectMapper mapper(ArcContainer container) {
    InjectableInstance<ObjectMapper> mappers = container.select(ObjectMapper.class);
    if (!mappers.isResolvable()) {
      return Json.MAPPER;
    }
    ObjectMapper mapper = mappers.get();
    // by thread, as is usual, every call would have buffers of its own, and drop them after it
    mapper.getFactory().setRecyclerPool(JsonRecyclerPools.newBoundedPool(BUFFERS));
    return mapper;
  }

  private static Map<String, DataFormat> formats(
      ArcContainer container, Map<String, String> classes) {
    if (classes.isEmpty()) {
      return Map.of();
    }
    Map<String, DataFormat> formats = new HashMap<>();
    for (Map.Entry<String, String> each : classes.entrySet()) {
      try {
        Class<?> type =
            Class.forName(each.getValue(), true, Thread.currentThread().getContextClassLoader());
        formats.put(each.getKey(), (DataFormat) container.instance(type).get());
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException("the build named a format that is not there", e);
      }
    }
    return formats;
  }

  private static InvocationRunner.Scope requestContext(ArcContainer container) {
    ManagedContext context = container.requestContext();
    return () -> {
      context.activate();
      return context::terminate;
    };
  }
}
