/**
 * Builds function projects again and again, in a process of its own that stays warm. Arrives: the
 * folder of a project. Leaves: an app that can be started, or what is wrong with its code. Hands
 * to: the command {@code run}, which has the breadboard switch to it.
 */
@NullMarked
package dev.koalja.builder;

import org.jspecify.annotations.NullMarked;
