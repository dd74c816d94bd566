package dev.koalja.platform;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.launch.BrokerProcess;
import dev.koalja.launch.FreePorts;
import dev.koalja.launch.LaunchException;
import dev.koalja.launch.ServiceProcess;
import dev.koalja.pipeline.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Broker, gateway and routers as on a cluster: a process each, and the functions' own, on free
 * loopback ports. Any of them may be killed and started again. Safe for threads.
 */
public final class Platform implements AutoCloseable {
  /** How long an answer may take; some processes that are asked are just being killed. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final BrokerProcess broker;
  private final Optional<KafkaAccess> access;
  private final ServiceProcess gateway;
  private final List<ServiceProcess> routers = new ArrayList<>();
  private final List<Integer> ports = freePorts(2);
  private final int ingress = ports.getFirst();
  private final int control = ports.getLast();
  private final List<Integer> routerControls = new ArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  /**
   * Starts everything.
   *
   * @param folder for data and logs
   * @param ephemeral whether the broker may lose what it has when it ends
   * @param apps name and folder of the function projects, built
   * @param routers how many, each with a slot of its own from 0
   */
  public Platform(Path folder, boolean ephemeral, Map<String, Path> apps, int routers) {
    this(folder, ephemeral, apps, routers, false, Optional.empty(), Map.of());
  }

  /**
   * The same with settings of one's own.
   *
   * @param broker a file of the broker's
   * @param gateway the gateway's
   */
  public Platform(
      Path folder, Map<String, Path> apps, int routers, Path broker, Map<String, String> gateway) {
    this(
        folder,
        false,
        apps,
        routers,
        false,
        Optional.of(new KafkaAccess(broker, Map.of())),
        gateway);
  }

  /**
   * The same where Kafka asks who comes.
   *
   * @param access how gateway and routers are let in; everything else uses the plain listener
   */
  public Platform(Path folder, Map<String, Path> apps, int routers, KafkaAccess access) {
    this(folder, false, apps, routers, false, Optional.of(access), Map.of());
  }

  /**
   * A second way to the broker.
   *
   * @param broker the broker's settings that open it
   * @param clients settings of Kafka's clients that use it, {@code bootstrap.servers} among them
   */
  public record KafkaAccess(Path broker, Map<String, String> clients) {
    public KafkaAccess {
      clients = Map.copyOf(clients);
    }
  }

  /** The platform in the run from which the start-up caches are made. */
  static Platform training(Path folder, Map<String, Path> apps) {
    return new Platform(folder, true, apps, 1, true, Optional.empty(), Map.of());
  }

  private Platform(
      Path folder,
      boolean ephemeral,
      Map<String, Path> apps,
      int routers,
      boolean training,
      Optional<KafkaAccess> access,
      Map<String, String> gatewaySettings) {
    broker =
        BrokerProcess.start(folder.resolve("kafka"), 0, ephemeral, access.map(KafkaAccess::broker));
    this.access = access;
    ServiceProcess started = null;
    try {
      Map<String, String> own = new HashMap<>(gatewaySettings);
      own.put("koalja.journal.db", folder.resolve("journal").toString());
      Map<String, String> settings = settings(ingress, control, own);
      Path log = folder.resolve("logs/gateway.log");
      started =
          training
              ? ServiceProcess.gatewayTraining(settings, StartupCaches.gateway(folder), log)
              : ServiceProcess.gateway(settings, Map.of(), log);
      for (int slot = 0; slot < routers; slot++) {
        startRouter(slot, folder, apps, training);
      }
    } catch (RuntimeException e) {
      // what runs already has nobody else to end it
      this.routers.forEach(ServiceProcess::close);
      if (started != null) {
        started.close();
      }
      broker.close();
      throw e;
    }
    gateway = started;
  }

  private void startRouter(int slot, Path folder, Map<String, Path> apps, boolean training) {
    Path logs = folder.resolve("logs/router-" + slot);
    List<Integer> two = freePorts(2);
    int routerControl = two.getFirst();
    Map<String, String> own = new HashMap<>();
    own.put("koalja.router.slot", "" + slot);
    own.put("koalja.router.park-from", "100ms"); // so that rounds of seconds see it
    own.put("koalja.serving.logs", logs.toString());
    own.put("koalja.serving.cache", "require"); // what is measured or killed is what is meant
    apps.forEach(
        (name, project) ->
            own.put("koalja.serving.apps.\"" + name + "\"", project.toAbsolutePath().toString()));
    Map<String, String> settings = settings(two.getLast(), routerControl, own);
    Path log = logs.resolve("router.log");
    routers.add(
        training
            ? ServiceProcess.routerTraining(settings, StartupCaches.router(folder), log)
            : ServiceProcess.router(settings, Map.of(), log));
    routerControls.add(routerControl);
  }

