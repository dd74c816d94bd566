package dev.koalja.router.snapshot;

import dev.koalja.pipeline.Correlation;
import dev.koalja.pipeline.Input;
import dev.koalja.pipeline.Input.Length;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.PortName;
import dev.koalja.pipeline.Snapshot;
import dev.koalja.pipeline.Snapshot.Policy;
import dev.koalja.pipeline.Snapshot.Then;
import dev.koalja.pipeline.Snapshot.Timeout;
import dev.koalja.pipeline.Snapshot.Window;
import dev.koalja.pipeline.StartPosition;
import dev.koalja.pipeline.yaml.Durations;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What happens to an assembly, in short.
 *
 * <pre>
 *  A1        event A1 arrives at input a
 *  k:A1      with key k
 *  A1~90s    happened 90 s after the beginning
 *  +5s       the clock goes on (or back: +-5s)
 *  @5s       the clock goes on, then a tick; leaves an @ among the results
 *  |         restart from the compacted state
 *
 *  (A1,B1)   fired            (A1..4)  the same as (A1,A2,A3,A4)
 *  (A1)?     fired, partial   (A1)w60  fired for the window that begins at 60 s
 *  x A1:late refused
 * </pre>
 */
record Script(Snapshot snapshot, List<Input> inputs, List<Op> ops) {
  static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  /** One thing that happens. */
  sealed interface Op {}

  record Arrive(Arrival arrival) implements Op {}

  record Tick(Instant now) implements Op {}

  record Restart() implements Op {}

  /** Reads {@code AllNew A:1..3 B C>A timeout=1h:DROP} and a script. */
  static Script of(String spec, String script) {
    List<String> words = words(spec);
    Policy policy =
        Arrays.stream(Policy.values())
            .filter(each -> each.word().equals(words.getFirst()))
            .findFirst()
            .orElseThrow();
    List<Input> inputs = new ArrayList<>();
    Optional<Timeout> timeout = Optional.empty();
    Optional<Duration> minInterval = Optional.empty();
    Optional<Window> window = Optional.empty();
    int maxWaiting = Snapshot.DEFAULT_MAX_WAITING;
    for (String word : words.subList(1, words.size())) {
      String[] setting = word.split("=", 2);
      if (setting.length == 1) {
        inputs.add(input(word));
        continue;
      }
      String[] parts = setting[1].split("[:+]");
      switch (setting[0]) {
        case "timeout" ->
            timeout = Optional.of(new Timeout(Durations.parse(parts[0]), Then.valueOf(parts[1])));
        case "minInterval" -> minInterval = Optional.of(Durations.parse(parts[0]));
        case "window" ->
            window = Optional.of(new Window(Durations.parse(parts[0]), Durations.parse(parts[1])));
        case "maxWaiting" -> maxWaiting = Integer.parseInt(setting[1]);
        default -> throw new IllegalArgumentException(word);
      }
    }
    Snapshot snapshot =
        new Snapshot(policy, new Correlation.Key(), timeout, minInterval, window, maxWaiting);
    return new Script(snapshot, inputs, ops(inputs, words(script)));
  }

  static List<String> words(String text) {
    return Arrays.stream(text.strip().split("\\s+")).filter(word -> !word.isEmpty()).toList();
  }

  private static Input input(String word) {
    String name = word.substring(0, 1).toLowerCase(Locale.ROOT);
    Optional<PortName> mergeInto =
        word.contains(">")
            ? Optional.of(new PortName(word.substring(2).toLowerCase(Locale.ROOT)))
            : Optional.empty();
    Length length = Length.ONE;
    if (word.contains("/")) {
      String[] numbers = word.substring(2).split("/");
      int n = Integer.parseInt(numbers[0]);
      length = new Length(n, n, Integer.parseInt(numbers[1]));
    } else if (word.contains(":")) {
      String[] numbers = word.substring(2).split("\\.\\.");
      int min = Integer.parseInt(numbers[0]);
      length = new Length(min, Integer.parseInt(numbers[numbers.length - 1]), 1);
    }
    return new Input(
        new PortName(name),
        new LinkName("link-" + name),
        new StartPosition.Earliest(),
        Optional.empty(),
        List.of(),
        length,
        mergeInto,
        Optional.empty());
  }

  static List<Op> ops(List<Input> inputs, List<String> words) {
    List<Op> ops = new ArrayList<>();
    Instant now = BEGIN;
    long offset = 0;
    for (String word : words) {
      if (word.equals("|")) {
        ops.add(new Restart());
      } else if (word.startsWith("+") || word.startsWith("@")) {
        now = now.plus(duration(word.substring(1)));
        if (word.startsWith("@")) {
          ops.add(new Tick(now));
        }
      } else {
        String[] keyed = word.contains(":") ? word.split(":") : new String[] {"", word};
        String[] timed = keyed[1].split("~");
        Instant eventTime = timed.length == 1 ? now : BEGIN.plus(duration(timed[1]));
        PortName port = new PortName(timed[0].substring(0, 1).toLowerCase(Locale.ROOT));
        Input input =
            inputs.stream().filter(each -> each.name().equals(port)).findFirst().orElseThrow();
        byte[] event = timed[0].getBytes(StandardCharsets.UTF_8);
        ops.add(
            new Arrive(
                new Arrival(
                    keyed[0], input.mergeInto().orElse(port), offset, now, eventTime, event)));
        offset += 1 + offset % 3; // topics have holes
      }
    }
    return ops;
  }

  private static Duration duration(String text) {
    return text.startsWith("-")
        ? Durations.parse(text.substring(1)).negated()
        : Durations.parse(text);
  }

  /** The same with a restart after every arrival and tick. */
  Script restartedAlways() {
    List<Op> restarted = new ArrayList<>();
    for (Op op : ops) {
      restarted.add(op);
      restarted.add(new Restart());
    }
    return new Script(snapshot, inputs, restarted);
  }

  /** What a step does, as words. */
  static List<String> results(Op op, List<Firing> firings, List<Refusal> refusals) {
    List<String> results = new ArrayList<>();
    if (op instanceof Tick) {
      results.add("@");
    }
    for (Firing firing : firings) {
      results.add(
          key(firing.key())
              + "("
              + labels(firing.slots())
              + ")"
              + (firing.partial() ? "?" : "")
              + firing.windowStart().map(at -> "w" + seconds(at)).orElse(""));
    }
    for (Refusal refusal : refusals) {
      String cause =
          switch (refusal.cause()) {
            case EXPIRED_DROP -> "drop";
            case EXPIRED_DEADLETTER -> "dead";
            case OVERFLOW -> "overflow";
            case LATE -> "late";
          };
      results.add("x" + key(refusal.key()) + label(refusal.slot()) + ":" + cause);
    }
    return results;
  }

  private static String key(String key) {
    return key.isEmpty() ? "" : key + ":";
  }

  private static long seconds(Instant at) {
    return Duration.between(BEGIN, at).toSeconds();
  }

  private static String label(Slot slot) {
    return new String(slot.event(), StandardCharsets.UTF_8);
  }

  private static String labels(List<Slot> slots) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < slots.size(); ) {
      String first = label(slots.get(i));
      char port = first.charAt(0);
      int number = Integer.parseInt(first.substring(1));
      int length = 1;
      while (i + length < slots.size()
          && label(slots.get(i + length)).equals("" + port + (number + length))) {
        length++;
      }
      words.add(length > 1 ? first + ".." + (number + length - 1) : first);
      i += length;
    }
    return String.join(",", words);
  }
}
