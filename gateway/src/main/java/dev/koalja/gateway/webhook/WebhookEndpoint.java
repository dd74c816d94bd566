package dev.koalja.gateway.webhook;

import dev.koalja.gateway.GatewayConfig;
import dev.koalja.gateway.admit.Accepted;
import dev.koalja.gateway.admit.Admitted;
import dev.koalja.gateway.admit.Destination;
import dev.koalja.gateway.admit.LinkDirectory;
import dev.koalja.gateway.admit.Origin;
import dev.koalja.gateway.authenticate.GitHubSignature;
import dev.koalja.gateway.authenticate.Secrets;
import dev.koalja.gateway.authenticate.Verification;
import dev.koalja.gateway.http.Answer;
import dev.koalja.gateway.http.Request;
import dev.koalja.gateway.ingress.JsonText;
import dev.koalja.gateway.link.LinkAppender;
import dev.koalja.pipeline.Trigger;
import dev.koalja.pipeline.TriggerKind;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import io.cloudevents.CloudEvent;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;

/** {@code POST /webhooks/pipeline/trigger}: verified on its raw bytes first, then read. */
@ApplicationScoped
public class WebhookEndpoint {
  private final LinkDirectory links;
  private final LinkAppender appender;
  private final Secrets secrets;
  private final GitHubWebhook github;
  private final PlainWebhook plain;

  WebhookEndpoint(
      LinkDirectory links, LinkAppender appender, Secrets secrets, GatewayConfig config) {
    this.links = links;
    this.appender = appender;
    this.secrets = secrets;
    JsonText json = new JsonText(config.maxNesting());
    this.github = new GitHubWebhook(json, Clock.systemUTC());
    this.plain = new PlainWebhook(json, Clock.systemUTC());
  }

  /** 202 once Kafka has acknowledged the event; a ping is answered and goes nowhere. */
  public Answer post(Request request) throws InterruptedException {
    Trigger trigger = links.trigger(request.segment("pipeline"), request.segment("trigger"));
    if (!(trigger.kind() instanceof TriggerKind.Webhook webhook)) {
      throw new KoaljaException(
          ErrorCode.UNKNOWN_TRIGGER,
          "trigger %s is no webhook: bucket notifications go to /buckets/%s/%s"
              .formatted(trigger.name(), request.segment("pipeline"), trigger.name()));
    }
    Destination to = links.link(request.segment("pipeline"), trigger.link().value());
    verify(webhook, request).require(ErrorCode.BAD_SIGNATURE);
    return switch (webhook.scheme()) {
      case GITHUB ->
          GitHubWebhook.isPing(request.headers())
              ? Accepted.answer(to, List.of())
              : append(to, trigger, request, github.event(request.headers(), request.body()));
      case NONE -> append(to, trigger, request, plain.event(trigger, request));
    };
  }

  private Verification verify(TriggerKind.Webhook webhook, Request request) {
    return switch (webhook.scheme()) {
      case NONE -> new Verification.Verified();
      case GITHUB -> {
        String name = webhook.secretRef().orElse("");
        List<String> valid = secrets.named(name);
        yield valid.isEmpty()
            ? new Verification.SecretMissing(name)
            : GitHubSignature.verify(
                request.headers().first(GitHubSignature.HEADER), request.body(), valid);
      }
    };
  }

  private Answer append(Destination to, Trigger trigger, Request request, CloudEvent event)
      throws InterruptedException {
    Origin origin = Origin.of(trigger, Origin.of(request).text(), request);
    List<Admitted> events = List.of(origin.admit(event));
    appender.append(to, events);
    return Accepted.answer(to, events);
  }
}
