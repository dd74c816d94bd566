package dev.koalja.router.control;

import dev.koalja.knative.serving.Serving;
import dev.koalja.knative.serving.local.AppBuild;
import dev.koalja.knative.serving.local.LocalServing;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.ProblemDetail;
import dev.koalja.router.LocalApps;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The build an app gets next, on this machine: {@code PUT /serving/apps/{app}/next?build=N} starts
 * it beside the one in use, with {@code &start} also where none is in use, and answers when it is
 * ready; the revision whose release names it takes it over. {@code DELETE} forgets it. {@code GET
 * /serving/builds} says what is in use.
 */
final class NextBuild {
  private final Serving serving;
  private final LocalApps builds;

  NextBuild(Serving serving, LocalApps builds) {
    this.serving = serving;
    this.builds = builds;
  }

  void inUse(RoutingContext context) {
    Map<String, String> inUse = new HashMap<>();
    if (serving instanceof LocalServing local) {
      local.revisions().forEach((app, revision) -> inUse.put(app.value(), revision));
    }
    RouterRoutes.answer(context, inUse);
  }

  void prepare(RoutingContext context) {
    if (!(serving instanceof LocalServing local)) {
      refuse(context, ErrorCode.UNKNOWN_PATH, "functions are run by the cluster");
      return;
    }
    try {
      AppBuild build =
          builds.later(
              app(context), Optional.ofNullable(context.request().getParam("build")).orElse(""));
      switch (local.prepare(build, context.queryParams().contains("start"))) {
        case LocalServing.Prepared.Ready(var processes) ->
            RouterRoutes.answer(
                context, Map.of("revision", build.revision(), "processes", processes));
        case LocalServing.Prepared.DoesNotStart(var why) ->
            refuse(context, ErrorCode.BAD_REQUEST, why);
      }
    } catch (IllegalArgumentException e) {
      refuse(context, ErrorCode.BAD_REQUEST, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      context.fail(e);
    }
  }

  void discard(RoutingContext context) {
    try {
      AppName app = app(context);
      if (serving instanceof LocalServing local) {
        local.discard(app);
      }
      context.response().setStatusCode(204).end();
    } catch (IllegalArgumentException e) {
      refuse(context, ErrorCode.BAD_REQUEST, String.valueOf(e.getMessage()));
    }
  }

  private static AppName app(RoutingContext context) {
    return new AppName(Optional.ofNullable(context.pathParam("app")).orElse(""));
  }

  private static void refuse(RoutingContext context, ErrorCode code, String detail) {
    context
        .response()
        .setStatusCode(code.httpStatus())
        .putHeader("content-type", ProblemDetail.MEDIA_TYPE)
        .end(Json.MAPPER.valueToTree(ProblemDetail.of(code, detail)).toString());
  }
}
