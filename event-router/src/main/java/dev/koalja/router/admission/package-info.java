/**
 * Decides whether another call may begin: so many as the settings allow, and as the function takes.
 * Arrives: how calls ended. Hands to: {@link dev.koalja.router.function}, which begins them.
 */
@NullMarked
package dev.koalja.router.admission;

import org.jspecify.annotations.NullMarked;
