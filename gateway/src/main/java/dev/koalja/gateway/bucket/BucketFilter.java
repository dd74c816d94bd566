package dev.koalja.gateway.bucket;

import dev.koalja.pipeline.TriggerKind;

/** Which records a bucket trigger wants. Pure. */
record BucketFilter(TriggerKind.Bucket trigger) {
  private static final String SCHEME = "s3://";

  boolean wants(S3Record record) {
    String rest = trigger.url().substring(SCHEME.length());
    int slash = rest.indexOf('/');
    String bucket = slash < 0 ? rest : rest.substring(0, slash);
    String prefix = slash < 0 ? "" : rest.substring(slash + 1);
    return record.bucket().equals(bucket)
        && record.key().startsWith(prefix)
        && record.change().filter(trigger.events()::contains).isPresent();
  }
}
