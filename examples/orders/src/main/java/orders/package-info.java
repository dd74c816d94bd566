/**
 * A small shop: a join by key, a filter, a timeout, a state for each customer, a sliding window.
 */
@NullMarked
package orders;

import org.jspecify.annotations.NullMarked;
