package dev.koalja.runtime;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.koalja.pipeline.bundle.Bundle;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.runtime.health.LifeCycle;
import dev.koalja.runtime.health.ProcessMetrics;
import dev.koalja.runtime.invoke.InvocationRunner;
import dev.koalja.runtime.receive.FunctionRequest;
import dev.koalja.runtime.receive.RequestReader;
import dev.koalja.runtime.registry.FunctionRegistry;
import dev.koalja.runtime.registry.HostedFunction;
import dev.koalja.runtime.result.ReplyWriter;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;

/** The way of a request through the stages, and the few other paths. Safe for many threads. */
final class FrontDoor implements HttpHandler {
  private static final Logger LOG = Logger.getLogger(FrontDoor.class);
  private static final String PLAIN = "text/plain; charset=utf-8";

  private final LifeCycle lifeCycle;
  private final RequestReader reader;
  private final FunctionRegistry registry;
  private final InvocationRunner runner;
  private final ReplyWriter writer;
  private final ProcessMetrics metrics;
  private final BundleDoor bundles;

  FrontDoor(
      LifeCycle lifeCycle,
      RequestReader reader,
      FunctionRegistry registry,
      InvocationRunner runner,
      ReplyWriter writer,
      ProcessMetrics metrics,
      Executor threads) {
    this.lifeCycle = lifeCycle;
    this.reader = reader;
    this.registry = registry;
    this.runner = runner;
    this.writer = writer;
    this.metrics = metrics;
    this.bundles = new BundleDoor(reader, runner, writer, metrics, threads);
  }

  @Override
  public void handle(HttpExchange exchange) {
    try (exchange) {
      if (exchange.getRequestMethod().equals("POST")) {
        invoke(exchange);
      } else {
        try {
          look(exchange);
        } catch (RuntimeException e) {
          broken(exchange, e);
        }
      }
    } catch (IOException e) {
      LOG.debugf(e, "the connection to %s was lost", exchange.getRemoteAddress());
    }
  }

  private void invoke(HttpExchange exchange) throws IOException {
    boolean bundle =
        Bundle.MEDIA_TYPE.equals(exchange.getRequestHeaders().getFirst("Content-Type"));
    if (!lifeCycle.begin()) {
      passOver(exchange, bundle);
      exchange.getResponseHeaders().set("Connection", "close");
      exchange.getResponseHeaders().set("Retry-After", "1");
      refuse(exchange, ErrorCode.STOPPING, "this process takes no more requests");
      return;
    }
    try {
      HostedFunction function = registry.at(exchange.getRequestURI().getPath());
      if (bundle) {
        bundles.answer(exchange, function);
      } else {
        FunctionRequest request = reader.read(exchange, function);
        writer.write(exchange, runner.run(function, request));
      }
    } catch (KoaljaException e) {
      passOver(exchange, bundle);
      refuse(exchange, e.code(), String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      broken(exchange, e);
    } finally {
      exchange.close();
      lifeCycle.end();
    }
  }

  /** A sender still sends while it is refused: a connection that is cut would hide the answer. */
  private static void passOver(HttpExchange exchange, boolean bundle) throws IOException {
    if (bundle) {
      exchange.getRequestBody().skip(Bundle.MAX_BYTES);
    }
  }

  private void look(HttpExchange exchange) throws IOException {
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "POST");
      refuse(exchange, ErrorCode.METHOD_NOT_ALLOWED, "functions are called with POST");
      return;
    }
    String path = exchange.getRequestURI().getPath();
    switch (path) {
      case "/health", "/health/live" -> writer.text(exchange, 200, PLAIN, "up\n");
      case "/health/ready" -> {
        LifeCycle.State state = lifeCycle.state();
        String word = state.name().toLowerCase(java.util.Locale.ROOT) + "\n";
        writer.text(exchange, state == LifeCycle.State.READY ? 200 : 503, PLAIN, word);
      }
      case "/metrics" -> writer.text(exchange, 200, ProcessMetrics.MEDIA_TYPE, metrics.text());
      default -> {
        try {
          HostedFunction function = registry.at(path);
          exchange.getResponseHeaders().set("Allow", "POST");
          refuse(
              exchange,
              ErrorCode.METHOD_NOT_ALLOWED,
              "%s is a function: call it with POST".formatted(function.task()));
        } catch (KoaljaException e) {
          refuse(exchange, e.code(), String.valueOf(e.getMessage()));
        }
      }
    }
  }

  /** Whoever waits is told, unless an answer is under way already. */
  private void broken(HttpExchange exchange, RuntimeException e) throws IOException {
    LOG.error("a request could not be handled, which is a bug of the runtime", e);
    if (exchange.getResponseCode() < 0) {
      exchange.getResponseHeaders().clear();
      refuse(exchange, ErrorCode.INTERNAL, "the runtime failed, its log says why");
    }
  }

  private void refuse(HttpExchange exchange, ErrorCode code, String detail) throws IOException {
    metrics.refused(code);
    writer.problem(exchange, code, code.httpStatus(), detail);
  }
}
