/**
 * Makes events of what functions return, and answers of events. Arrives: a returned value. Leaves:
 * the HTTP answer. Hands to: the caller, which appends the events to links.
 */
@NullMarked
package dev.koalja.runtime.result;

import org.jspecify.annotations.NullMarked;
