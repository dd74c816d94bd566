/** Guards what users compile against: the public API of pipeline, function-sdk and koalja-test. */
@NullMarked
package dev.koalja.test.api;

import org.jspecify.annotations.NullMarked;
