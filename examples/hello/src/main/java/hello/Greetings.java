package hello;

import dev.koalja.function.Function;
import dev.koalja.function.Input;
import dev.koalja.function.Output;

/** Greets everybody whose name arrives. */
class Greetings {
  @Function(coldStartBudget = "500ms") // packaging fails when a start takes longer
  @Output("greeting")
  String greet(@Input("name") String name) {
    return "Hello, " + name + "!";
  }
}
