package dev.koalja.cli;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Walks through the commands once against answers made up here, so that the start-up cache knows
 * their classes. Run by the build, never by people.
 */
final class Training {
  private Training() {}

  /** Runs every command that asks a circuit. */
  public static void main(String... words) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = answer(exchange.getRequestURI().getPath()).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
    server.start();
    String at = "--at=http://127.0.0.1:" + server.getAddress().getPort();
    String to = "--to=http://127.0.0.1:" + server.getAddress().getPort();
    Path pipeline = Files.createTempFile("koalja", ".yaml");
    Files.writeString(pipeline, PIPELINE);
    try {
      run("version");
      run("status", at);
      run("task", "list", at);
      run("task", "describe", "price", at);
      run("link", "list", at);
      run("tail", "order", at);
      run("send", "order", "{}", to);
      run("trace", "1", at);
      run("explain", "1", at);
      run("snapshot", "list", at);
      run("deadletter", "list", at);
      run("graph", pipeline.toString());
      run("graph", pipeline.toString(), "--json");
      run("--help");
      run("nonsense");
    } finally {
      Files.delete(pipeline);
      server.stop(0);
    }
  }

  private static void run(String... words) {
    Koalja.execute(words);
  }

  private static final String PIPELINE =
      """
      apiVersion: koalja.dev/v1alpha1
      kind: Pipeline
      metadata: {name: shop}
      spec:
        tasks:
        - {name: price, function: {app: shop}, inputs: [{name: order, link: order}], outputs: [{name: result, link: priced}]}
      """;

  private static final String EVENT =
      """
      {"pipeline":"shop","link":"order","id":"01J8A","time":"2026-01-01T00:00:00Z","datacontenttype":"application/json","data":{"a":1},"producer":{"task":"price","revision":1,"tookMs":8}}
      """;

  private static String answer(String path) {
    return switch (path) {
      case "/api/links" ->
          """
          [{"pipeline":"shop","link":"order","topic":"koalja.shop.order","partitions":8,"events":1,"writers":[],"readers":["price"]}]""";
      case "/api/tasks" ->
          """
          [{"pipeline":"shop","revision":1,"task":"price","app":"shop","inputs":[{"name":"order","link":"order","lag":0}],"outputs":[{"name":"result","link":"priced"}],"done":1,"failed":0,"deadLetters":1,"quarantined":0,"coldStartP50Ms":160}]""";
      case "/api/trace/1" ->
          """
          {"event":{"id":"01J8A","source":"/koalja/send","type":"t","link":"priced","size":2},"madeBy":{"task":"price","revision":1,"outcome":"SUCCEEDED","inputs":[{"link":"order","id":"01J8B","source":"s"}],"outputs":[],"attempts":[{}],"executed":"PT0.008S","endedAt":"2026-01-01T00:00:00Z"},"consumedBy":[]}""";
      case "/api/explain/1" ->
          """
          {"event":{"id":"01J8A","source":"/koalja/send","type":"t","pipeline":"shop","link":"order","time":"2026-01-01T00:00:00Z"},"readers":[{"pipeline":"shop","task":"price","input":"order","port":"order","link":"order","attempts":5,"invocations":[{"task":"price","outcome":"SUCCEEDED","outputs":[{"link":"priced","id":"01J8B"}],"attempts":[{}]}],"letters":[]}],"followed":[],"cut":false}""";
      case "/router/snapshots" ->
          """
          [{"pipeline":"shop","task":"ship","key":"ann","inputs":[{"input":"priced","have":1,"of":1,"oldest":[{"id":"01J8A","source":"s"}]}],"missing":["stock"],"since":"2026-01-01T00:00:00Z"}]""";
      case "/events/order" ->
          "{\"accepted\":[{\"id\":\"01J8A\",\"source\":\"s\"}],\"link\":\"order\"}";
      default -> path.endsWith("/events") ? EVENT : "[]";
    };
  }
}
