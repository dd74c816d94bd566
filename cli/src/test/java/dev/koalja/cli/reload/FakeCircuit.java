package dev.koalja.cli.reload;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.pipeline.yaml.PipelineWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The control API of a circuit of which nothing runs, for what no real one can be made to do when a
 * test wants it: to answer late, wrongly, or not at all, after it has done what it was asked.
 */
final class FakeCircuit implements AutoCloseable {
  final List<String> changes = new CopyOnWriteArrayList<>();
  final Map<String, Definition> definitions = new ConcurrentHashMap<>();
  final Map<String, String> inUse = new ConcurrentHashMap<>();
  final Map<String, String> prepared = new ConcurrentHashMap<>();

  /** Whether the router follows what is applied. */
  volatile boolean follows = true;

  private final Map<String, List<Fault>> faults = new ConcurrentHashMap<>();
  private final HttpServer server;
  private volatile boolean down;

  private record Fault(int status, boolean done, Runnable then) {}

  FakeCircuit() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** What stood there before the test. */
  void begin(Pipeline pipeline, Map<String, String> builds) {
    definitions.put(pipeline.name().value(), new Definition(pipeline, 1));
    inUse.putAll(builds);
  }

  /** The next such request is refused. */
  void refuse(String request, int status) {
    fault(request, new Fault(status, false, () -> {}));
  }

  /** The next such request does what it should, then this happens, then the answer is an error. */
  void failAfter(String request, int status, Runnable then) {
    fault(request, new Fault(status, true, then));
  }

  /** The next such request does what it should, and then this happens before it is answered. */
  void after(String request, Runnable then) {
    fault(request, new Fault(200, true, then));
  }

  private void fault(String request, Fault fault) {
    faults.computeIfAbsent(request, _ -> new CopyOnWriteArrayList<>()).add(fault);
  }

  /** Nothing is answered until it is up. */
  void goDown() {
    down = true;
  }

  void comeUp() {
    down = false;
  }

  private void handle(HttpExchange exchange) throws IOException {
    String request = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
    byte[] body = exchange.getRequestBody().readAllBytes();
    List<Fault> planned = faults.getOrDefault(request, new ArrayList<>());
    if (down) {
      answer(exchange, 503, "starting");
    } else if (!planned.isEmpty()) {
      Fault fault = planned.removeFirst();
      String answer = fault.done() ? done(exchange, body) : "as planned";
      fault.then().run();
      answer(exchange, fault.status(), answer);
    } else {
      answer(exchange, 200, done(exchange, body));
    }
  }

  private String done(HttpExchange exchange, byte[] body) throws IOException {
    String method = exchange.getRequestMethod();
    String path = exchange.getRequestURI().getPath();
    String[] words = path.split("/");
    if (!method.equals("GET")) {
      changes.add(method + " " + exchange.getRequestURI());
    }
    if (path.equals("/serving/builds")) {
      return Json.MAPPER.writeValueAsString(inUse);
    }
    if (path.equals("/api/pipelines")) {
      return Json.MAPPER.writeValueAsString(
          definitions.values().stream()
              .map(
                  each ->
                      Map.of(
                          "name", each.pipeline().name().value(),
                          "revision", each.revision(),
                          "pipeline", PipelineWriter.tree(each.pipeline())))
              .toList());
    }
    if (path.startsWith("/api/pipelines/")) {
      return apply(new String(body, StandardCharsets.UTF_8));
    }
    if (path.endsWith("/next")) {
      String app = words[3];
      if (method.equals("DELETE")) {
        prepared.remove(app);
        return "{}";
      }
      String revision = revision(exchange.getRequestURI().getQuery().replace("build=", ""));
      prepared.put(app, revision);
      return Json.MAPPER.writeValueAsString(Map.of("revision", revision, "processes", 0));
    }
    return "[]"; // /serving/apps, /serving/logs
  }

  static String revision(String build) {
    return "r" + build;
  }

  private String apply(String yaml) throws IOException {
    Pipeline pipeline = PipelineReader.read(new PipelineReader.Source("applied", yaml));
    Definition before = definitions.get(pipeline.name().value());
    Definition now = new Definition(pipeline, before == null ? 1 : before.revision() + 1);
    definitions.put(pipeline.name().value(), now);
    if (follows) {
      pipeline
          .tasks()
          .forEach(
              task -> {
                if (task.kind() instanceof TaskKind.Function function
                    && prepared.containsKey(function.app().value())) {
                  String app = function.app().value();
                  inUse.put(app, String.valueOf(prepared.get(app)));
                }
              });
    }
    return Json.MAPPER.writeValueAsString(new TreeMap<>(Map.of("revision", now.revision())));
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
