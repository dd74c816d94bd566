/**
 * Who sent it. Arrives: a request's raw bytes and headers, and the secret's name. Leaves: a {@code
 * Verification}. Hands to: webhook and bucket, which parse only what was verified.
 */
@NullMarked
package dev.koalja.gateway.authenticate;

import org.jspecify.annotations.NullMarked;
