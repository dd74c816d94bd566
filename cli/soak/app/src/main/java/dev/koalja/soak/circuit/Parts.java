package dev.koalja.soak.circuit;

import dev.koalja.function.Correlate;
import dev.koalja.function.Function;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.Input;
import dev.koalja.function.Output;
import dev.koalja.function.TerminalException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * One of each. Calls that are cut off by a kill count as attempts, so there are many: only what
 * says so itself may end as a dead letter.
 *
 * <pre>
 *         ┌─ relay ─▶ relayed ─┬─ join ─▶ joined
 *         │                    └─ window ─▶ windowed
 *  left ──┼─ slow ───┐      (right also to join)
 *         ├─ fail ───┼─▶ merged ─ collect ─▶ collected
 *         ├─ pass ───┘
 *         └─ gather ─▶ gathered
 * </pre>
 */
class Parts {
  private static final int ATTEMPTS = 100;
  private static final String DELAY = "20ms";
  private static final String MAX_DELAY = "500ms";

  @Function(attempts = ATTEMPTS, delay = DELAY, maxDelay = MAX_DELAY)
  @Output("relayed")
  String relay(@Input("left") String left) {
    return "relay(" + left + ")";
  }

  /** Takes up to 30 ms, how long depends on the value. */
  @Function(attempts = ATTEMPTS, delay = DELAY, maxDelay = MAX_DELAY)
  @Output("merged")
  String slow(@Input("left") String left) {
    LockSupport.parkNanos(Math.floorMod(left.hashCode(), 30) * 1_000_000L);
    return "slow(" + left + ")";
  }

  /** Fails for good, or twice, when the value says so. */
  @Function(attempts = ATTEMPTS, delay = DELAY, maxDelay = MAX_DELAY)
  @Output("merged")
  String fail(@Input("left") String left, FunctionContext context) {
    if (left.endsWith(" refuse")) {
      throw new TerminalException("refused, as it was told");
    }
    if (left.endsWith(" falter") && context.attempt() < 3) {
      throw new IllegalStateException("faltered, as it was told");
    }
    return "fail(" + left + ")";
  }

  /** The same for many at once: what is to be refused is named, what falters fails them all. */
  @Function(attempts = ATTEMPTS, delay = DELAY, maxDelay = MAX_DELAY, batch = 20, linger = "10ms")
  @Output("gathered")
  List<String> gather(@Input("left") List<String> left, FunctionContext context) {
    List<String> gathered = new ArrayList<>();
    for (int i = 0; i < left.size(); i++) {
      String each = left.get(i);
      if (each.endsWith(" falter") && context.attempt() < 3) {
        throw new IllegalStateException("faltered, as it was told");
      }
      if (each.endsWith(" refuse")) {
        context.fail(i, new TerminalException("refused, as it was told"));
      } else {
        gathered.add("gather(" + each + ")");
      }
    }
    return gathered;
  }

  @Function(attempts = ATTEMPTS, delay = DELAY, maxDelay = MAX_DELAY)
  @Output("collected")
  String collect(@Input("merged") String merged) {
    return "collect(" + merged + ")";
  }

  @Function(attempts = ATTEMPTS, delay = DELAY, maxDelay = MAX_DELAY)
  @Output("joined")
  String join(@Input("relayed") String relayed, @Input("right") String right) {
    return "join(" + relayed + "," + right + ")";
  }

  @Function(attempts = ATTEMPTS, delay = DELAY, maxDelay = MAX_DELAY, correlate = Correlate.NONE)
  @Output("windowed")
  String window(@Input(value = "relayed", length = 5, slide = 2) List<String> relayed) {
    return "window(" + String.join(",", relayed) + ")";
  }
}
