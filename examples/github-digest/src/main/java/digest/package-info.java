/** A digest of what is pushed to GitHub, as one webhook, four links and three functions. */
@NullMarked
package digest;

import org.jspecify.annotations.NullMarked;
