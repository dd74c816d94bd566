package dev.koalja.benchmarks.keys;

import dev.koalja.benchmarks.kafka.Event;
import java.util.Arrays;

/** Which event a result answers; fails when it comes before one of its key that is older. */
final class KeyOrder {
  private final int[] last;

  /** Event {@code number} has key {@code number % keys}. */
  KeyOrder(int keys) {
    last = new int[keys];
    Arrays.fill(last, -1);
  }

  /**
   * The number of a result; to be called in the order of its partition.
   *
   * @throws IllegalStateException when its key had a later one already
   */
  int numberOf(byte[] result) {
    int number = Event.numberOf(result);
    int key = number % last.length;
    if (number < last[key]) {
      throw new IllegalStateException(
          "result %d came after %d: the order of its key is broken".formatted(number, last[key]));
    }
    last[key] = number;
    return number;
  }
}
