package dev.koalja.gateway.admit;

import dev.koalja.gateway.http.Answer;
import java.util.List;
import java.util.Map;

/** The answer to a request whose events Kafka has acknowledged. */
public final class Accepted {
  private Accepted() {}

  /** 202 with the identity of every event. */
  public static Answer answer(Destination to, List<Admitted> events) {
    return Answer.json(
        202,
        Map.of(
            "accepted",
            events.stream()
                .map(Admitted::event)
                .map(event -> Map.of("id", event.getId(), "source", event.getSource().toString()))
                .toList(),
            "link",
            to.link().value()));
  }
}
