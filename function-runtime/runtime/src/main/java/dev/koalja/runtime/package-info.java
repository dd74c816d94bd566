/**
 * The function process: settings, life cycle and the one place where its stages are put together.
 * Arrives: HTTP requests. Leaves: HTTP answers. Hands to: {@code receive}, {@code registry}, {@code
 * invoke}, {@code result}.
 */
@NullMarked
package dev.koalja.runtime;

import org.jspecify.annotations.NullMarked;
