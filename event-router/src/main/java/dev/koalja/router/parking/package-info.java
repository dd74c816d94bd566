/** Keeps events that wait long for another attempt, apart from the positions they would hold up. */
@NullMarked
package dev.koalja.router.parking;

import org.jspecify.annotations.NullMarked;
