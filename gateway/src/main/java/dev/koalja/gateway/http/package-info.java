/**
 * One request, one answer. Arrives: an HTTP exchange of Vert.x, whose body is read within its
 * limit. Leaves: an answer made on a virtual thread, errors as RFC 9457 problems. Hands to: the
 * endpoints of ingress and control.
 */
@NullMarked
package dev.koalja.gateway.http;

import org.jspecify.annotations.NullMarked;
