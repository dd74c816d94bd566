package dev.koalja.benchmarks.circuit;

import dev.koalja.function.Function;
import dev.koalja.function.Input;
import dev.koalja.function.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One that takes its time, ten that do not, for circuits with many tasks, and two neighbours of
 * which one is in trouble.
 */
class Functions {
  private static final long MILLIS = 50;
  private static final long QUICK_MILLIS = 5;

  /** How many digits the number of an event has, with which its data begins. */
  private static final int DIGITS = 9;

  private static final AtomicInteger IN_TROUBLE = new AtomicInteger();

  /** Takes 50 ms of waiting, as a call of somebody else's service does. */
  @Function
  @Output("slow-done")
  String slow(@Input("slow") String name) throws InterruptedException {
    Thread.sleep(MILLIS);
    return greet(name);
  }

  /** Greets many in one call. */
  @Function(batch = 500, linger = "5ms")
  @Output("many-done")
  List<String> many(@Input("many") List<String> names) {
    return names.stream().map(Functions::greet).toList();
  }

  /** Takes 5 ms. */
  @Function
  @Output("steady-done")
  String steady(@Input("steady") String name) throws InterruptedException {
    Thread.sleep(QUICK_MILLIS);
    return greet(name);
  }

  /**
   * The same when all is well. Behind the number of an event stands the path of a file that says
   * how it is: {@code fine}, {@code slow}, {@code failing} or {@code dying}. Its result says how
   * many calls there were in this process when it began, and when that was.
   */
  @Function
  @Output("trouble-done")
  String trouble(@Input("trouble") String name) throws IOException, InterruptedException {
    long begin = System.currentTimeMillis();
    int calls = IN_TROUBLE.incrementAndGet();
    try {
      switch (Files.readString(Path.of(name.substring(DIGITS)))) {
        case "slow" -> Thread.sleep(10 * QUICK_MILLIS);
        case "failing" -> throw new IllegalStateException("failing, as it was told");
        case "dying" -> Runtime.getRuntime().halt(1);
        default -> Thread.sleep(QUICK_MILLIS);
      }
    } finally {
      IN_TROUBLE.decrementAndGet();
    }
    return "%s %d %d".formatted(greet(name.substring(0, DIGITS)), calls, begin);
  }

  @Function
  @Output("out-0")
  String task0(@Input("in-0") String name) {
    return greet(name);
  }

  @Function
  @Output("out-1")
  String task1(@Input("in-1") String name) {
    return greet(name);
  }

  @Function
  @Output("out-2")
  String task2(@Input("in-2") String name) {
    return greet(name);
  }

  @Function
  @Output("out-3")
  String task3(@Input("in-3") String name) {
    return greet(name);
  }

  @Function
  @Output("out-4")
  String task4(@Input("in-4") String name) {
    return greet(name);
  }

  @Function
  @Output("out-5")
  String task5(@Input("in-5") String name) {
    return greet(name);
  }

  @Function
  @Output("out-6")
  String task6(@Input("in-6") String name) {
    return greet(name);
  }

  @Function
  @Output("out-7")
  String task7(@Input("in-7") String name) {
    return greet(name);
  }

  @Function
  @Output("out-8")
  String task8(@Input("in-8") String name) {
    return greet(name);
  }

  @Function
  @Output("out-9")
  String task9(@Input("in-9") String name) {
    return greet(name);
  }

  private static String greet(String name) {
    return "Hello, " + name + "!";
  }
}
