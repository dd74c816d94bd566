/**
 * Calls functions. Arrives: a delivery whose turn it is. Leaves: how its invocation ended. Hands
 * to: {@code reply}, or {@code deadletter} after the last attempt.
 */
@NullMarked
package dev.koalja.router.dispatch;

import org.jspecify.annotations.NullMarked;
