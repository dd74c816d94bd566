/**
 * Everything on one machine. Arrives: projects and ports. Leaves: a broker and a breadboard that
 * run, are started again when they crash, and end with us. Hands to: the person who watches.
 */
@NullMarked
package dev.koalja.cli.breadboard;

import org.jspecify.annotations.NullMarked;
