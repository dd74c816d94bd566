/** How events are written where more than one of them make a whole. */
@NullMarked
package dev.koalja.router.event;

import org.jspecify.annotations.NullMarked;
