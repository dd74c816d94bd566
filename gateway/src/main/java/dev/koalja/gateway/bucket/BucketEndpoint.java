package dev.koalja.gateway.bucket;

import dev.koalja.gateway.GatewayConfig;
import dev.koalja.gateway.admit.Accepted;
import dev.koalja.gateway.admit.Admitted;
import dev.koalja.gateway.admit.Destination;
import dev.koalja.gateway.admit.LinkDirectory;
import dev.koalja.gateway.admit.Origin;
import dev.koalja.gateway.authenticate.BearerToken;
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
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** {@code POST|HEAD /buckets/pipeline/trigger}: notifications of the S3 family, and their probe. */
@ApplicationScoped
public class BucketEndpoint {
  private final LinkDirectory links;
  private final LinkAppender appender;
  private final Secrets secrets;
  private final JsonText json;
  private final int mostRecords;

  BucketEndpoint(
      LinkDirectory links, LinkAppender appender, Secrets secrets, GatewayConfig config) {
    this.links = links;
    this.appender = appender;
    this.secrets = secrets;
    this.json = new JsonText(config.maxNesting());
    this.mostRecords = config.maxBatch();
  }

  /** What MinIO asks to see whether somebody is here; with the same credential as the events. */
  public Answer head(Request request) {
    admitted(request);
    return Answer.empty(200);
  }

  /** 202 once Kafka has acknowledged an event for each record the trigger wants. */
  public Answer post(Request request) throws InterruptedException {
    Trigger trigger = admitted(request);
    BucketFilter filter = new BucketFilter(bucket(trigger, request));
    Destination to = links.link(request.segment("pipeline"), trigger.link().value());
    List<Admitted> events =
        S3Notification.read(request.body(), json, mostRecords).records().stream()
            .filter(filter::wants)
            .map(each -> Origin.of(trigger, each.origin(), request).admit(each.event()))
            .toList();
    appender.append(to, events);
    return Accepted.answer(to, events);
  }

  private Trigger admitted(Request request) {
    Trigger trigger = links.trigger(request.segment("pipeline"), request.segment("trigger"));
    bucket(trigger, request)
        .tokenRef()
        .ifPresent(name -> verify(name, request).require(ErrorCode.UNAUTHORIZED));
    return trigger;
  }

  private Verification verify(String name, Request request) {
    List<String> valid = secrets.named(name);
    return valid.isEmpty()
        ? new Verification.SecretMissing(name)
        : BearerToken.verify(request.headers().first("Authorization"), valid);
  }

  private static TriggerKind.Bucket bucket(Trigger trigger, Request request) {
    return switch (trigger.kind()) {
      case TriggerKind.Bucket bucket -> bucket;
      case TriggerKind.Webhook _ ->
          throw new KoaljaException(
              ErrorCode.UNKNOWN_TRIGGER,
              "trigger %s is no bucket: webhooks go to /webhooks/%s/%s"
                  .formatted(trigger.name(), request.segment("pipeline"), trigger.name()));
    };
  }
}
