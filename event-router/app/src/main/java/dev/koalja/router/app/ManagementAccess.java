package dev.koalja.router.app;

import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.access.ControlAccess;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.error.ProblemDetail;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/**
 * Guards the management listener of a router that runs by itself, as the gateway guards its own. In
 * a breadboard the gateway's guard stands before the router's paths too.
 */
@ApplicationScoped
public class ManagementAccess {
  /** Probes of Kubernetes have no credential, and learn nothing here. */
  private static final String OPEN = "/q/health";

  private final ControlAccess access;

  ManagementAccess(Config config) {
    this.access = of(config);
  }

  private static ControlAccess of(Config config) {
    return ControlAccess.of(
        config.getOptionalValue("quarkus.management.host", String.class).orElse("127.0.0.1"),
        config.getOptionalValue("koalja.control.token", String.class),
        config.getOptionalValue("koalja.control.token-file", String.class).map(Path::of));
  }

  /** Why the listener would not be safe, in one line; empty when it is. */
  static Optional<String> problem(Config config) {
    try {
      of(config);
      return Optional.empty();
    } catch (IllegalStateException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  void guard(@Observes ManagementInterface management) {
    management.router().route().order(Integer.MIN_VALUE).handler(this::admit);
  }

  private void admit(RoutingContext context) {
    HttpServerRequest request = context.request();
    Optional<KoaljaException> refusal =
        access.refusal(
            Optional.ofNullable(request.authority()).map(Object::toString), // HTTP/2 has no Host
            Optional.ofNullable(request.getHeader("Origin")),
            Optional.ofNullable(request.getHeader("Authorization")),
            context.normalizedPath().startsWith(OPEN));
    if (refusal.isEmpty()) {
      context.next();
      return;
    }
    ProblemDetail problem =
        ProblemDetail.of(refusal.get().code(), String.valueOf(refusal.get().getMessage()));
    try {
      context
          .response()
          .setStatusCode(problem.status())
          .putHeader("Content-Type", ProblemDetail.MEDIA_TYPE)
          .putHeader("WWW-Authenticate", "Bearer")
          .end(Buffer.buffer(Json.MAPPER.writeValueAsBytes(problem)));
    } catch (IOException e) {
      throw new UncheckedIOException("a problem is text and numbers", e);
    }
  }
}
