/** Takes events and snapshots to functions: each key in turn, many keys side by side. */
@NullMarked
package dev.koalja.router.function;

import org.jspecify.annotations.NullMarked;
