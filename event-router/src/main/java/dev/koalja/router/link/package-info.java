/**
 * Reads links. Arrives: records of the partitions this router owns. Leaves: deliveries, in order
 * per key, and what of each partition is finished. Hands to: {@code dispatch}.
 */
@NullMarked
package dev.koalja.router.link;

import org.jspecify.annotations.NullMarked;
