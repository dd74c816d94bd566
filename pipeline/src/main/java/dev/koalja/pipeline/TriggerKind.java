package dev.koalja.pipeline;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** How a trigger brings the outside world onto its link. */
public sealed interface TriggerKind {
  /** The name of a secret, as Kubernetes names them; never the secret. */
  Pattern SECRET_NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

  /** The address of a bucket, with or without a prefix; group {@code bucket} is its name. */
  Pattern BUCKET_URL = Pattern.compile("s3://(?<bucket>[a-z0-9][-a-z0-9.]{1,61}[a-z0-9])(/.*)?");

  /**
   * A webhook of a provider whose signature is verified before anything is parsed.
   *
   * @param scheme which provider's signature and mapping
   * @param secretRef the name of the secret that verifies; empty only for {@link Scheme#NONE}
   */
  record Webhook(Scheme scheme, Optional<String> secretRef) implements TriggerKind {}

  /**
   * Notifications of a bucket of the S3 family.
   *
   * @param url {@code s3://bucket/prefix}: notifications of other buckets or keys are passed over
   * @param events which kinds of change become events
   * @param tokenRef the name of the secret that holds the bearer token; empty: no token is asked
   */
  record Bucket(String url, Set<Change> events, Optional<String> tokenRef) implements TriggerKind {
    public Bucket {
      events = Set.copyOf(events);
    }
  }

  /** Signature schemes of webhooks. */
  enum Scheme {
    /** {@code X-Hub-Signature-256} over the raw body, mapped by the CloudEvents GitHub table. */
    GITHUB,
    /** No verification; must be written out, never a default. */
    NONE
  }

  /** Kinds of change of an object in a bucket. */
  enum Change {
    CREATED,
    REMOVED
  }
}
