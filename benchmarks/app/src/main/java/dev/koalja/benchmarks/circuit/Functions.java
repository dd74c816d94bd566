package dev.koalja.benchmarks.circuit;

import dev.koalja.function.Function;
import dev.koalja.function.Input;
import dev.koalja.function.Output;

/** One that takes its time, and ten that do not, for circuits with many tasks. */
class Functions {
  private static final long MILLIS = 50;

  /** Takes 50 ms of waiting, as a call of somebody else's service does. */
  @Function
  @Output("slow-done")
  String slow(@Input("slow") String name) throws InterruptedException {
    Thread.sleep(MILLIS);
    return greet(name);
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
