package dev.koalja.gateway.ingress;

import dev.koalja.gateway.GatewayConfig;
import dev.koalja.gateway.admit.Accepted;
import dev.koalja.gateway.admit.Admitted;
import dev.koalja.gateway.admit.Destination;
import dev.koalja.gateway.admit.LinkDirectory;
import dev.koalja.gateway.admit.Origin;
import dev.koalja.gateway.http.Answer;
import dev.koalja.gateway.http.Request;
import dev.koalja.gateway.link.LinkAppender;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

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
  public Answer post(Request request) throws InterruptedException {
    String pipeline = request.segments().get("pipeline");
    Destination to =
        pipeline == null
            ? links.link(request.segment("link"))
            : links.link(pipeline, request.segment("link"));
    Origin origin = Origin.of(request);
    List<Admitted> events = reader.read(request).stream().map(origin::admit).toList();
    appender.append(to, events);
    return Accepted.answer(to, events);
  }
}
