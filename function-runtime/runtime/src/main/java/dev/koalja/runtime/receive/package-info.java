/**
 * Reads requests. Arrives: an HTTP exchange. Leaves: a CloudEvent with the invocation it belongs
 * to, or a refusal with its code. Hands to: {@code registry}, which knows the function, and {@code
 * invoke}.
 */
@NullMarked
package dev.koalja.runtime.receive;

import org.jspecify.annotations.NullMarked;
