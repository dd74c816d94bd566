/**
 * A router without Kafka, for tests: the same rules over lists, one thing after the other, at a
 * time that somebody says.
 */
@NullMarked
package dev.koalja.router.memory;

import org.jspecify.annotations.NullMarked;
