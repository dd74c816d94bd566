package dev.koalja.gateway.http;

import dev.koalja.pipeline.error.ErrorCode;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
   */
  public record Limits(long body, long headers, InFlightBytes inFlight) {}

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
    if (headers.size() > limits.headers()) {
      exchange.send(
          Answer.problem(
              ErrorCode.HEADERS_TOO_LARGE,
              "the header fields have %d bytes, at most %d are taken"
                  .formatted(headers.size(), limits.headers())));
      return;
    }
    BodyReader reader = new BodyReader(context.request(), limits.body(), limits.inFlight());
    Consumer<BodyReader.Body> whole = body -> dispatch(context, exchange, headers, body);
    if (context.request().isEnded()) {
      // the management interface has read it already
      reader.take(context.body().buffer(), whole, exchange::send);
    } else {
      reader.read(whole, exchange::send);
    }
  }

  private void dispatch(
      RoutingContext context, Exchange exchange, Headers headers, BodyReader.Body body) {
    Request request = request(context, headers, body.bytes());
    exchange.onEnd(body.release());
    threads.execute(() -> exchange.answer(endpoint, request));
  }

  private static Request request(RoutingContext context, Headers headers, byte[] body) {
    HttpServerRequest request = context.request();
    Map<String, List<String>> query = new LinkedHashMap<>();
    context
        .queryParams()
        .forEach((name, value) -> query.computeIfAbsent(name, _ -> new ArrayList<>()).add(value));
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
