package dev.koalja.runtime.training;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.type.TypeFactory;
import dev.koalja.runtime.FunctionServer;
import dev.koalja.runtime.invoke.InvocationRunner;
import dev.koalja.runtime.registry.FunctionRegistry;
import dev.koalja.runtime.registry.HostedFunction;
import dev.koalja.runtime.registry.OutputDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** Sends requests through every stage of the process, with understudies for the functions. */
public final class Rehearsal {
  private static final int ROUNDS = 30;
  private static final int PATIENCE_MILLIS = 10_000;

  private Rehearsal() {}

  /**
   * Rehearses once, on a port of its own.
   *
   * @param settings as for the real server
   * @param functions the real functions, none of which is called
   */
  public static void run(
      FunctionServer.Settings settings,
      FunctionRegistry functions,
      ObjectMapper json,
      InvocationRunner.Scope scope) {
    FunctionRegistry understudies = functions.with(Understudy::new);
    try (FunctionServer server =
            FunctionServer.start(settings.onAnyPort(), understudies, json, scope);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      ask(socket, "GET /health/ready HTTP/1.1\r\nHost: rehearsal\r\n\r\n");
      for (HostedFunction function : understudies.all()) {
        boolean many = function.descriptor().takesMany();
        ask(socket, structured(function.task()));
        for (int round = 0; round < ROUNDS; round++) {
          ask(socket, many ? batch(function, round) : event(function.task(), round));
        }
        for (OutputDescriptor output : function.descriptor().outputs()) {
          serializer(json, output);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the rehearsal was interrupted", e);
    }
  }

  /** Jackson prepares the writer of a type when it first meets it. */
  private static void serializer(ObjectMapper json, OutputDescriptor output) {
    if (!output.javaType().endsWith("[]")) {
      JavaType type = TypeFactory.defaultInstance().constructFromCanonical(output.javaType());
      json.writerFor(type);
    }
  }

  private static String structured(String task) {
    String event =
        """
        {"specversion":"1.0","id":"1","source":"/rehearsal","type":"rehearsal","data":{}}""";
    return """
        POST /%s HTTP/1.1\r
        Host: rehearsal\r
        Content-Type: application/cloudevents+json\r
        Content-Length: %d\r
        \r
        %s"""
        .formatted(task, event.length(), event);
  }

  /** One event of each input. */
  private static String batch(HostedFunction function, int round) {
    String events =
        function.inputs().stream()
            .map(
                input ->
                    """
                    {"koaljaindex":0,"koaljainput":"%s","koaljaposition":"topic/0/%d",\
                    "specversion":"1.0","id":"%d","source":"/rehearsal","type":"rehearsal",\
                    "time":"2026-01-01T00:00:00Z","datacontenttype":"application/json",\
                    "partitionkey":"key","data":{}}"""
                        .formatted(input.name(), round, round))
            .collect(Collectors.joining(",", "[", "]"));
    return """
        POST /%s HTTP/1.1\r
        Host: rehearsal\r
        Koalja-Invocation: rehearsal-%d\r
        Koalja-Attempt: 1\r
        Koalja-Deadline: 2999-01-01T00:00:00Z\r
        traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r
        Content-Type: application/cloudevents-batch+json\r
        Content-Length: %d\r
        \r
        %s"""
        .formatted(function.task(), round, events.length(), events);
  }

  private static String event(String task, int round) {
    return """
        POST /%s HTTP/1.1\r
        Host: rehearsal\r
        ce-specversion: 1.0\r
        ce-id: %d\r
        ce-source: /rehearsal\r
        ce-type: rehearsal\r
        ce-time: 2026-01-01T00:00:00Z\r
        ce-partitionkey: key\r
        %s: rehearsal-%d\r
        Koalja-Attempt: 1\r
        Koalja-Deadline: 2999-01-01T00:00:00Z\r
        traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r
        Content-Type: application/json\r
        Content-Length: 2\r
        \r
        {}"""
        // a caller that knows nothing of Koalja sends no invocation
        .formatted(task, round, round % 2 == 0 ? "X" : "Koalja-Invocation", round);
  }

  /** Sends a request and reads its answer, as far as its length says. */
  private static void ask(Socket socket, String request) throws IOException {
    socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("no answer");
      }
      head.append((char) b);
    }
    String length =
        head.toString()
            .lines()
            .filter(line -> line.regionMatches(true, 0, "content-length:", 0, 15))
            .map(line -> line.substring(15).strip())
            .findFirst()
            .orElse("0");
    in.skipNBytes(Long.parseLong(length));
  }
}
