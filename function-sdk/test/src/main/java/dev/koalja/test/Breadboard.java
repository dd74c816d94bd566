package dev.koalja.test;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.yaml.PipelineWriter;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.provider.EventFormatProvider;
import io.cloudevents.jackson.JsonFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * The breadboard of the project, which {@code koalja run} has started. Each test puts the circuit
 * on it once more, under a name of its own, and takes it off at the end.
 */
final class Breadboard implements AutoCloseable {
  private static final Namespace NAMESPACE = Namespace.create(Breadboard.class);
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final URI ingress;
  private final URI control;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final KafkaConsumer<byte[], byte[]> consumer;

  private Breadboard(URI ingress, URI control, String kafka) {
    this.ingress = ingress;
    this.control = control;
    Properties properties = new Properties();
    properties.put("bootstrap.servers", kafka);
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", "false");
    properties.put("allow.auto.create.topics", "false");
    properties.put("fetch.max.wait.ms", "20"); // what is asked next waits behind a fetch that waits
    this.consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** The one that all tests of a run use. */
  static Breadboard shared(ExtensionContext test, App app) {
    return Objects.requireNonNull(
        test.getRoot()
            .getStore(NAMESPACE)
            .computeIfAbsent(app.project(), _ -> find(app.project()), Breadboard.class));
  }

  /** The circuit that runs in a folder or the nearest one above. */
  private static Breadboard find(Path project) {
    for (Path folder = project; folder != null; folder = folder.getParent()) {
      Path file = folder.resolve(".koalja/breadboard.json");
      if (Files.isRegularFile(file)) {
        try {
          JsonNode running = Json.MAPPER.readTree(Files.readString(file));
          return new Breadboard(
              URI.create(running.path("ingress").asText()),
              URI.create(running.path("control").asText()),
              running.path("kafka").asText());
        } catch (IOException e) {
          throw new UncheckedIOException(file + " cannot be read", e);
        }
      }
    }
    throw new IllegalStateException(
        "koalja.test is breadboard, and none runs in %s: start one there, koalja run --ephemeral"
            .formatted(project));
  }

  /** A circuit for one test. */
  BreadboardCircuit circuit(App app) {
    Pipeline pipeline = app.circuit().pipeline();
    String name =
        "%s-t%d-%d".formatted(app.name(), ProcessHandle.current().pid(), NUMBER.incrementAndGet());
    Pipeline own =
        new Pipeline(
            new PipelineName(name),
            List.of(),
            pipeline.tasks(),
            pipeline.links(),
            pipeline.types());
    put(name, PipelineWriter.yaml(own));
    return new BreadboardCircuit(this, own, app.codec(Map.of()));
  }

  private void put(String name, String yaml) {
    HttpResponse<String> answer =
        send(
            HttpRequest.newBuilder(control.resolve("/api/pipelines/" + name))
                .header("content-type", "application/yaml")
                .PUT(BodyPublishers.ofString(yaml)));
    if (answer.statusCode() != 200) {
      throw new IllegalStateException("the circuit was not taken: " + answer.body());
    }
  }

  /** Takes a circuit off. */
  void remove(PipelineName name) {
    send(HttpRequest.newBuilder(control.resolve("/api/pipelines/" + name)).DELETE());
  }

  /** Posts an event, and fails unless it was taken in. */
  void post(PipelineName pipeline, String link, CloudEvent event) {
    byte[] body =
        Objects.requireNonNull(
                EventFormatProvider.getInstance().resolveFormat(JsonFormat.CONTENT_TYPE))
            .serialize(event);
    HttpResponse<String> answer =
        send(
            HttpRequest.newBuilder(ingress.resolve("/events/%s/%s".formatted(pipeline, link)))
                .header("content-type", JsonFormat.CONTENT_TYPE)
                .POST(BodyPublishers.ofByteArray(body)));
    if (answer.statusCode() / 100 != 2) {
      throw new IllegalStateException("the event was not taken: " + answer.body());
    }
  }

  /** What the router answers, of one pipeline. */
  List<JsonNode> ask(String path, PipelineName pipeline) {
    try {
      List<JsonNode> own = new ArrayList<>();
      for (JsonNode each :
          Json.MAPPER.readTree(send(HttpRequest.newBuilder(control.resolve(path))).body())) {
        if (each.path("pipeline").asText().equals(pipeline.value())) {
          own.add(each);
        }
      }
      return own;
    } catch (IOException e) {
      throw new UncheckedIOException(path + " did not answer with JSON", e);
    }
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.timeout(LIMIT).build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the breadboard at %s does not answer: does koalja run still run?".formatted(control), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /**
   * Everything committed on topics, partition by partition; topics that are not there have none.
   */
  List<ConsumerRecord<byte[], byte[]>> read(List<String> topics) {
    List<TopicPartition> partitions = new ArrayList<>();
    Map<String, List<PartitionInfo>> all = consumer.listTopics();
    for (String topic : topics) {
      all.getOrDefault(topic, List.of())
          .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
    }
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      consumer.poll(Duration.ofMillis(100)).forEach(records::add);
    }
    return records;
  }

  /** How far topics are written, transactions that are open included. */
  Map<TopicPartition, Long> ends(List<String> topics) {
    List<TopicPartition> partitions = new ArrayList<>();
    Map<String, List<PartitionInfo>> all = consumer.listTopics();
    for (String topic : topics) {
      all.getOrDefault(topic, List.of())
          .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
    }
    return consumer.endOffsets(partitions);
  }

  @Override
  public void close() {
    consumer.close();
    http.close();
  }
}
