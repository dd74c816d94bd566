/** Hello: names arrive on link {@code name}, greetings leave on link {@code greeting}. */
@NullMarked
package hello;

import org.jspecify.annotations.NullMarked;
