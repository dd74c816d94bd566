package dev.koalja.router.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.koalja.knative.serving.AppStatus;
import dev.koalja.knative.serving.ColdStart;
import dev.koalja.knative.serving.Serving;
import dev.koalja.pipeline.Json;
import dev.koalja.router.EventRouter;
import dev.koalja.router.LocalApps;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * {@code /router/readers}, {@code /router/snapshots} and {@code /serving/} on the management
 * listener.
 */
@ApplicationScoped
public class RouterRoutes {
  private static final int MOST = 1000;

  private final EventRouter router;
  private final Serving serving;
  private final LocalApps builds;

  public RouterRoutes(EventRouter router, Serving serving, LocalApps builds) {
    this.router = router;
    this.serving = serving;
    this.builds = builds;
  }

  void routes(@Observes ManagementInterface management) {
    Router routes = management.router();
    routes.get("/router/readers").blockingHandler(context -> answer(context, router.readers()));
    routes
        .get("/router/snapshots")
        .blockingHandler(
            context ->
                answer(
                    context,
                    WaitingSnapshots.json(
                        router.waiting(
                            Optional.ofNullable(context.request().getParam("key")), MOST))));
    routes.get("/serving/apps").blockingHandler(context -> answer(context, apps()));
    NextBuild next = new NextBuild(serving, builds);
    routes.get("/serving/builds").blockingHandler(next::inUse);
    routes.put("/serving/apps/:app/next").blockingHandler(next::prepare, false);
    routes.delete("/serving/apps/:app/next").blockingHandler(next::discard, false);
    routes.get("/serving/logs/:app").handler(new LogStream(serving));
  }

  private List<Map<String, Object>> apps() {
    return serving.status().stream().map(RouterRoutes::app).toList();
  }

  private static Map<String, Object> app(AppStatus status) {
    Map<String, Object> app = new LinkedHashMap<>();
    app.put("pipeline", status.pipeline().value());
    app.put("app", status.app());
    app.put("tasks", status.tasks().stream().map(Object::toString).toList());
    app.put(
        "instances",
        status.instances().stream()
            .map(
                instance -> {
                  Map<String, Object> map = new LinkedHashMap<>();
                  map.put("pid", instance.pid());
                  map.put("port", instance.port());
                  map.put("state", instance.state().name().toLowerCase(Locale.ROOT));
                  map.put("inFlight", instance.inFlight());
                  map.put("startedAt", instance.startedAt().toString());
                  map.put("revision", instance.revision());
                  instance
                      .coldStart()
                      .map(ColdStart::total)
                      .ifPresent(total -> map.put("coldStartMs", total.toMillis()));
                  return map;
                })
            .toList());
    app.put("waiting", status.waiting());
    app.put("coldStarts", status.coldStarts());
    app.put("wastedStarts", status.wastedStarts());
    app.put("crashes", status.crashes());
    status
        .coldStartP50()
        .map(Duration::toMillis)
        .ifPresent(millis -> app.put("coldStartP50Ms", millis));
    status.reason().ifPresent(reason -> app.put("reason", reason));
    return app;
  }

  static void answer(RoutingContext context, Object body) {
    try {
      context
          .response()
          .putHeader("content-type", "application/json")
          .end(Json.MAPPER.writeValueAsString(body));
    } catch (JsonProcessingException e) {
      context.fail(e);
    }
  }
}
