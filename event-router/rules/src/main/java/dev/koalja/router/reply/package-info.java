/** Which records an invocation leaves behind. */
@NullMarked
package dev.koalja.router.reply;

import org.jspecify.annotations.NullMarked;
