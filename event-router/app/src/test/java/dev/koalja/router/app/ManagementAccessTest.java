package dev.koalja.router.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ManagementAccessTest {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private static Config config(Map<String, String> settings) {
    return new SmallRyeConfigBuilder()
        .withSources(new PropertiesConfigSource(settings, "test", 100))
        .build();
  }

  /** A listener with a route of the router's and a probe, guarded with {@code settings}. */
  private int listen(Map<String, String> settings) throws Exception {
    Router router = Router.router(vertx);
    router.get("/serving/apps").handler(context -> context.response().end("[]"));
    router.get("/q/health/live").handler(context -> context.response().end("up"));
    new ManagementAccess(config(settings)).guard(() -> router);
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(router)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    return server.actualPort();
  }

  private static String get(int port, String path, String host, String more) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket
          .getOutputStream()
          .write(
              "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s\r\n"
                  .formatted(path, host, more)
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void shouldServeThisMachineOnlyOnLoopback() throws Exception {
    int port = listen(Map.of("quarkus.management.host", "127.0.0.1"));
    assertThat(get(port, "/serving/apps", "127.0.0.1:" + port, "")).startsWith("HTTP/1.1 200");
    assertThat(get(port, "/serving/apps", "evil.example", ""))
        .startsWith("HTTP/1.1 401")
        .containsIgnoringCase("WWW-Authenticate: Bearer")
        .contains("urn:koalja:error:unauthorized");
    assertThat(get(port, "/serving/apps", "localhost", "Origin: https://evil.example\r\n"))
        .startsWith("HTTP/1.1 401");
  }

  @Test
  void shouldAskForTheCredentialBeyondLoopbackButNotOfProbes() throws Exception {
    int port =
        listen(Map.of("quarkus.management.host", "0.0.0.0", "koalja.control.token", "t0ken"));
    assertThat(get(port, "/serving/apps", "router:9001", "")).startsWith("HTTP/1.1 401");
    assertThat(get(port, "/q/health/live", "10.0.0.7:9001", "")).startsWith("HTTP/1.1 200");
    assertThat(get(port, "/serving/apps", "router:9001", "Authorization: Bearer t0ken\r\n"))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void shouldNotStartBeyondLoopbackWithoutACredential() {
    assertThat(ManagementAccess.problem(config(Map.of("quarkus.management.host", "0.0.0.0"))))
        .get()
        .asString()
        .contains("koalja.control.token-file")
        .hasLineCount(1);
    assertThat(ManagementAccess.problem(config(Map.of()))).isEmpty();
  }
}
