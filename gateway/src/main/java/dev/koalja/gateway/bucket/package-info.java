/**
 * Bucket notifications become CloudEvents. Arrives: the notification JSON of the S3 family. Leaves,
 * once authenticate has let it in: one event per record that the trigger wants. Hands to: admit,
 * link.
 */
@NullMarked
package dev.koalja.gateway.bucket;

import org.jspecify.annotations.NullMarked;
