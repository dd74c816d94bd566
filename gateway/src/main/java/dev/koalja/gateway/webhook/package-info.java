/**
 * Webhooks become CloudEvents. Arrives: a request to a trigger. Leaves, once authenticate has
 * verified its raw bytes: the event its provider's table says. Hands to: admit, link.
 */
@NullMarked
package dev.koalja.gateway.webhook;

import org.jspecify.annotations.NullMarked;
