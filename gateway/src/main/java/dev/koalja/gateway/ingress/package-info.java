/**
 * Reads CloudEvents off HTTP. Arrives: a request in binary, structured or batched content mode.
 * Leaves: CloudEvents whose every attribute has been checked. Hands to: admit.
 */
@NullMarked
package dev.koalja.gateway.ingress;

import org.jspecify.annotations.NullMarked;
