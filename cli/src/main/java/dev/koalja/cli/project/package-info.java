/**
 * Function projects on disk. Arrives: a folder. Leaves: a build that can be started and the
 * pipeline it means. Hands to: the breadboard.
 */
@NullMarked
package dev.koalja.cli.project;

import org.jspecify.annotations.NullMarked;
