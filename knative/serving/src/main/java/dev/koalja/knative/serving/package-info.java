/**
 * Where functions run. Arrives: a task that has an event to run. Leaves: a lease on an endpoint of
 * an instance that is ready and has a free place, started from zero when there was none. Hands to:
 * the event router's dispatch, which posts the event there.
 */
@NullMarked
package dev.koalja.knative.serving;

import org.jspecify.annotations.NullMarked;
