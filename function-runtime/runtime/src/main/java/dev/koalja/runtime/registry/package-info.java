/**
 * The functions of this process, as the build found them. Arrives: the name of a task. Leaves: the
 * function. Hands to: {@code invoke}.
 */
@NullMarked
package dev.koalja.runtime.registry;

import org.jspecify.annotations.NullMarked;
