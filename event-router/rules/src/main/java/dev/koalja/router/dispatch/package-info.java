/** What an attempt to run a function may lead to: retries, batches, and how answers are read. */
@NullMarked
package dev.koalja.router.dispatch;

import org.jspecify.annotations.NullMarked;
