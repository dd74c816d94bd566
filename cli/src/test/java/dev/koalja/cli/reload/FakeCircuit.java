package dev.koalja.cli.reload;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.definition.Proposal;
import dev.koalja.pipeline.definition.Release;
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
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/**
 * The control API of a circuit of which nothing runs, for what no real one can be made to do when a
 * test wants it: to answer late, wrongly, or not at all, after it has done what it was asked.
 */
public final class FakeCircuit implements AutoCloseable {
  public final List<String> changes = new CopyOnWriteArrayList<>();
  public final Map<String, Definition> definitions = new ConcurrentHashMap<>();
  public final Map<String, List<Definition>> revisions = new ConcurrentHashMap<>();
  public final Map<String, String> inUse = new ConcurrentHashMap<>();
  public final Map<String, String> prepared = new ConcurrentHashMap<>();

  /** Whether the router follows what is applied. */
  public volatile boolean follows = true;

  private final Map<String, List<Fault>> faults = new ConcurrentHashMap<>();
  private final HttpServer server;
  private volatile boolean down;

  private record Fault(int status, boolean done, Runnable then) {}

  public FakeCircuit() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** What stood there before the test. */
  public void begin(Pipeline pipeline, Release release) {
    put(new Definition(pipeline, 1, Optional.of(release)));
    release
        .builds()
        .keySet()
        .forEach(app -> release.runs(app).ifPresent(it -> inUse.put(app, "" + it)));
  }

  private void put(Definition definition) {
    String name = definition.pipeline().name().value();
    definitions.put(name, definition);
    revisions.computeIfAbsent(name, _ -> new CopyOnWriteArrayList<>()).addFirst(definition);
  }

  /** The next such request is refused. */
  public void refuse(String request, int status) {
    fault(request, new Fault(status, false, () -> {}));
  }

  /** The next such request does what it should, then this happens, then the answer is an error. */
  public void failAfter(String request, int status, Runnable then) {
    fault(request, new Fault(status, true, then));
  }

  /** The next such request does what it should, and then this happens before it is answered. */
  public void after(String request, Runnable then) {
    fault(request, new Fault(200, true, then));
  }

  private void fault(String request, Fault fault) {
    faults.computeIfAbsent(request, _ -> new CopyOnWriteArrayList<>()).add(fault);
  }

  /** Nothing is answered until it is up. */
  public void goDown() {
    down = true;
  }

  public void comeUp() {
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
      try {
        answer(exchange, 200, done(exchange, body));
      } catch (Conflict e) {
        answer(exchange, 409, String.valueOf(e.getMessage()));
      }
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
          definitions.values().stream().map(FakeCircuit::shown).toList());
    }
    if (path.endsWith("/revisions")) {
      return Json.MAPPER.writeValueAsString(
          revisions.getOrDefault(words[3], List.of()).stream().map(FakeCircuit::shown).toList());
    }
    if (path.startsWith("/api/pipelines/")) {
      return apply(Json.MAPPER.readValue(body, Proposal.class));
    }
    if (path.endsWith("/next")) {
      String app = words[3];
      if (method.equals("DELETE")) {
        prepared.remove(app);
        return "{}";
      }
      String revision = exchange.getRequestURI().getQuery().replaceAll("\\D", "");
      prepared.put(app, revision);
      return Json.MAPPER.writeValueAsString(Map.of("revision", revision, "processes", 0));
    }
    return "[]"; // /serving/apps, /serving/logs
  }

  private static Map<String, Object> shown(Definition definition) {
    Map<String, Object> shown = new TreeMap<>();
    shown.put("name", definition.pipeline().name().value());
    shown.put("revision", definition.revision());
    shown.put("pipeline", PipelineWriter.tree(definition.pipeline()));
    definition.release().ifPresent(release -> shown.put("release", release));
    return shown;
  }

  /** As the real one: what a revision names is what runs. */
  private String apply(Proposal proposal) throws IOException {
    Pipeline pipeline =
        PipelineReader.read(new PipelineReader.Source("applied", proposal.pipeline()));
    Definition before = definitions.get(pipeline.name().value());
    long last = before == null ? 0 : before.revision();
    if (proposal.after().filter(after -> after != last).isPresent()) {
      throw new Conflict();
    }
    put(new Definition(pipeline, last + 1, proposal.release()));
    if (follows) {
      Release release = proposal.release().orElseThrow();
      pipeline
          .tasks()
          .forEach(
              task -> {
                if (task.kind() instanceof TaskKind.Function function) {
                  String app = function.app().value();
                  release
                      .runs(app)
                      .ifPresent(
                          number -> {
                            inUse.put(app, "" + number);
                            prepared.remove(app, "" + number);
                          });
                }
              });
    }
    return Json.MAPPER.writeValueAsString(new TreeMap<>(Map.of("revision", last + 1)));
  }

  private static final class Conflict extends IOException {
    private static final long serialVersionUID = 1L;

    Conflict() {
      super("another change came first");
    }
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
