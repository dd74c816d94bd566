/** What a task remembers, on compacted topics, and reads back when it is its owner. */
@NullMarked
package dev.koalja.router.state;

import org.jspecify.annotations.NullMarked;
