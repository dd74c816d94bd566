package dev.koalja.knative.image;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A registry of this machine: the reference implementation, as Debian packages it. */
final class LocalRegistry implements AutoCloseable {
  private final Process process;
  private final int port;

  /** One that everybody may use. */
  LocalRegistry(Path folder) throws IOException {
    this(folder, List.of());
  }

  /**
   * One that asks who one is.
   *
   * @param users lines of {@code htpasswd}, with bcrypt; none: it does not ask
   */
  LocalRegistry(Path folder, List<String> users) throws IOException {
    Files.createDirectories(folder);
    String auth = "";
    if (!users.isEmpty()) {
      Path file = Files.write(folder.resolve("htpasswd"), users);
      auth = "auth: {htpasswd: {realm: test, path: %s}}%n".formatted(file);
    }
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Path config =
        Files.writeString(
            folder.resolve("registry.yml"),
            """
            version: 0.1
            log: {level: warn}
            storage: {filesystem: {rootdirectory: %s}}
            http: {addr: "127.0.0.1:%d"}
            """
                    .formatted(Files.createDirectories(folder.resolve("registry")), port)
                + auth);
    process =
        new ProcessBuilder("docker-registry", "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("registry.log").toFile())
            .start();
    int answer = users.isEmpty() ? 200 : 401;
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v2/")).build();
      await()
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(50))
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(
              () ->
                  http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode()
                      == answer);
    }
  }

  /** Whether this machine has all that these tests need. */
  static boolean isInstalled() {
    return List.of("docker-registry", "skopeo").stream()
        .allMatch(
            tool ->
                List.of(System.getenv("PATH").split(":")).stream()
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool))));
  }

  /** Its host and port, as references have it. */
  String name() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
