package dev.koalja.cli.breadboard;

import dev.koalja.cli.control.ControlClient;
import dev.koalja.launch.BrokerProcess;
import dev.koalja.launch.FreePorts;
import dev.koalja.launch.KoaljaHome;
import dev.koalja.launch.ServiceProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Starts the breadboard once so that the JVM learns how, and writes its start-up cache. Run by the
 * build, never by people.
 */
final class CacheTraining {
  private static final String PIPELINE =
      """
      apiVersion: koalja.dev/v1alpha1
      kind: Pipeline
      metadata: {name: training}
      spec:
        triggers: [{name: hook, link: order, webhook: {scheme: none}}]
        tasks:
        - {name: price, function: {app: training}, inputs: [{name: order, link: order}]}
      """;

  private static final Duration WRITING = Duration.ofMinutes(3);

  private CacheTraining() {}

  /** The only argument is an empty folder for what the run leaves. */
  public static void main(String... words) throws IOException {
    Path state = Files.createDirectories(Path.of(words[0]));
    List<Integer> ports = FreePorts.choose(2);
    int ingress = ports.getFirst();
    int control = ports.getLast();
    try (BrokerProcess broker = BrokerProcess.start(state.resolve("kafka"), 0, true)) {
      Map<String, String> settings = new HashMap<>();
      settings.put("quarkus.http.port", String.valueOf(ingress));
      settings.put("quarkus.management.port", String.valueOf(control));
      settings.put("kafka.bootstrap.servers", broker.bootstrapServers());
      settings.put("koalja.home.state", state.toString());
      Path cache = KoaljaHome.find().breadboardJar().resolveSibling("app.aot");
      try (ServiceProcess service =
          ServiceProcess.training(settings, cache, state.resolve("breadboard.log"))) {
        use(control, ingress);
        service.process().stop(WRITING); // the cache is written as the process ends
      }
    }
  }

  private static void use(int controlPort, int ingressPort) {
    byte[] yaml = PIPELINE.getBytes(StandardCharsets.UTF_8);
    byte[] event = "{}".getBytes(StandardCharsets.UTF_8);
    try (ControlClient control = new ControlClient(at(controlPort));
        ControlClient ingress = ControlClient.ofIngress(at(ingressPort), _ -> {})) {
      control.send(
          "PUT", "/api/pipelines/training", Map.of("Content-Type", "application/yaml"), yaml);
      ingress.send(
          "POST",
          "/events/order",
          Map.of(
              "Content-Type", "application/json",
              "ce-specversion", "1.0",
              "ce-id", "1",
              "ce-source", "/training",
              "ce-type", "training"),
          event);
      for (String path :
          List.of(
              "/api/pipelines",
              "/api/tasks",
              "/api/links",
              "/api/invocations?last=1",
              "/api/deadletters",
              "/router/readers",
              "/router/snapshots",
              "/serving/apps")) {
        control.get(path);
      }
    } catch (dev.koalja.cli.CliException e) {
      System.out.println("training: " + e.getMessage()); // the cache knows a little less then
    }
  }

  private static URI at(int port) {
    return URI.create("http://127.0.0.1:" + port);
  }
}
