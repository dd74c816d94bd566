package dev.koalja.gateway.journal;

import java.time.Duration;

/**
 * How long the index keeps what it knows. It forgets in steps that are parts of this, so a block
 * stays a thirty-second part longer than it must, at most.
 *
 * @param kept how long
 */
record IndexRetention(Duration kept) {
  static final String SETTING = "koalja.journal.keep";

  /** A day longer than Kafka keeps journals: who reads there what is oldest still finds it here. */
  static final String DEFAULT = "8d";

  private static final Duration SHORTEST = Duration.ofSeconds(10);
  private static final Duration LONGEST = Duration.ofDays(3650);

  /** Of eight days, six hours. */
  private static final int BLOCKS = 32;

  /** Of eight days, an hour. */
  private static final int LOOKS = 192;

  IndexRetention {
    if (kept.compareTo(SHORTEST) < 0 || kept.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "%s is %s, must be from 10 s to 3650 d".formatted(SETTING, kept));
    }
  }

  /** How long a block takes up invocations: it is forgotten when its newest is old enough. */
  Duration block() {
    return kept.dividedBy(BLOCKS);
  }

  /** How often old rows are looked for. */
  Duration looked() {
    return kept.dividedBy(LOOKS);
  }
}
