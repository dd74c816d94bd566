package dev.koalja.router.control;

import dev.koalja.knative.serving.Serving;
import dev.koalja.knative.serving.local.LocalServing;
import dev.koalja.knative.serving.local.LogFollower;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.error.ProblemDetail;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** {@code GET /serving/logs/{app}?last=N&follow=true}: what the processes of an app print. */
final class LogStream implements Handler<RoutingContext> {
  private static final int MOST_LINES = 100_000;
  private static final Duration BEAT = Duration.ofMillis(500);

  private final Serving serving;

  LogStream(Serving serving) {
    this.serving = serving;
  }

  @Override
  public void handle(RoutingContext context) {
    if (!(serving instanceof LocalServing local)) {
      refuse(context, ErrorCode.UNKNOWN_PATH, "logs are kept by the cluster: use kubectl logs");
      return;
    }
    AppName app;
    int last;
    try {
      app = new AppName(Optional.ofNullable(context.pathParam("app")).orElse(""));
      last =
          Integer.parseInt(Optional.ofNullable(context.request().getParam("last")).orElse("200"));
    } catch (IllegalArgumentException e) {
      refuse(context, ErrorCode.BAD_REQUEST, String.valueOf(e.getMessage()));
      return;
    }
    int lines = Math.clamp(last, 0, MOST_LINES);
    boolean follow = "true".equals(context.request().getParam("follow"));
    HttpServerResponse response = context.response();
    response.putHeader("content-type", "text/plain; charset=utf-8").setChunked(true);
    Thread.ofVirtual()
        .name("logs " + app)
        .start(
            () -> {
              try {
                if (follow) {
                  follow(local.follow(app, lines), response);
                } else {
                  local.lastLines(app, lines).forEach(line -> response.write(line + "\n"));
                  response.end();
                }
              } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                response.end();
              } catch (KoaljaException e) {
                refuse(context, e.code(), String.valueOf(e.getMessage()));
              } catch (IOException e) {
                refuse(context, ErrorCode.INTERNAL, "the log cannot be read: " + e.getMessage());
              }
            });
  }

  private static void follow(LogFollower follower, HttpServerResponse response)
      throws InterruptedException, IOException {
    try (follower) {
      while (!response.closed() && !follower.ended()) {
        Optional<String> line = follower.next(BEAT);
        if (line.isPresent()) {
          response.write(line.get() + "\n");
        }
      }
      if (!response.ended() && !response.closed()) {
        response.end();
      }
    }
  }

  private static void refuse(RoutingContext context, ErrorCode code, String detail) {
    context
        .response()
        .setStatusCode(code.httpStatus())
        .putHeader("content-type", ProblemDetail.MEDIA_TYPE)
        .end(Json.MAPPER.valueToTree(ProblemDetail.of(code, detail)).toString());
  }
}
