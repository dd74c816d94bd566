/**
 * Serving on one machine: function processes that start from zero and go when idle. Arrives: a
 * request for a place. Leaves: a lease on a process that listens on loopback, kept waiting until
 * one is ready. Hands to: the event router's dispatch, which posts the event there.
 */
@NullMarked
package dev.koalja.knative.serving.local;

import org.jspecify.annotations.NullMarked;
