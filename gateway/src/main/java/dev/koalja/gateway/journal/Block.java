package dev.koalja.gateway.journal;

/**
 * A stretch of the index: up to 8,192 invocations of at most {@link IndexRetention#block}. Ids are
 * looked up block by block, tallies are kept by block, and old blocks are forgotten whole. Writing
 * touches the pages of the newest block only, however large the index is and whatever ids look
 * like.
 *
 * @param number in the order of indexing
 */
record Block(long number) {
  private static final int SEQ_BITS = 13;
  private static final int HASH_BITS = 18;
  private static final int SIGHTING_BITS = 23;

  /** How many sightings have a place in one block. */
  static final int MOST_SIGHTINGS = 1 << SIGHTING_BITS;

  /** Blocks in SQL, for a sighting's place: the number of the first place of a block. */
  static final String FIRST_PLACE = " * " + (1L << (HASH_BITS + SIGHTING_BITS)) + " ";

  static Block of(long seq) {
    return new Block(seq >> SEQ_BITS);
  }

  Block next() {
    return new Block(number + 1);
  }

  long firstSeq() {
    return number << SEQ_BITS;
  }

  long lastSeq() {
    return next().firstSeq() - 1;
  }

  /** The place of the {@code n}-th sighting of this block. */
  long place(String id, int n) {
    return firstPlace() | hash(id) << SIGHTING_BITS | n;
  }

  long firstPlace() {
    return number << (HASH_BITS + SIGHTING_BITS);
  }

  long lastPlace() {
    return next().firstPlace() - 1;
  }

  /** The least place of an id, counted from a block's first. */
  static long least(String id) {
    return hash(id) << SIGHTING_BITS;
  }

  /** The greatest place of an id, counted from a block's first. */
  static long greatest(String id) {
    return least(id) + MOST_SIGHTINGS - 1;
  }

  /**
   * Stands in the file: {@link String#hashCode} is the same in every Java, and so is its mixing.
   */
  private static long hash(String id) {
    return id.hashCode() * 0x9E3779B97F4A7C15L >>> (Long.SIZE - HASH_BITS);
  }
}
