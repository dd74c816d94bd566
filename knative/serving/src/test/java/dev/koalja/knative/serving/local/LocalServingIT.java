package dev.koalja.knative.serving.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.koalja.knative.serving.AppStatus;
import dev.koalja.knative.serving.InstanceStatus;
import dev.koalja.knative.serving.Lease;
import dev.koalja.knative.serving.UnavailableException;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalServingIT {
  private static final PipelineName SHOP = new PipelineName("shop");
  private static final AppName APP = new AppName("prices");
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path folder;
  private final AppCatalog catalog = new AppCatalog();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private LocalServing serving;

  @BeforeEach
  void open() {
    serving = new LocalServing(catalog, folder.resolve("logs"));
  }

  @AfterEach
  void closeAll() {
    List<Long> pids = pids();
    serving.close();
    http.close();
    assertThat(pids)
        .noneMatch(pid -> ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
  }

  static AppBuild build(String revision, Map<String, String> environment) {
    return new AppBuild(
        APP,
        revision,
        List.of("-cp", testClasses(), FunctionMain.class.getName()),
        Path.of("."),
        environment,
        Path.of(System.getProperty("java.home")),
        AppBuild.FLAGS,
        Optional.empty());
  }

  static String testClasses() {
    return Path.of(
            URI.create(
                FunctionMain.class.getProtectionDomain().getCodeSource().getLocation().toString()))
        .toString();
  }

  private static Pipeline pipeline(String scale) {
    return PipelineReader.read(
        new PipelineReader.Source(
            "pipeline.yaml",
            """
            apiVersion: koalja.dev/v1alpha1
            kind: Pipeline
            metadata: {name: shop}
            spec:
              triggers:
              - {name: t, link: order, webhook: {scheme: none}}
              tasks:
              - {name: price, function: {app: prices, scale: %1$s}, inputs: [{name: o, link: order}]}
              - {name: tax, function: {app: prices, scale: %1$s}, inputs: [{name: o, link: order}]}
              - {name: ship, function: {app: prices, isolated: true, scale: %1$s}, inputs: [{name: o, link: order}]}
              - {name: audit, container: {image: "registry.example/audit:1"}, inputs: [{name: o, link: order}]}
            """
                .formatted(scale)));
  }

  private Pipeline apply(String scale) {
    Pipeline pipeline = pipeline(scale);
    serving.apply(new Definition(pipeline, 1));
    return pipeline;
  }

  private Lease acquire(Pipeline pipeline, String task) throws Exception {
    return serving.acquire(SHOP, task(pipeline, task), LIMIT);
  }

  private static Task task(Pipeline pipeline, String task) {
    return pipeline.task(task).orElseThrow();
  }

  private String post(Lease lease, String query) throws Exception {
    return http.send(
            HttpRequest.newBuilder(URI.create(lease.endpoint() + query))
                .timeout(Duration.ofSeconds(30))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private List<Long> pids() {
    return serving.status().stream()
        .flatMap(status -> status.instances().stream())
        .map(InstanceStatus::pid)
        .toList();
  }

  private AppStatus status() {
    return serving.status().stream()
        .filter(status -> status.tasks().toString().contains("price"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldStartFromZeroServeTheWholeAppAndGoBackToZero() throws Exception {
    catalog.put(build("1", Map.of()));
    Heard heard = new Heard();
    serving.onStart(heard);
    Pipeline pipeline = apply("{idle: 1s}");
    assertThat(pids()).isEmpty();

    String price;
    try (Lease lease = acquire(pipeline, "price")) {
      price = post(lease, "");
      assertThat(lease.coldStart()).isPresent();
      assertThat(lease.instance()).isEqualTo("process " + price);
      assertThat(lease.endpoint().getHost()).isEqualTo("127.0.0.1");
    }
    try (Lease lease = acquire(pipeline, "tax")) {
      assertThat(post(lease, "")).as("a chain inside an app costs one start").isEqualTo(price);
      assertThat(lease.coldStart()).isEmpty();
    }
    try (Lease lease = acquire(pipeline, "ship")) {
      assertThat(post(lease, "")).as("isolated has its own").isNotEqualTo(price);
    }
    assertThat(heard.starts).hasSize(2).allMatch(start -> start.total().toMillis() > 0);
    assertThat(heard.replies).hasSize(2);
    assertThat(status().starts().median()).isPresent();

    await().atMost(Duration.ofSeconds(30)).until(() -> pids().isEmpty());
    assertThat(ProcessHandle.of(Long.parseLong(price))).isEmpty();
    assertThat(status().reason()).isEmpty();
    assertThat(serving.lastLines(APP, 100))
        .contains("[" + price + "] revision 1 of prices")
        .anyMatch(line -> line.contains("koalja: listening on port"));
  }

  @Test
  void shouldStartAProgramThatDoesNotSayThatItListens() throws Exception {
    catalog.put(build("1", Map.of("SILENT", "true")));
    Pipeline pipeline = apply("{}");
    try (Lease lease = acquire(pipeline, "price")) {
      assertThat(post(lease, "")).isNotEmpty();
    }
  }

  @Test
  void shouldSayWhyAProcessDidNotStartAndUseTheNextBuildAtOnce() throws Exception {
    catalog.put(build("1", Map.of("EXIT_AT_START", "7")));
    Pipeline pipeline = apply("{}");
    assertThatThrownBy(() -> acquire(pipeline, "price"))
        .isInstanceOf(UnavailableException.class)
        .hasMessage(
            "process of app prices ended with 7 while starting: cannot reach the price list");
    assertThat(status().reason()).isPresent();

    catalog.put(build("2", Map.of()));
    try (Lease lease = acquire(pipeline, "price")) {
      assertThat(post(lease, "")).isNotEmpty();
    }
    assertThat(status().reason()).isEmpty();
  }

  @Test
  void shouldStopAProcessThatNeverBecomesReady() throws Exception {
    LocalSettings hasty =
        new LocalSettings(
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            100,
            Duration.ofMillis(100));
    serving.close();
    serving = new LocalServing(catalog, folder.resolve("logs"), hasty);
    catalog.put(build("1", Map.of("HANG_AT_START", "true")));
    Pipeline pipeline = apply("{}");
    assertThatThrownBy(() -> acquire(pipeline, "price"))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("was not ready within 2 s");
  }

  @Test
  void shouldFinishWhatIsInFlightWhenItStops() throws Exception {
    catalog.put(build("1", Map.of()));
    Pipeline pipeline = apply("{}");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Lease lease = acquire(pipeline, "price");
      Future<String> answer =
          threads.submit(
              () -> {
                try (lease) {
                  return post(lease, "?1500");
                }
              });
      await().until(() -> status().instances().getFirst().inFlight() == 1);
      serving.remove("shop");
      assertThat(answer.get(20, TimeUnit.SECONDS)).isNotEmpty();
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> pids().isEmpty());
  }

  @Test
  void shouldKillAProcessThatDoesNotEndWhenAsked() throws Exception {
    LocalSettings hasty =
        new LocalSettings(
            Duration.ofSeconds(30),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            100,
            Duration.ofMillis(100));
    serving.close();
    serving = new LocalServing(catalog, folder.resolve("logs"), hasty);
    catalog.put(build("1", Map.of("IGNORE_TERM", "true")));
    acquire(apply("{}"), "price").close();
    long pid = pids().getFirst();
    serving.remove("shop");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false), alive -> !alive);
  }

  @Test
  void shouldCloseWithinItsLimitWhateverItsProcessesDo() throws Exception {
    LocalSettings hasty =
        new LocalSettings(
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(1),
            100,
            Duration.ofMillis(100));
    serving.close();
    serving = new LocalServing(catalog, folder.resolve("logs"), hasty);
    catalog.put(build("1", Map.of("IGNORE_TERM", "true")));
    Pipeline pipeline = apply("{}");
    acquire(pipeline, "ship").close();
    serving.apply(new Definition(pipeline("{}"), 2));
    try (Lease inFlight = acquire(pipeline, "price")) {
      List<Long> pids = pids();
      assertThat(pids).hasSize(2);
      long begin = System.nanoTime();
      serving.close();
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .as("with %s still in use", inFlight.instance())
          .isLessThan(Duration.ofSeconds(5));
      assertThat(pids)
          .noneMatch(pid -> ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
    }
  }

  @Test
  void shouldReplaceTheBuildWithoutRefusingARequest() throws Exception {
    catalog.put(build("1", Map.of()));
    Pipeline pipeline = apply("{}");
    String old;
    try (Lease lease = acquire(pipeline, "price")) {
      old = post(lease, "");
    }
    catalog.put(build("2", Map.of()));
    Set<String> seen = ConcurrentHashMap.newKeySet();
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              try (Lease lease = acquire(pipeline, "price")) {
                seen.add(post(lease, ""));
              }
              return status().instances().stream().allMatch(i -> i.revision().equals("2"));
            });
    assertThat(seen).contains(old).hasSize(2);
  }

  @Test
  void shouldScaleOutAndNeverExceedTheConcurrency() throws Exception {
    catalog.put(build("1", Map.of()));
    Pipeline pipeline = apply("{max: 2, concurrency: 2, idle: 2s}");
    Set<String> processes = ConcurrentHashMap.newKeySet();
    List<Integer> inFlight = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> requests = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        requests.add(
            threads.submit(
                () -> {
                  try (Lease lease = acquire(pipeline, "price")) {
                    return processes.add(post(lease, "?100"));
                  }
                }));
      }
      while (!requests.stream().allMatch(Future::isDone)) {
        status().instances().forEach(instance -> inFlight.add(instance.inFlight()));
        Thread.onSpinWait();
      }
      for (Future<?> each : requests) {
        each.get();
      }
    }
    assertThat(processes).hasSize(2);
    assertThat(inFlight).allMatch(count -> count <= 2).contains(2);
    await().atMost(Duration.ofSeconds(30)).until(() -> pids().isEmpty());
  }

  @Test
  void shouldNeverLetAWaiterHangWhileProcessesAreKilled() throws Exception {
    catalog.put(build("1", Map.of()));
    Pipeline pipeline = apply("{max: 2, concurrency: 4}");
    int requests = "full".equals(System.getProperty("koalja.depth")) ? 6_000 : 600;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> all = new ArrayList<>();
      for (int i = 0; i < requests; i++) {
        int number = i;
        all.add(threads.submit(() -> untilAnswered(pipeline, number % 150 == 77)));
      }
      for (Future<Integer> each : all) {
        assertThat(each.get(300, TimeUnit.SECONDS)).isPositive();
      }
    }
    assertThat(status().starts().crashes()).isPositive();
    assertThat(status().waiting()).isZero();
  }

  /** Repeats as the router does; the first attempt of a killer ends the process it got. */
  private int untilAnswered(Pipeline pipeline, boolean killer) throws Exception {
    for (int attempt = 1; ; attempt++) {
      try (Lease lease = acquire(pipeline, "price")) {
        if (killer && attempt == 1) {
          long pid = Long.parseLong(lease.instance().replace("process ", ""));
          ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
        try {
          post(lease, "?5");
          return attempt;
        } catch (IOException e) {
          lease.failed();
        }
      } catch (UnavailableException e) {
        assertThat(e).hasMessageContaining("prices");
      }
    }
  }

  @Test
  void shouldStartAheadOfNeedAndCountWhatWasWasted() throws Exception {
    catalog.put(build("1", Map.of()));
    Pipeline pipeline = apply("{idle: 1s}");
    serving.prewarm(SHOP, task(pipeline, "price"));
    await().until(() -> status().starts().ready() == 1);
    await().atMost(Duration.ofSeconds(30)).until(() -> pids().isEmpty());
    assertThat(status().starts().wasted()).isEqualTo(1);
  }

  @Test
  void shouldKeepTheMinimumRunning() {
    catalog.put(build("1", Map.of()));
    apply("{min: 1, idle: 1s}");
    await().atMost(Duration.ofSeconds(30)).until(() -> status().starts().ready() == 1);
    List<Long> kept = status().instances().stream().map(InstanceStatus::pid).toList();
    assertThat(kept).hasSize(1);
    await()
        .atMost(Duration.ofSeconds(10))
        .during(Duration.ofSeconds(3))
        .until(() -> status().instances().stream().map(InstanceStatus::pid).toList(), kept::equals);
  }

  @Test
  void shouldSayWhatItCannotRun() {
    Pipeline pipeline = apply("{}");
    assertThatThrownBy(() -> acquire(pipeline, "price")).hasMessageContaining("run mvn package");
    assertThatThrownBy(() -> acquire(pipeline, "audit"))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("needs a cluster");
    assertThatThrownBy(() -> serving.lastLines(new AppName("unknown"), 1))
        .isInstanceOf(KoaljaException.class)
        .hasMessageContaining("unknown");
    assertThatThrownBy(() -> AppBuild.quarkus(APP, "1", folder))
        .hasMessageContaining("quarkus-run.jar is missing");
  }

  @Test
  void shouldFollowWhatProcessesPrint() throws Exception {
    catalog.put(build("1", Map.of()));
    Pipeline pipeline = apply("{}");
    try (LogFollower follower = serving.follow(APP, 10)) {
      acquire(pipeline, "price").close();
      assertThat(follower.next(Duration.ofSeconds(10)))
          .hasValueSatisfying(line -> assertThat(line).contains("revision 1 of prices"));
    }
  }
}
