/** Whose turn it is, and who goes together. */
@NullMarked
package dev.koalja.router.function;

import org.jspecify.annotations.NullMarked;
