package thumbnails;

import dev.koalja.function.Key;

/**
 * An image made smaller.
 *
 * @param original the key of the image it was made of; keeps versions of one image in order
 * @param bucket the bucket of both
 * @param key its own key
 * @param width in pixels
 * @param height in pixels
 * @param size in bytes
 */
record Thumbnail(
    @Key String original, String bucket, String key, int width, int height, int size) {}
