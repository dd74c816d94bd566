/**
 * Trains the start-up cache. Arrives: the functions of the process. Leaves: loaded classes and
 * profiles of the whole way of a request, without any function having been called. Hands to: the
 * JVM, which writes its AOT cache when the process ends.
 */
@NullMarked
package dev.koalja.runtime.training;

import org.jspecify.annotations.NullMarked;
