/**
 * Calls functions in tests, without server, broker or container. Arrives: data as it would stand on
 * a link. Leaves: the results as they would be appended. Hands to: the test's assertions.
 */
@NullMarked
package dev.koalja.function.testing;

import org.jspecify.annotations.NullMarked;
