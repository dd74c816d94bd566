/**
 * Serving on a cluster: Knative starts, scales and queues. Arrives: a request for a place. Leaves:
 * the address of the task's Knative Service. Hands to: the event router's dispatch, which posts the
 * event there.
 */
@NullMarked
package dev.koalja.knative.serving.cluster;

import org.jspecify.annotations.NullMarked;
