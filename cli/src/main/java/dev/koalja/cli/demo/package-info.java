/**
 * The demo's push. Arrives: the latest commits of the repository one stands in. Leaves: a webhook
 * as GitHub sends it, signed. Hands to: the gateway.
 */
@NullMarked
package dev.koalja.cli.demo;

import org.jspecify.annotations.NullMarked;
