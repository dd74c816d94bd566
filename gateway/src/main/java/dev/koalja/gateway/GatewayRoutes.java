package dev.koalja.gateway;

import dev.koalja.gateway.bucket.BucketEndpoint;
import dev.koalja.gateway.http.Answer;
import dev.koalja.gateway.http.Endpoint;
import dev.koalja.gateway.http.EndpointHandler;
import dev.koalja.gateway.http.InFlightBytes;
import dev.koalja.gateway.http.Request;
import dev.koalja.gateway.http.RequestThreads;
import dev.koalja.gateway.ingress.EventsEndpoint;
import dev.koalja.gateway.webhook.WebhookEndpoint;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** The wiring of ingress: every path of the main port, in the order of the README. */
@ApplicationScoped
public class GatewayRoutes {
  private final EventsEndpoint events;
  private final WebhookEndpoint webhooks;
  private final BucketEndpoint buckets;
  private final MeterRegistry metrics;
  private final EndpointHandler.Limits limits;
  private final RequestThreads threads = new RequestThreads();

  GatewayRoutes(
      EventsEndpoint events,
      WebhookEndpoint webhooks,
      BucketEndpoint buckets,
      GatewayConfig config,
      MeterRegistry metrics) {
    this.events = events;
    this.webhooks = webhooks;
    this.buckets = buckets;
    this.metrics = metrics;
    Preflight.limits(config.maxBatch(), config.maxRecordsInFlight());
    InFlightBytes inFlight = new InFlightBytes(config.maxInFlight().asLongValue());
    metrics.gauge("koalja.gateway.body.bytes", inFlight, InFlightBytes::held);
    this.limits =
        new EndpointHandler.Limits(
            config.maxBody().asLongValue(),
            config.maxHeaders().asLongValue(),
            inFlight,
            config.bodyTimeout());
  }

  void routes(@Observes Router router) {
    route(router, "/events/:link", "events", Map.of("POST", events::post));
    route(router, "/events/:pipeline/:link", "events", Map.of("POST", events::post));
    route(router, "/webhooks/:pipeline/:trigger", "webhooks", Map.of("POST", webhooks::post));
    route(
        router,
        "/buckets/:pipeline/:trigger",
        "buckets",
        Map.of("POST", buckets::post, "HEAD", buckets::head));
    router.route().last().handler(handler(unknown(), "unknown"));
  }

  void stop(@Observes ShutdownEvent event) {
    threads.close();
  }

  private void route(Router router, String path, String name, Map<String, Endpoint> methods) {
    router
        .route(path)
        .handler(
            handler(
                request -> {
                  Endpoint endpoint = methods.get(request.method());
                  return endpoint == null
                      ? notAllowed(request, new LinkedHashSet<>(methods.keySet()))
                      : endpoint.answer(request);
                },
                name));
  }

  private EndpointHandler handler(Endpoint endpoint, String name) {
    return new EndpointHandler(counted(endpoint, name), limits, threads);
  }

  private Endpoint counted(Endpoint endpoint, String name) {
    return request -> {
      String outcome = ErrorCode.INTERNAL.word();
      try {
        Answer answer = endpoint.answer(request);
        outcome = answer instanceof Answer.Whole whole && whole.status() >= 400 ? "refused" : "ok";
        return answer;
      } catch (KoaljaException e) {
        outcome = e.code().word();
        throw e;
      } finally {
        metrics.counter("koalja.gateway.requests", "route", name, "outcome", outcome).increment();
      }
    };
  }

  private static Answer notAllowed(Request request, Set<String> allowed) {
    String list = String.join(", ", allowed.stream().sorted().toList());
    return Answer.problem(
            ErrorCode.METHOD_NOT_ALLOWED,
            "%s is not possible here, only %s".formatted(request.method(), list))
        .with("Allow", list);
  }

  private static Endpoint unknown() {
    return request -> {
      throw new KoaljaException(
          ErrorCode.UNKNOWN_PATH,
          ("nothing is at %s: post CloudEvents to /events/<link> or /events/<pipeline>/<link>,"
                  + " webhooks to /webhooks/<pipeline>/<trigger>, bucket notifications to"
                  + " /buckets/<pipeline>/<trigger>")
              .formatted(request.path()));
    };
  }
}
