package dev.koalja.benchmarks.throughput;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.launch.BrokerProcess;
import dev.koalja.launch.ServiceProcess;
import dev.koalja.pipeline.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Broker, gateway and router as on a cluster, a process each; the router starts the functions. */
final class Platform implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration APPLY_LIMIT = Duration.ofSeconds(60);

  private final BrokerProcess broker;
  private final ServiceProcess gateway;
  private final ServiceProcess router;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final int control;
  private final int routerControl;
  private List<Long> functions = List.of();

  /**
   * Starts everything.
   *
   * @param folder for data and logs
   * @param app name of the app whose functions run
   * @param project its project folder, built
   */
  Platform(Path folder, String app, Path project) throws IOException {
    control = freePort();
    routerControl = freePort();
    broker = BrokerProcess.start(folder.resolve("kafka"), 0, true);
    gateway =
        ServiceProcess.gateway(
            Map.of(
                "kafka.bootstrap.servers",
                broker.bootstrapServers(),
                "quarkus.http.port",
                "" + freePort(),
                "quarkus.management.port",
                "" + control,
                "koalja.journal.db",
                folder.resolve("journal").toString()),
            Map.of(),
            folder.resolve("logs/gateway.log"));
    router =
        ServiceProcess.router(
            Map.of(
                "kafka.bootstrap.servers",
                broker.bootstrapServers(),
                "quarkus.http.port",
                "" + freePort(),
                "quarkus.management.port",
                "" + routerControl,
                "koalja.router.slot",
                "0",
                "koalja.serving.logs",
                folder.resolve("logs").toString(),
                "koalja.serving.apps.\"" + app + "\"",
                project.toString()),
            Map.of(),
            folder.resolve("logs/router.log"));
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  String bootstrapServers() {
    return broker.bootstrapServers();
  }

  long brokerPid() {
    return broker.process().pid();
  }

  /** Every process that an event costs processor time, by part. */
  Map<String, List<Long>> processes() throws IOException, InterruptedException {
    return Map.of(
        "broker", List.of(brokerPid()),
        "router", List.of(router.process().pid()),
        "function", functions(),
        "gateway", List.of(gateway.process().pid()));
  }

  /** Puts a pipeline in force. */
  void apply(String pipeline, Path yaml) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(uri(control, "/api/pipelines/" + pipeline))
                .timeout(APPLY_LIMIT)
                .header("content-type", "application/yaml")
                .PUT(HttpRequest.BodyPublishers.ofString(Files.readString(yaml)))
                .build(),
            BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IllegalStateException("not applied: " + response.body());
    }
  }

  /** The processes of functions that run now; those of the last time while the router is busy. */
  List<Long> functions() throws IOException, InterruptedException {
    String body;
    try {
      body =
          http.send(
                  HttpRequest.newBuilder(uri(routerControl, "/serving/apps"))
                      .timeout(PATIENCE)
                      .build(),
                  BodyHandlers.ofString())
              .body();
    } catch (HttpTimeoutException _) {
      return functions;
    }
    List<Long> pids = new ArrayList<>();
    for (JsonNode app : Json.MAPPER.readTree(body)) {
      for (JsonNode instance : app.path("instances")) {
        pids.add(instance.path("pid").asLong());
      }
    }
    functions = pids;
    return pids;
  }

  private static URI uri(int port, String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  @Override
  public void close() {
    router.close();
    gateway.close();
    broker.close();
    http.close();
  }
}
