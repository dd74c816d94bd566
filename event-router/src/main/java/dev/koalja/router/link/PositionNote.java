package dev.koalja.router.link;

/**
 * What is committed beside an offset: how many events of the partition are parked, as {@code p3.},
 * and which offsets above it are finished ({@link FinishedOffsets}). Without parked events it is
 * the latter alone, as it was before there was parking.
 *
 * @param parked not negative
 * @param finished may be empty
 */
record PositionNote(int parked, String finished) {
  /** Characters the number of parked events takes at most. */
  static final int MAX_PREFIX = 12;

  /**
   * Reads what {@link #toString} wrote.
   *
   * @throws IllegalArgumentException for a number that is none
   */
  static PositionNote parse(String text) {
    if (!text.startsWith("p")) {
      return new PositionNote(0, text);
    }
    int end = text.indexOf('.');
    if (end < 2 || !text.substring(1, end).matches("\\d{1,9}")) {
      throw new IllegalArgumentException("offset metadata without the number of parked events");
    }
    return new PositionNote(Integer.parseInt(text.substring(1, end)), text.substring(end + 1));
  }

  @Override
  public String toString() {
    return parked == 0 ? finished : "p" + parked + "." + finished;
  }
}
