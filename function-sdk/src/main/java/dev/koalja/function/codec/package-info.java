/**
 * How data becomes values and values become data. Arrives: bytes with a content type. Leaves: the
 * type a function reads. Hands to: the function, and back.
 */
@NullMarked
package dev.koalja.function.codec;

import org.jspecify.annotations.NullMarked;
