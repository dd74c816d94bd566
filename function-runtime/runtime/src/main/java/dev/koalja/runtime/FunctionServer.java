package dev.koalja.runtime;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.koalja.function.ObjectStore;
import dev.koalja.function.codec.PayloadCodec;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
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

  private final HttpServer http;
  private final ExecutorService threads;
  private final LifeCycle lifeCycle;
  private final Duration drain;

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

  private FunctionServer(
      HttpServer http, ExecutorService threads, LifeCycle lifeCycle, Duration drain) {
    this.http = http;
    this.threads = threads;
    this.lifeCycle = lifeCycle;
    this.drain = drain;
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
    HttpServer http = listen(settings.address());
    ProcessMetrics metrics = new ProcessMetrics(settings.app(), registry, Instant.now());
    ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("http-", 0).factory());
    http.createContext(
        "/", new FrontDoor(lifeCycle, reader, registry, runner, writer, metrics, threads));
    http.setExecutor(threads);
    http.start();
    lifeCycle.ready();
    return new FunctionServer(http, threads, lifeCycle, settings.drain());
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
    return http.getAddress().getPort();
  }

  /** Takes no more requests, finishes what is in flight, within the drain time, and stops. */
  @Override
  public void close() {
    int left = lifeCycle.drain(drain);
    if (left > 0) {
      LOG.warnf("%d invocations were not finished within %s", left, drain);
    }
    http.stop(0);
    threads.shutdownNow();
  }
}
