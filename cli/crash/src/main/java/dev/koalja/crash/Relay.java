package dev.koalja.crash;

import dev.koalja.function.Function;
import dev.koalja.function.Input;
import dev.koalja.function.Output;

/** Hands its input on, twice: what comes out must be what went in, once each and in order. */
class Relay {
  @Function
  @Output("between")
  String first(@Input("in") String data) {
    return data;
  }

  @Function
  @Output("out")
  String second(@Input("between") String data) {
    return data;
  }
}
