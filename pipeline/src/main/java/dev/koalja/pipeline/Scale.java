package dev.koalja.pipeline;

import java.time.Duration;

/**
 * Between how many instances an app is scaled, as Knative's autoscaling annotations.
 *
 * @param min instances kept even when idle; 0 to 1000
 * @param max instances at most; 1 to 1000, not below {@code min}
 * @param concurrency requests one instance takes at the same time; 1 to 1000
 * @param idle how long an instance stays without a request before it stops; 1 s to 1 h
 */
public record Scale(int min, int max, int concurrency, Duration idle) {
  public static final int LIMIT = 1000;
  public static final Duration MIN_IDLE = Duration.ofSeconds(1);
  public static final Duration MAX_IDLE = Duration.ofHours(1);

  /** From zero to four instances of 100 requests each, gone after 60 idle seconds. */
  public static final Scale DEFAULT = new Scale(0, 4, 100, Duration.ofSeconds(60));
}
