package dev.koalja.router.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.knative.serving.AppStatus;
import dev.koalja.knative.serving.ColdStart;
import dev.koalja.knative.serving.Serving;
import dev.koalja.knative.serving.StartPhase;
import dev.koalja.knative.serving.Starts;
import dev.koalja.knative.serving.local.AppBuild;
import dev.koalja.knative.serving.local.AppCatalog;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Json;
import dev.koalja.router.EventRouter;
import dev.koalja.router.LocalApps;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * {@code /router/readers}, {@code /router/snapshots} and {@code /serving/} on the management
 * listener.
 */
@ApplicationScoped
public class RouterRoutes {
  private static final Logger LOG = Logger.getLogger(RouterRoutes.class);
  private static final int MOST = 1000;

  private final EventRouter router;
  private final Serving serving;
  private final LocalApps builds;
  private final AppCatalog catalog;

  public RouterRoutes(EventRouter router, Serving serving, LocalApps builds, AppCatalog catalog) {
    this.router = router;
    this.serving = serving;
    this.builds = builds;
    this.catalog = catalog;
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
    return serving.status().stream().map(this::app).toList();
  }

  private Map<String, Object> app(AppStatus status) {
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
    Starts starts = status.starts();
    app.put("coldStarts", starts.ready());
    app.put("usefulStarts", starts.useful());
    app.put("wastedStarts", starts.wasted());
    app.put("prewarmPaused", starts.paused());
    app.put("crashes", starts.crashes());
    starts.median().map(Duration::toMillis).ifPresent(millis -> app.put("coldStartP50Ms", millis));
    if (!starts.last().isEmpty()) {
      app.put("lastStartMs", millis(starts.last()));
      app.put("medianStartMs", millis(starts.medians()));
    }
    measuredStart(status.app()).ifPresent(measured -> app.put("measuredStart", measured));
    starts.withoutCache().ifPresent(why -> app.put("withoutCache", why));
    status.reason().ifPresent(reason -> app.put("reason", reason));
    return app;
  }

  /** What the build of an app on this machine says of its own start, as it says it. */
  private Optional<JsonNode> measuredStart(String app) {
    Optional<Path> file = catalog.find(new AppName(app)).flatMap(AppBuild::measuredStart);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.MAPPER.readTree(file.get().toFile()));
    } catch (IOException e) {
      LOG.debugf(e, "%s cannot be read", file.get()); // somebody builds
      return Optional.empty();
    }
  }

  /** By phase, in tenths of a millisecond: deciding takes less than one. */
  private static Map<String, Double> millis(Map<StartPhase, Duration> phases) {
    Map<String, Double> millis = new LinkedHashMap<>();
    phases.forEach((phase, took) -> millis.put(phase.word(), took.toNanos() / 100_000 / 10.0));
    return millis;
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
