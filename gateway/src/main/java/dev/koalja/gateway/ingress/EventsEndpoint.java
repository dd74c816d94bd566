package dev.koalja.gateway.ingress;

import dev.koalja.gateway.GatewayConfig;
import dev.koalja.gateway.admit.Destination;
import dev.koalja.gateway.admit.LinkDirectory;
import dev.koalja.gateway.admit.Origin;
import dev.koalja.gateway.http.Answer;
import dev.koalja.gateway.http.Request;
import dev.koalja.gateway.link.LinkAppender;
import io.cloudevents.CloudEvent;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;

/** {@code POST /events/[pipeline/]link}: CloudEvents that senders post themselves. */
@ApplicationScoped
public class EventsEndpoint {
  private final LinkDirectory links;
  private final LinkAppender appender;
  private final EventReader reader;

  EventsEndpoint(LinkDirectory links, LinkAppender appender, GatewayConfig config) {
    this.links = links;
    this.appender = appender;
    this.reader = new EventReader(config.maxNesting(), config.maxBatch());
  }

  /** 202 once Kafka has acknowledged every event. */
  Answer post(Request request) throws InterruptedException {
    String pipeline = request.segments().get("pipeline");
    Destination to =
        pipeline == null
            ? links.link(request.segment("link"))
            : links.link(pipeline, request.segment("link"));
    List<CloudEvent> events = reader.read(request);
    appender.append(to, events, Origin.of(request));
    return accepted(to, events);
  }

  /** What every accepted request is answered with. */
  public static Answer accepted(Destination to, List<CloudEvent> events) {
    return Answer.json(
        202,
        Map.of(
            "accepted",
            events.stream()
                .map(event -> Map.of("id", event.getId(), "source", event.getSource().toString()))
                .toList(),
            "link",
            to.link().value()));
  }
}
