/**
 * Two chained functions whose processes, router, gateway and broker the crash tests kill. Arrives:
 * events on {@code in}. Leaves: the same data on {@code out}.
 */
@NullMarked
package dev.koalja.crash;

import org.jspecify.annotations.NullMarked;
