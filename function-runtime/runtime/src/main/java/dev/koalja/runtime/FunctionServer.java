package dev.koalja.runtime;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.koalja.function.ObjectStore;
import dev.koalja.function.codec.PayloadCodec;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.runtime.dev.DevServer;
import dev.koalja.runtime.health.LifeCycle;
import dev.koalja.runtime.health.ProcessMetrics;
import dev.koalja.runtime.invoke.InvocationRunner;
import dev.koalja.runtime.receive.RequestReader;
import dev.koalja.runtime.registry.FunctionRegistry;
import dev.koalja.runtime.result.ReplyWriter;
import dev.koalja.runtime.result.ResultEncoder;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;

/**
 * The stages of a function process put together, behind the JDK's HTTP server on virtual threads:
 * of what could be measured it starts fastest and needs the least memory.
 */
public final class FunctionServer implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(FunctionServer.class);
  private static final int BACKLOG = 1024;

  private final Stages stages;
  private final Duration drain;
  private final Listener listener;

  /** What requests meet behind the HTTP server. */
  private record Stages(LifeCycle lifeCycle, ExecutorService threads, FrontDoor door) {}

  /** The HTTP server in front. */
  private sealed interface Listener {
    int port();

    /** Only ours: it goes with us. */
    record Own(HttpServer http) implements Listener {
      @Override
      public int port() {
        return http.getAddress().getPort();
      }
    }

    /** That of a dev session, which was there before us and stays. */
    record Lasting(DevServer server, int port) implements Listener {}
  }

  /**
   * What a server needs to know.
   *
   * @param app the app's name
   * @param codeRevision which code answers
   * @param address where to listen; port 0 is any free one
   * @param maxBody bytes of a request at most
   * @param maxResults results of one invocation at most
   * @param maxResultBytes data of the results of one invocation at most
   * @param objects where objects are kept
   * @param drain how long closing waits for what is in flight
   */
  public record Settings(
      String app,
      String codeRevision,
      InetSocketAddress address,
      int maxBody,
      int maxResults,
      long maxResultBytes,
      ObjectStore objects,
      Duration drain) {
    /** The same on any free port of loopback. */
    public Settings onAnyPort() {
      return new Settings(
          app,
          codeRevision,
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
          maxBody,
          maxResults,
          maxResultBytes,
          objects,
          drain);
    }
  }

  private FunctionServer(Stages stages, Duration drain, Listener listener) {
    this.stages = stages;
    this.drain = drain;
    this.listener = listener;
  }

  /** Starts to listen, for functions whose data is JSON, text, bytes and forms. */
  public static FunctionServer start(
      Settings settings,
      FunctionRegistry registry,
      ObjectMapper json,
      InvocationRunner.Scope scope) {
    return start(settings, registry, new PayloadCodec(json), scope);
  }

  /**
   * Starts to listen.
   *
   * @param codec reads and writes data
   * @param scope surrounds every call
   * @throws KoaljaException when the port cannot be had
   */
  public static FunctionServer start(
      Settings settings,
      FunctionRegistry registry,
      PayloadCodec codec,
      InvocationRunner.Scope scope) {
    Stages stages = stages(settings, registry, codec, scope);
    HttpServer http = listen(settings.address());
    http.createContext("/", stages.door());
    http.setExecutor(stages.threads());
    http.start();
    stages.lifeCycle().ready();
    return new FunctionServer(stages, settings.drain(), new Listener.Own(http));
  }

  /** The same behind the server of a dev session. */
  static FunctionServer behind(
      DevServer server,
      Settings settings,
      FunctionRegistry registry,
      PayloadCodec codec,
      InvocationRunner.Scope scope) {
    Stages stages = stages(settings, registry, codec, scope);
    stages.lifeCycle().ready();
    int port = server.open(settings.address(), stages.door(), FunctionServer::listen);
    return new FunctionServer(stages, settings.drain(), new Listener.Lasting(server, port));
  }

  private static Stages stages(
      Settings settings,
      FunctionRegistry registry,
      PayloadCodec codec,
      InvocationRunner.Scope scope) {
    LifeCycle lifeCycle = new LifeCycle();
    RequestReader reader = new RequestReader(settings.maxBody());
    ResultEncoder results =
        new ResultEncoder(
            settings.app(),
            codec,
            InstantSource.system(),
            settings.maxResults(),
            settings.maxResultBytes());
    InvocationRunner runner = new InvocationRunner(codec, results, settings.objects(), scope);
    ReplyWriter writer = new ReplyWriter(settings.codeRevision());
    ProcessMetrics metrics = new ProcessMetrics(settings.app(), registry, Instant.now());
    ExecutorService threads = Executors.newThreadPerTaskExecutor(new HttpThreads());
    return new Stages(
        lifeCycle,
        threads,
        new FrontDoor(lifeCycle, reader, registry, runner, writer, metrics, threads));
  }

  private static HttpServer listen(InetSocketAddress address) {
    // read once, when the server's classes are loaded
    tune("sun.net.httpserver.nodelay", "true");
    tune("sun.net.httpserver.maxIdleConnections", "2000");
    tune("sun.net.httpserver.idleInterval", "300");
    try {
      return HttpServer.create(address, BACKLOG);
    } catch (BindException e) {
      throw new KoaljaException(
          ErrorCode.FUNCTION_UNAVAILABLE,
          "cannot listen on %s port %d (%s): set PORT or koalja.port to a free one, 0 for any"
              .formatted(address.getHostString(), address.getPort(), e.getMessage()),
          e);
    } catch (IOException e) {
      throw new KoaljaException(
          ErrorCode.FUNCTION_UNAVAILABLE, "cannot listen on " + address + ": " + e.getMessage(), e);
    }
  }

  private static void tune(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /** The port that is listened on. */
  public int port() {
    return listener.port();
  }

  /** Takes no more requests, finishes what is in flight, within the drain time, and stops. */
  @Override
  public void close() {
    Duration limit = drain;
    if (listener instanceof Listener.Lasting(var server, _)) {
      server.leave(stages.door(), limit);
      limit = Duration.ZERO; // it has waited
    }
    int left = stages.lifeCycle().drain(limit);
    if (left > 0) {
      LOG.warnf("%d invocations were not finished within %s", left, drain);
    }
    if (listener instanceof Listener.Own(var http)) {
      http.stop(0);
    }
    stages.threads().shutdownNow();
  }
}
