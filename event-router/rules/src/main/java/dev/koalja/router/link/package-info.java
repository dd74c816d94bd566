/**
 * How the records of a link become deliveries: parsed, known ones and those in a circle kept out.
 */
@NullMarked
package dev.koalja.router.link;

import org.jspecify.annotations.NullMarked;
