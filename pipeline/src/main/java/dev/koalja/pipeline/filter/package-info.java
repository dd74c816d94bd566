/**
 * Filters of readers. Arrives: an event that was read from a link. Leaves: whether it may reach the
 * task, and if not, which clause decided and why. Hands to: the event router, which journals the
 * verdict or starts the function.
 *
 * <p>The dialects are those of the CloudEvents Subscriptions API, CESQL v1 included, and {@code
 * data} for values inside JSON. The engine of CESQL is ours, a lexer, a parser and one class per
 * kind of expression: the one of the CloudEvents SDK is bound to an ANTLR that contradicts the one
 * the Quarkus platform brings, reads AND, OR and XOR from right to left, wraps at 32 bits and has
 * no bounds for hostile expressions.
 */
@NullMarked
package dev.koalja.pipeline.filter;

import org.jspecify.annotations.NullMarked;