  private Map<String, String> settings(int port, int managementPort, Map<String, String> own) {
    Map<String, String> settings = new HashMap<>(own);
    settings.put("kafka.bootstrap.servers", broker.bootstrapServers());
    access.ifPresent(
        each -> each.clients().forEach((name, value) -> settings.put("kafka." + name, value)));
    settings.put("quarkus.http.port", "" + port);
    settings.put("quarkus.management.port", "" + managementPort);
    return settings;
  }

  /** A loopback port that nobody listens on now. */
  public static int freePort() {
    return freePorts(1).getFirst();
  }

  private static List<Integer> freePorts(int count) {
    try {
      return FreePorts.choose(count);
    } catch (IOException e) {
      throw new IllegalStateException("no free port", e);
    }
  }

  /** The broker's process. */
  public BrokerProcess broker() {
    return broker;
  }

  /** The gateway's process. */
  public ServiceProcess gateway() {
    return gateway;
  }

  /** The routers' processes, by slot. */
  public List<ServiceProcess> routers() {
    return List.copyOf(routers);
  }

  /** Puts a pipeline file in force. */
  public void apply(String pipeline, String yaml) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(uri(control, "/api/pipelines/" + pipeline))
                .timeout(Duration.ofMinutes(10))
                .header("content-type", "application/yaml")
                .PUT(BodyPublishers.ofString(yaml))
                .build(),
            BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IllegalStateException("not applied: " + response.body());
    }
  }

  /**
   * An event to post.
   *
   * @param id its id
   * @param key its key
   * @param contentType what its data is
   * @param data its data
   * @param halt how long the data stays away after the head of the request
   */
  public record Event(String id, String key, String contentType, String data, Duration halt) {}

  /** One try to post an event with text as data; true when it was answered 2xx. */
  public boolean post(String pipeline, String link, String id, String key, String data)
      throws InterruptedException {
    return post(pipeline, link, new Event(id, key, "text/plain", data, Duration.ZERO));
  }

  /** One try to post an event; true when it was answered 2xx. */
  public boolean post(String pipeline, String link, Event event) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri(ingress, "/events/" + pipeline + "/" + link))
            .timeout(PATIENCE)
            .header("ce-id", event.id())
            .header("ce-source", "/platform")
            .header("ce-type", "platform.event")
            .header("ce-specversion", "1.0")
            .header("ce-partitionkey", event.key())
            .header("content-type", event.contentType())
            .POST(body(event))
            .build();
    try {
      return http.send(request, BodyHandlers.discarding()).statusCode() / 100 == 2;
    } catch (IOException _) {
      return false;
    }
  }

  private static BodyPublisher body(Event event) {
    if (event.halt().isZero()) {
      return BodyPublishers.ofString(event.data());
    }
    byte[] data = event.data().getBytes(StandardCharsets.UTF_8);
    return BodyPublishers.ofInputStream(
        () ->
            new ByteArrayInputStream(data) {
              private boolean halted;

              @Override
              public int read(byte[] into, int from, int length) {
                if (!halted) {
                  halted = true;
                  LockSupport.parkNanos(event.halt().toNanos());
                }
                return super.read(into, from, length);
              }
            });
  }

  /** Process ids of the functions that run now; a router that is down or busy is left out. */
  public List<Long> functions() throws InterruptedException {
    List<Long> pids = new ArrayList<>();
    for (int slot = 0; slot < routers.size(); slot++) {
      pids.addAll(functions(slot));
    }
    return pids;
  }

  /** The same, of one router. */
  public List<Long> functions(int slot) throws InterruptedException {
    List<Long> pids = new ArrayList<>();
    try {
      for (JsonNode app : apps(slot)) {
        app.path("instances").forEach(instance -> pids.add(instance.path("pid").asLong()));
      }
    } catch (IOException _) {
      // the router is just being killed
    }
    return pids.stream().filter(pid -> pid > 0).toList();
  }

  /** What a router says of the processes of its apps. */
  public JsonNode apps(int slot) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri(routerControls.get(slot), "/serving/apps"))
            .timeout(PATIENCE)
            .build();
    return Json.MAPPER.readTree(http.send(request, BodyHandlers.ofString()).body());
  }

  /** How the readers of a router stand, as it says itself. */
  public JsonNode readers(int slot) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri(routerControls.get(slot), "/router/readers"))
            .timeout(PATIENCE)
            .build();
    return Json.MAPPER.readTree(http.send(request, BodyHandlers.ofString()).body());
  }

  /** Every process that an event costs processor time, by part. */
  public Map<String, List<Long>> processes() throws InterruptedException {
    return Map.of(
        "broker", List.of(broker.process().pid()),
        "router", routers.stream().map(router -> router.process().pid()).toList(),
        "function", functions(),
        "gateway", List.of(gateway.process().pid()));
  }

  /** Everything committed on a topic, per partition in order. */
  public List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    return CommittedRecords.read(broker.bootstrapServers(), topic);
  }

  /** Starts a process again; it may need several tries while another is down too. */
  public static void untilStarted(Runnable restart) {
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

  private static URI uri(int port, String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  @Override
  public void close() {
    routers.forEach(ServiceProcess::close);
    gateway.close();
    broker.close();
    http.close();
  }
}
