package dev.koalja.knative.serving.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.koalja.knative.serving.AppStatus;
import dev.koalja.knative.serving.InstanceStatus;
import dev.koalja.knative.serving.Lease;
import dev.koalja.knative.serving.UnavailableException;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An app that somebody else runs: here a server of the test. */
@Timeout(60)
class AttachedAppTest {
  private static final PipelineName SHOP = new PipelineName("shop");
  private static final AppName APP = new AppName("prices");
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(300);

  @TempDir Path folder;
  private final AppCatalog catalog = new AppCatalog();
  private final Pipeline pipeline =
      PipelineReader.read(
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
                - name: price
                  function: {app: prices, scale: {max: 5, idle: 1s, concurrency: 2}}
                  inputs: [{name: o, link: order}]
              """));
  private LocalServing serving;
  private HttpServer app;
  private int port;
  private volatile boolean ready;

  @BeforeEach
  void open() throws IOException {
    app = listen(0);
    port = app.getAddress().getPort();
    serving = new LocalServing(catalog, folder.resolve("logs"));
    catalog.put(AppBuild.attached(APP, port));
    serving.apply(new Definition(pipeline, 1));
  }

  @AfterEach
  void close() {
    serving.close();
    app.stop(0);
  }

  private HttpServer listen(int at) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 0);
    server.createContext(
        "/health/ready",
        exchange -> {
          exchange.sendResponseHeaders(ready ? 200 : 503, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private Lease acquire(Duration limit) throws InterruptedException, UnavailableException {
    return serving.acquire(SHOP, pipeline.task("price").orElseThrow(), limit);
  }

  private CompletableFuture<Lease> acquiring() {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return acquire(LIMIT);
          } catch (InterruptedException | UnavailableException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private AppStatus status() {
    return serving.status().getFirst();
  }

  @Test
  void shouldWaitUntilItIsReadyAndSayWhatIsWaitedFor() throws Exception {
    assertThatThrownBy(() -> acquire(SHORT))
        .isInstanceOf(UnavailableException.class)
        .hasMessageEndingWith("the process attached at port " + port + " is not ready");
    CompletableFuture<Lease> waiting = acquiring();
    await().until(() -> status().waiting() == 1);

    ready = true;

    try (Lease lease = waiting.get(10, TimeUnit.SECONDS)) {
      assertThat(lease.endpoint()).isEqualTo(URI.create("http://127.0.0.1:" + port + "/price"));
      assertThat(lease.instance()).isEqualTo("port " + port);
      assertThat(lease.coldStart()).as("nothing was started").isEmpty();
    }
    assertThat(status().reason()).isEmpty();
    assertThat(status().starts().ready()).isZero();
  }

  @Test
  void shouldNeitherBeScaledNorLetGoWhenIdle() throws Exception {
    ready = true;
    try (Lease one = acquire(LIMIT);
        Lease two = acquire(LIMIT)) {
      assertThat(one.endpoint()).isEqualTo(two.endpoint());
      assertThatThrownBy(() -> acquire(Duration.ofSeconds(1)))
          .isInstanceOf(UnavailableException.class);
      assertThat(status().instances()).hasSize(1);
    }
    InstanceStatus before = status().instances().getFirst();

    // several times its idle time, and looks of the autoscaler
    await()
        .during(Duration.ofSeconds(3))
        .atMost(Duration.ofSeconds(8))
        .until(() -> status().instances().contains(before));
  }

  @Test
  void shouldBeMissedWhileItIsAwayAndUsedAgainWhenItComesBack() throws Exception {
    ready = true;
    acquire(LIMIT).close();

    app.stop(0);
    await()
        .untilAsserted(
            () ->
                assertThat(status().reason())
                    .contains("the process attached at port " + port + " is not ready"));
    CompletableFuture<Lease> waiting = acquiring();
    await().until(() -> status().waiting() == 1);
    assertThat(status().starts().crashes()).isZero();
    app = listen(port);

    waiting.get(5, TimeUnit.SECONDS).close();
    assertThat(status().instances()).hasSize(1);
  }

  @Test
  void shouldBeLookedAtWhenAConnectionBreaks() throws Exception {
    ready = true;
    Lease lease = acquire(LIMIT);
    ready = false;
    lease.failed();
    lease.close();

    assertThatThrownBy(() -> acquire(SHORT)).isInstanceOf(UnavailableException.class);

    ready = true;
    acquire(LIMIT).close();
  }

  @Test
  void shouldRefuseWhatIsNoPort() {
    assertThatThrownBy(() -> AppBuild.attached(APP, 70_000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("app prices: 70000 is no port");
  }
}
