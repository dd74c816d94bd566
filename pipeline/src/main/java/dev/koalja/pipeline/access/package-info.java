/**
 * Who may use the control listeners of gateway and router. Arrives: the headers of a request.
 * Leaves: a refusal, or nothing.
 */
@NullMarked
package dev.koalja.pipeline.access;

import org.jspecify.annotations.NullMarked;
