/**
 * The functions of the circuit that is soaked. Arrives: events on {@code left} and {@code right}.
 * Leaves: what each function was given, with its own name around it; so an audit can tell from a
 * value what it is made of.
 */
@NullMarked
package dev.koalja.soak.circuit;

import org.jspecify.annotations.NullMarked;
