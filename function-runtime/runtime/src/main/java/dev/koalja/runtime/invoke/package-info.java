/**
 * Calls functions. Arrives: a function and the event for it. Leaves: how the call ended. Hands to:
 * {@code result}.
 */
@NullMarked
package dev.koalja.runtime.invoke;

import org.jspecify.annotations.NullMarked;
