package dev.koalja.crash;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.launch.BrokerProcess;
import dev.koalja.launch.LaunchException;
import dev.koalja.launch.ServiceProcess;
import dev.koalja.pipeline.Json;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Broker, gateway and router as on a cluster: a process each, and the functions' own. */
final class Platform implements AutoCloseable {
  final BrokerProcess broker;
  final ServiceProcess gateway;
  final ServiceProcess router;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private final int ingress = freePort();
  private final int control = freePort();
  private final int routerControl = freePort();

  Platform(Path folder, Path app) {
    broker = BrokerProcess.start(folder.resolve("kafka"), 0, false);
    gateway =
        ServiceProcess.gateway(
            Map.of(
                "kafka.bootstrap.servers",
                broker.bootstrapServers(),
                "quarkus.http.port",
                "" + ingress,
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
                "koalja.serving.apps.\"koalja-crash\"",
                app.toString()),
            Map.of(),
            folder.resolve("logs/router.log"));
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  void apply(String pipeline, Path yaml) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri(control, "/api/pipelines/" + pipeline))
            .header("content-type", "application/yaml")
            .PUT(HttpRequest.BodyPublishers.ofString(Files.readString(yaml)))
            .build();
    HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IllegalStateException("not applied: " + response.body());
    }
  }

  private static URI uri(int port, String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  /** One try to post an event; true when it was answered 2xx. */
  boolean post(String pipeline, String link, String id, String key, String data)
      throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri(ingress, "/events/" + pipeline + "/" + link))
            .timeout(Duration.ofSeconds(20))
            .header("ce-id", id)
            .header("ce-source", "/crash")
            .header("ce-type", "crash.event")
            .header("ce-specversion", "1.0")
            .header("ce-partitionkey", key)
            .header("content-type", "text/plain")
            .POST(HttpRequest.BodyPublishers.ofString(data))
            .build();
    try {
      return http.send(request, BodyHandlers.discarding()).statusCode() / 100 == 2;
    } catch (IOException _) {
      return false;
    }
  }

  /** Process ids of the functions that run now. */
  List<Long> functions() throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri(routerControl, "/serving/apps"))
            .timeout(Duration.ofSeconds(2))
            .build();
    List<Long> pids = new ArrayList<>();
    try {
      for (JsonNode app :
          Json.MAPPER.readTree(http.send(request, BodyHandlers.ofString()).body())) {
        app.path("instances").forEach(instance -> pids.add(instance.path("pid").asLong()));
      }
    } catch (IOException _) {
      // the router is just being killed
    }
    return pids.stream().filter(pid -> pid > 0).toList();
  }

  /** Starts a process again; it may need several tries while another is down too. */
  static void untilStarted(Runnable restart) {
    for (int tries = 1; ; tries++) {
      try {
        restart.run();
        return;
      } catch (LaunchException e) {
        if (tries == 10) {
          throw e;
        }
      }
    }
  }

  /** Everything committed on a topic, per partition in order. */
  List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", broker.bootstrapServers());
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", "false");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
      return records;
    }
  }

  @Override
  public void close() {
    router.close();
    gateway.close();
    broker.close();
    http.close();
  }
}
