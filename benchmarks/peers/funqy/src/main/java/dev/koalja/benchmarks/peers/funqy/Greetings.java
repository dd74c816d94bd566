package dev.koalja.benchmarks.peers.funqy;

import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEventMapping;

/** Greets everybody whose name arrives, as a Funqy function. */
public class Greetings {
  @Funq
  @CloudEventMapping(trigger = "name", responseSource = "/greet", responseType = "greeting")
  public String greet(String name) {
    return "Hello, " + name + "!";
  }
}
