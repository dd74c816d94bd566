/**
 * The event router: carries events from links to functions and their results to the next links,
 * exactly once. Arrives: definitions and records. Leaves: results, journal records and positions,
 * together in one transaction. Hands to: the links that gateway and other readers see.
 */
@NullMarked
package dev.koalja.router;

import org.jspecify.annotations.NullMarked;
