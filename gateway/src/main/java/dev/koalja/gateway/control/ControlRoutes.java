package dev.koalja.gateway.control;

import dev.koalja.gateway.http.Answer;
import dev.koalja.gateway.http.Endpoint;
import dev.koalja.gateway.http.EndpointHandler;
import dev.koalja.gateway.http.InFlightBytes;
import dev.koalja.gateway.http.Request;
import dev.koalja.gateway.http.RequestThreads;
import dev.koalja.pipeline.access.ControlAccess;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.error.ProblemDetail;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The wiring of the control API: who may come in, then every path of the management port. */
@ApplicationScoped
public class ControlRoutes {
  private static final long LARGEST_BODY = 4 << 20;
  private static final long LARGEST_HEADERS = 32 << 10;

  /** Probes of Kubernetes have no credential, and learn nothing here. */
  private static final List<String> OPEN = List.of("/q/health");

  private final PipelineEndpoints pipelines;
  private final LinkEndpoints links;
  private final TaskEndpoints tasks;
  private final TraceEndpoint trace;
  private final ExplainEndpoint explain;
  private final DeadLetterEndpoints letters;
  private final ControlAccess access;
  private final RequestThreads threads = new RequestThreads();
  private final EndpointHandler.Limits limits =
      new EndpointHandler.Limits(
          LARGEST_BODY, LARGEST_HEADERS, new InFlightBytes(64L << 20), Duration.ofSeconds(30));

  ControlRoutes(
      PipelineEndpoints pipelines,
      LinkEndpoints links,
      TaskEndpoints tasks,
      TraceEndpoint trace,
      ExplainEndpoint explain,
      DeadLetterEndpoints letters,
      ControlConfig config,
      @ConfigProperty(name = "quarkus.management.host", defaultValue = "127.0.0.1") String host) {
    this.pipelines = pipelines;
    this.links = links;
    this.tasks = tasks;
    this.trace = trace;
    this.explain = explain;
    this.letters = letters;
    this.access = ControlAccess.of(host, config.token(), config.tokenFile());
  }

  void routes(@Observes ManagementInterface management) {
    Router router = management.router();
    // before everything else on this port, the router's and Quarkus' own paths included
    router.route().order(Integer.MIN_VALUE).handler(this::admit);
    route(router, "/api/pipelines", Map.of("GET", pipelines::list));
    route(
        router,
        "/api/pipelines/:pipeline",
        Map.of("GET", pipelines::get, "PUT", pipelines::put, "DELETE", pipelines::delete));
    route(router, "/api/pipelines/:pipeline/revisions", Map.of("GET", pipelines::revisions));
    route(router, "/api/links", Map.of("GET", links::list));
    route(router, "/api/pipelines/:pipeline/links/:link/events", Map.of("GET", links::events));
    route(router, "/api/tasks", Map.of("GET", tasks::list));
    route(router, "/api/invocations", Map.of("GET", tasks::invocations));
    route(router, "/api/trace/:id", Map.of("GET", trace::trace));
    route(router, "/api/explain/:id", Map.of("GET", explain::explain));
    route(router, "/api/deadletters", Map.of("GET", letters::list));
    route(router, "/api/deadletters/retry", Map.of("POST", letters::retry));
    route(router, "/api/deadletters/delete", Map.of("POST", letters::delete));
    route(router, "/api/deadletters/:id", Map.of("GET", letters::get));
    route(router, "/api/deadletters/:id/edit", Map.of("POST", letters::edit));
    router.post("/api/stop").handler(ControlRoutes::stop);
    router.route("/api/*").last().handler(handler(ControlRoutes::unknown));
  }

  void stop(@Observes ShutdownEvent event) {
    threads.close();
  }

  private void admit(RoutingContext context) {
    HttpServerRequest request = context.request();
    Optional<KoaljaException> refusal =
        access.refusal(
            Optional.ofNullable(request.authority()).map(Object::toString), // HTTP/2 has no Host
            Optional.ofNullable(request.getHeader("Origin")),
            Optional.ofNullable(request.getHeader("Authorization")),
            OPEN.stream().anyMatch(context.normalizedPath()::startsWith));
    if (refusal.isEmpty()) {
      context.next();
      return;
    }
    Answer.Whole problem =
        Answer.problem(refusal.get().code(), String.valueOf(refusal.get().getMessage()));
    context
        .response()
        .setStatusCode(problem.status())
        .putHeader("Content-Type", ProblemDetail.MEDIA_TYPE)
        .putHeader("WWW-Authenticate", "Bearer")
        .end(Buffer.buffer(problem.body()));
  }

  private void route(Router router, String path, Map<String, Endpoint> methods) {
    router
        .route(path)
        .handler(
            handler(
                request -> {
                  Endpoint endpoint = methods.get(request.method());
                  if (endpoint != null) {
                    return endpoint.answer(request);
                  }
                  String allowed = String.join(", ", methods.keySet().stream().sorted().toList());
                  return Answer.problem(
                          ErrorCode.METHOD_NOT_ALLOWED,
                          "%s is not possible here, only %s".formatted(request.method(), allowed))
                      .with("Allow", allowed);
                }));
  }

  private EndpointHandler handler(Endpoint endpoint) {
    return new EndpointHandler(endpoint, limits, threads);
  }

  /** Says so first, then stops: afterwards nobody could. */
  private static void stop(RoutingContext context) {
    context
        .response()
        .setStatusCode(202)
        .putHeader("Content-Type", "application/json")
        .end("{\"stopping\":true}")
        .onComplete(_ -> Quarkus.asyncExit(0));
  }

  private static Answer unknown(Request request) {
    throw new KoaljaException(ErrorCode.UNKNOWN_PATH, "nothing is at " + request.path());
  }
}
