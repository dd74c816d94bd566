package dev.koalja.benchmarks.peers.servers;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;

/** Greets whoever a request names: what is the same for all servers. */
final class Greeter {
  private static final JsonFactory JSON = new JsonFactory();

  private Greeter() {}

  /** The port that the environment names. */
  static int port() {
    return Integer.parseInt(System.getenv("PORT"));
  }

  /** Whether a request is a CloudEvent in binary mode. */
  static boolean isEvent(String id, String source) {
    return id != null && source != null;
  }

  /** The attributes of the greeting, as headers. */
  static Map<String, String> headers(String id) {
    return Map.of(
        "ce-specversion", "1.0",
        "ce-id", id + ".0",
        "ce-source", "/greet",
        "ce-type", "greeting",
        "Content-Type", "application/json");
  }

  /** The greeting for the name in a JSON string. */
  static byte[] greet(byte[] body) throws IOException {
    String name;
    try (JsonParser parser = JSON.createParser(body)) {
      name = parser.nextTextValue();
    }
    ByteArrayOutputStream greeting = new ByteArrayOutputStream(64);
    try (JsonGenerator generator = JSON.createGenerator(greeting)) {
      generator.writeString("Hello, " + name + "!");
    }
    return greeting.toByteArray();
  }
}
