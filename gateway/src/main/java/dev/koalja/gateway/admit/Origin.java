package dev.koalja.gateway.admit;

import dev.koalja.gateway.http.Request;
import dev.koalja.pipeline.Trigger;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.TraceParent;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.util.List;
import java.util.Optional;

/**
 * Where events came from: written into each of them, and the trace they belong to.
 *
 * @param text for people, such as {@code POST /events/order, 127.0.0.1}
 * @param request whose trace they belong to
 */
public record Origin(String text, Optional<TraceParent> request) {
  private static final int LONGEST_PATH = 200;

  /** What only Koalja sets; a sender that copied it from another event must not steer with it. */
  private static final List<String> RESERVED =
      List.of(
          KoaljaExtensions.OUTPUT,
          KoaljaExtensions.INPUT,
          KoaljaExtensions.INDEX,
          KoaljaExtensions.INVOCATION,
          KoaljaExtensions.ATTEMPTS,
          KoaljaExtensions.CAUSE,
          KoaljaExtensions.CODE_REVISION);

  /** Events a sender posted itself. */
  public static Origin of(Request request) {
    String path = request.path();
    String shown = path.length() > LONGEST_PATH ? path.substring(0, LONGEST_PATH) + "…" : path;
    return new Origin(
        request.method() + " " + shown + ", " + request.remote(),
        request.headers().first(KoaljaExtensions.TRACEPARENT).flatMap(TraceParent::parse));
  }

  /** Events a trigger made; {@code text} says of what. */
  public static Origin of(Trigger trigger, String text, Request request) {
    return new Origin("trigger " + trigger.name() + ", " + text, of(request).request());
  }

  /**
   * Admits an event: marked with this origin, in its trace.
   *
   * @throws dev.koalja.pipeline.error.KoaljaException when its attributes are too large
   */
  public Admitted admit(CloudEvent event) {
    AttributeLimit.check(event);
    CloudEventBuilder builder = CloudEventBuilder.from(event);
    RESERVED.forEach(builder::withoutExtension);
    return new Admitted(builder.withExtension(KoaljaExtensions.ORIGIN, text).build(), span(event));
  }

  /**
   * The span that appends an event: a child of the request's, else of the trace the event itself
   * began in, else a new trace.
   */
  private TraceParent span(CloudEvent event) {
    return request
        .or(
            () ->
                Optional.ofNullable(event.getExtension(KoaljaExtensions.TRACEPARENT))
                    .map(Object::toString)
                    .flatMap(TraceParent::parse))
        .map(TraceParent::child)
        .orElseGet(TraceParent::start);
  }
}
