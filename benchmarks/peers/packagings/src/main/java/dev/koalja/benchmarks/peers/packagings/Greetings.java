package dev.koalja.benchmarks.peers.packagings;

import dev.koalja.function.Function;
import dev.koalja.function.Input;
import dev.koalja.function.Output;

/** The function of {@code examples/hello}. */
class Greetings {
  @Function
  @Output("greeting")
  String greet(@Input("name") String name) {
    return "Hello, " + name + "!";
  }
}
