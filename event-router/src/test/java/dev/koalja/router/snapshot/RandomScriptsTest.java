package dev.koalja.router.snapshot;

import static org.assertj.core.api.Assertions.fail;

import dev.koalja.pipeline.Snapshot.Policy;
import dev.koalja.router.snapshot.Script.Op;
import dev.koalja.router.snapshot.Script.Restart;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random scripts for random specifications, against {@link NaiveModel}. A failure prints the seed
 * and the shortest script found that still fails, in the notation of {@link Script}.
 */
class RandomScriptsTest {
  private static final int SCRIPTS =
      "full".equals(System.getProperty("koalja.depth")) ? 10_000 : 500;

  enum Kind {
    ALL_NEW,
    SWAP_NEW4OLD,
    SLIDING_WINDOW,
    WINDOWS_OF_TIME
  }

  @ParameterizedTest
  @EnumSource
  void shouldDoAsTheModelDoesOverRandomScriptsAndRestarts(Kind kind) {
    for (long seed = 0; seed < SCRIPTS; seed++) {
      Random random = new Random(seed * 31 + kind.ordinal());
      String spec = spec(kind, random);
      List<String> words = script(kind, spec, random);
      if (problem(spec, words).isPresent()) {
        List<String> shortest = shrink(spec, words);
        fail(
            "seed %d: %s | %s%n%s",
            seed, spec, String.join(" ", shortest), problem(spec, shortest).orElseThrow());
      }
    }
  }

  /** Leaves out words as long as it still fails. */
  private static List<String> shrink(String spec, List<String> words) {
    List<String> shortest = words;
    for (int size = words.size() / 2; size > 0; size /= 2) {
      for (int from = 0; from + size <= shortest.size(); ) {
        List<String> less = new ArrayList<>(shortest);
        less.subList(from, from + size).clear();
        if (problem(spec, less).isPresent()) {
          shortest = less;
        } else {
          from++;
        }
      }
    }
    return shortest;
  }

  /** How assembly and model differ; empty when they do not. */
  private static Optional<String> problem(String spec, List<String> words) {
    Script script = Script.of(spec, String.join(" ", words));
    Machine machine = new Machine(script);
    Machine never = new Machine(script);
    NaiveModel model = new NaiveModel(script);
    int number = 0;
    for (Op op : script.ops()) {
      number++;
      List<String> is;
      List<String> withoutRestart;
      try {
        is = details(op, machine.apply(op));
        withoutRestart =
            op instanceof Restart
                ? details(op, new Step(List.of(), List.of(), List.of()))
                : details(op, never.apply(op));
        machine.check();
      } catch (RuntimeException | AssertionError e) {
        return Optional.of("step %d, %s: %s".formatted(number, op, e));
      }
      List<String> should = details(op, model.apply(op));
      if (!is.equals(should)) {
        return Optional.of("step %d, %s%n is     %s%n should %s".formatted(number, op, is, should));
      }
      if (!is.equals(withoutRestart)) {
        return Optional.of(
            "step %d, %s%n restarted %s%n not      %s".formatted(number, op, is, withoutRestart));
      }
    }
    return Optional.empty();
  }

  private static List<String> details(Op op, Step step) {
    List<String> details = new ArrayList<>(Script.results(op, step.firings(), step.refusals()));
    for (Firing firing : step.firings()) {
      details.add("since " + firing.since());
      firing.slots().forEach(each -> details.add(each.input() + "@" + each.offset()));
    }
    step.refusals().forEach(each -> details.add(each.slot().input() + "@" + each.slot().offset()));
    return details;
  }

  private static String spec(Kind kind, Random random) {
    Policy policy =
        switch (kind) {
          case ALL_NEW, WINDOWS_OF_TIME -> Policy.ALL_NEW;
          case SWAP_NEW4OLD -> Policy.SWAP_NEW4OLD;
          case SLIDING_WINDOW -> Policy.SLIDING_WINDOW;
        };
    List<String> words = new ArrayList<>(List.of(policy.word()));
    int inputs = 1 + random.nextInt(3);
    int longest = 1;
    for (int i = 0; i < inputs; i++) {
      int min = 1 + random.nextInt(1 + random.nextInt(4));
      int max = min + random.nextInt(3);
      char name = (char) ('A' + i);
      switch (policy) {
        case ALL_NEW -> words.add("%s:%d..%d".formatted(name, min, max));
        case SWAP_NEW4OLD -> words.add("" + name);
        case SLIDING_WINDOW -> words.add("%s:%d/%d".formatted(name, min, 1 + random.nextInt(min)));
      }
      longest = Math.max(longest, max);
    }
    if (random.nextInt(4) == 0) {
      words.add("D>" + (char) ('A' + random.nextInt(inputs)));
    }
    if (random.nextInt(3) == 0) {
      words.add("maxWaiting=" + (longest + random.nextInt(3)));
    }
    if (kind == Kind.WINDOWS_OF_TIME) {
      words.add("window=%ds+%ds".formatted(10 + random.nextInt(50), random.nextInt(3) * 10));
      return String.join(" ", words);
    }
    if (random.nextInt(2) == 0) {
      String then = List.of("DROP", "DEADLETTER", "PARTIAL").get(random.nextInt(3));
      words.add("timeout=%ds:%s".formatted(1 + random.nextInt(60), then));
    }
    if (random.nextInt(2) == 0) {
      words.add("minInterval=%ds".formatted(1 + random.nextInt(40)));
    }
    return String.join(" ", words);
  }

  private static List<String> script(Kind kind, String spec, Random random) {
    List<String> ports =
        Script.words(spec).stream()
            .skip(1)
            .filter(word -> !word.contains("="))
            .map(word -> word.substring(0, 1))
            .toList();
    int keys = 1 + random.nextInt(3);
    boolean restless = random.nextBoolean();
    List<String> words = new ArrayList<>();
    long now = 0;
    for (int i = random.nextInt(60); i >= 0; i--) {
      switch (random.nextInt(10)) {
        case 0 -> {
          int step = random.nextInt(40) - (random.nextInt(5) == 0 ? 30 : 0);
          now += step;
          words.add("%s%ds".formatted(random.nextBoolean() ? "@" : "+", step));
        }
        case 1 -> words.add("@%dms".formatted(random.nextInt(3000)));
        case 2 -> words.add(restless ? "|" : "@0s");
        default -> {
          String port = ports.get(random.nextInt(ports.size()));
          String key = List.of("", "k:", "l:").get(random.nextInt(keys));
          String word = key + port + (i % 10);
          boolean timed = kind == Kind.WINDOWS_OF_TIME && random.nextInt(3) > 0;
          words.add(timed ? "%s~%ds".formatted(word, now + random.nextInt(150) - 70) : word);
        }
      }
    }
    return words;
  }
}
