/** Thumbnails: an image put into a bucket becomes a smaller one beside it. */
@NullMarked
package thumbnails;

import org.jspecify.annotations.NullMarked;
