package thumbnails;

/**
 * What of a bucket notification's record is read here. The object's key is the event's subject,
 * where it is decoded; in the record it stands as it was sent.
 *
 * @param eventName such as {@code ObjectCreated:Put}
 * @param s3 which bucket
 */
record BucketRecord(String eventName, S3 s3) {
  record S3(Bucket bucket) {}

  record Bucket(String name) {}
}
