/** What a call says of its function. */
@NullMarked
package dev.koalja.router.admission;

import org.jspecify.annotations.NullMarked;
