/**
 * What function authors see: annotations, context, objects. Arrives: one event or a snapshot of
 * several, as the types the author chose. Leaves: what the method returns. Hands to: the function
 * runtime, which makes events of it.
 */
@NullMarked
package dev.koalja.function;

import org.jspecify.annotations.NullMarked;
