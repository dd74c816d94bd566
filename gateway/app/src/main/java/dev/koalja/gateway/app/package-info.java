/**
 * The gateway as a process of its own. Arrives: the command that starts it. Hands to: {@code
 * dev.koalja.gateway}.
 */
@NullMarked
package dev.koalja.gateway.app;

import org.jspecify.annotations.NullMarked;
