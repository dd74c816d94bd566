package dev.koalja.gateway.http;

import dev.koalja.pipeline.error.ErrorCode;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Brings requests of Vert.x to an {@link Endpoint}: header limit, body within its limit, then the
 * endpoint on a virtual thread.
 */
public final class EndpointHandler implements Handler<RoutingContext> {
  private final Endpoint endpoint;
  private final Limits limits;
  private final RequestThreads threads;

  /**
   * What one request may use.
   *
   * @param body bytes of a body
   * @param headers bytes of all header names and values
   * @param inFlight the count all requests share
   * @param bodyWithin how long a peer may take to send its body
   */
  public record Limits(long body, long headers, InFlightBytes inFlight, Duration bodyWithin) {}

  /** A handler for {@code endpoint}, which runs on {@code threads}. */
  public EndpointHandler(Endpoint endpoint, Limits limits, RequestThreads threads) {
    this.endpoint = endpoint;
    this.limits = limits;
    this.threads = threads;
  }

  @Override
  public void handle(RoutingContext context) {
    Exchange exchange = new Exchange(context, threads);
    Headers headers = headers(context.request().headers());
    BodyReader reader = new BodyReader(context.request(), limits.body(), limits.inFlight());
    if (headers.size() > limits.headers()) {
      refuse(
          context,
          exchange,
          reader,
          Answer.problem(
              ErrorCode.HEADERS_TOO_LARGE,
              "the header fields have %d bytes, at most %d are taken"
                  .formatted(headers.size(), limits.headers())));
      return;
    }
    Map<String, List<String>> query;
    try {
      query = query(context);
    } catch (HttpException | IllegalArgumentException _) {
      refuse(
          context,
          exchange,
          reader,
          Answer.problem(ErrorCode.BAD_REQUEST, "the query of the address is not percent-encoded"));
      return;
    }
    Consumer<BodyReader.Body> whole = body -> dispatch(context, exchange, headers, query, body);
    if (context.request().isEnded()) {
      // the management interface has read it already
      reader.take(context.body().buffer(), whole, exchange::send);
    } else {
      reader.read(context.vertx(), limits.bodyWithin(), whole, exchange::send);
    }
  }

  private void refuse(
      RoutingContext context, Exchange exchange, BodyReader reader, Answer.Whole answer) {
    if (context.request().isEnded()) {
      exchange.send(answer);
    } else {
      reader.refuse(context.vertx(), limits.bodyWithin(), exchange::send, answer);
    }
  }

  /** Runs in a handler of the body, where nobody else answers when this throws. */
  private void dispatch(
      RoutingContext context,
      Exchange exchange,
      Headers headers,
      Map<String, List<String>> query,
      BodyReader.Body body) {
    exchange.onEnd(body.release());
    try {
      Request request = request(context, headers, query, body.bytes());
      threads.execute(() -> exchange.answer(endpoint, request));
    } catch (RejectedExecutionException _) {
      body.release().run();
      exchange.send(Exchange.stopping());
    } catch (RuntimeException e) {
      body.release().run();
      exchange.send(
          Exchange.defect(context.request().method().name(), context.normalizedPath(), e));
    }
  }

  private static Map<String, List<String>> query(RoutingContext context) {
    Map<String, List<String>> query = new LinkedHashMap<>();
    context
        .queryParams()
        .forEach((name, value) -> query.computeIfAbsent(name, _ -> new ArrayList<>()).add(value));
    return query;
  }

  private static Request request(
      RoutingContext context, Headers headers, Map<String, List<String>> query, byte[] body) {
    HttpServerRequest request = context.request();
    SocketAddress remote = request.remoteAddress();
    return new Request(
        request.method().name(),
        context.normalizedPath(),
        Map.copyOf(context.pathParams()),
        query,
        headers,
        body,
        remote == null ? "unknown" : remote.hostAddress());
  }

  private static Headers headers(MultiMap headers) {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    headers.forEach(
        (name, value) -> fields.computeIfAbsent(name, _ -> new ArrayList<>()).add(value));
    return new Headers(fields);
  }
}
