package dev.koalja.runtime.dev;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.runtime.result.ReplyWriter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP server of a dev session. It outlives the app, which is started anew with each change: a
 * call that comes meanwhile waits for the new app, and so does one that comes while the app does
 * not start because of a mistake, as long as its caller gives it time. So a reload costs no
 * attempt. Safe for many threads.
 */
public final class DevServer implements HttpHandler {
  /** The one of this session: classes of extensions are loaded once for all starts of the app. */
  public static final DevServer SESSION = new DevServer();

  private static final Logger LOG = Logger.getLogger(DevServer.class);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** An answer needs its time, too. */
  private static final Duration MARGIN = Duration.ofSeconds(1);

  private final ReplyWriter writer = new ReplyWriter("dev");
  private @Nullable HttpServer http;
  private @Nullable InetSocketAddress wanted;
  private @Nullable ExecutorService threads;
  private @Nullable App app;
  private int inFlight;

  /** An app that runs, and the loader of its classes. */
  private record App(HttpHandler door, ClassLoader classes) {}

  DevServer() {}

  /**
   * From now on requests go to this app, whose classes the calling thread sees. Listens, if it does
   * not yet.
   *
   * @param listen opens a server at an address
   * @return the port
   */
  public synchronized int open(
      InetSocketAddress address, HttpHandler door, Function<InetSocketAddress, HttpServer> listen) {
    HttpServer server = http;
    if (server == null || !address.equals(wanted)) {
      end();
      server = listen.apply(address);
      threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("http-", 0).factory());
      server.setExecutor(threads);
      server.createContext("/", this);
      server.start();
      http = server;
      wanted = address;
    }
    app = new App(door, Thread.currentThread().getContextClassLoader());
    notifyAll();
    return server.getAddress().getPort();
  }

  /**
   * Hands it no more requests, and waits until it has answered those it has.
   *
   * @param limit how long to wait at most
   */
  public synchronized void leave(HttpHandler door, Duration limit) {
    if (app == null || app.door() != door) {
      return;
    }
    app = null;
    long end = System.nanoTime() + limit.toNanos();
    try {
      for (long left = limit.toNanos(); inFlight > 0 && left > 0; left = end - System.nanoTime()) {
        wait(Math.max(1, left / 1_000_000));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops listening: the session is over. */
  synchronized void end() {
    if (http != null) {
      http.stop(0);
      http = null;
    }
    if (threads != null) {
      threads.shutdownNow();
      threads = null;
    }
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    boolean call = exchange.getRequestMethod().equals("POST");
    App now = enter(call ? patience(exchange) : Duration.ZERO);
    if (now == null) {
      refuse(exchange);
      return;
    }
    try {
      Thread.currentThread().setContextClassLoader(now.classes());
      now.door().handle(exchange);
    } finally {
      exit();
    }
  }

  private synchronized @Nullable App enter(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      for (long left = patience.toNanos();
          app == null && left > 0;
          left = end - System.nanoTime()) {
        wait(Math.max(1, left / 1_000_000));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the session ends
    }
    if (app != null) {
      inFlight++;
    }
    return app;
  }

  /** Requests that an app has not answered yet. */
  synchronized int inFlight() {
    return inFlight;
  }

  private synchronized void exit() {
    inFlight--;
    notifyAll();
  }

  /** As long as the caller waits for an answer. */
  static Duration patience(HttpExchange exchange) {
    return Optional.ofNullable(
            exchange.getRequestHeaders().getFirst(KoaljaExtensions.DEADLINE_HEADER))
        .flatMap(DevServer::untilShortlyBefore)
        .orElse(PATIENCE);
  }

  private static Optional<Duration> untilShortlyBefore(String deadline) {
    try {
      Duration left = Duration.between(Instant.now(), Instant.parse(deadline)).minus(MARGIN);
      return Optional.of(left.isNegative() ? Duration.ZERO : left);
    } catch (DateTimeParseException e) {
      return Optional.empty(); // whoever reads the request says what is wrong with it
    }
  }

  private void refuse(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes(); // a sender that is cut off would not see the answer
      exchange.getResponseHeaders().set("Retry-After", "1");
      writer.problem(
          exchange,
          ErrorCode.FUNCTION_UNAVAILABLE,
          ErrorCode.FUNCTION_UNAVAILABLE.httpStatus(),
          "the app is being reloaded, or does not start as it is: quarkus:dev says why");
    } catch (IOException e) {
      LOG.debugf(e, "the connection to %s was lost", exchange.getRemoteAddress());
    }
  }
}
