package dev.koalja.knative.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.koalja.knative.serving.local.AppBuild;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process of an unpacked image, which changes nothing of the image. */
final class RunningImage {
  private RunningImage() {}

  /** It greets; from its start-up cache, without which it would not have started. */
  static void assertGreets(AppBuild build, Path log) throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Path root = build.javaHome().resolveSibling("");
    String before = FileTree.digest(List.of(root), "");
    Path classes = log.resolveSibling(log.getFileName() + ".classes");
    List<String> command = new ArrayList<>();
    command.add(build.javaHome().resolve("bin/java").toString());
    command.addAll(build.jvmFlags());
    command.add("-XX:AOTCache=" + build.startupCache().orElseThrow());
    command.add("-XX:AOTMode=on");
    command.add("-Xlog:class+load:file=" + classes);
    command.addAll(build.program());
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(build.workingDirectory().toFile());
    builder.environment().clear(); // a container has what the image and the platform give it
    builder.environment().putAll(build.environment());
    builder
        .environment()
        .putAll(
            Map.of(
                "PORT", Integer.toString(port),
                "KOALJA_HOST", "127.0.0.1",
                "K_SERVICE", "hello",
                "K_REVISION", "hello-00001",
                "K_CONFIGURATION", "hello"));
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/greet"))
              .header("ce-specversion", "1.0")
              .header("ce-id", "1")
              .header("ce-source", "/test")
              .header("ce-type", "name")
              .header("Content-Type", "text/plain")
              .POST(HttpRequest.BodyPublishers.ofString("Ann"))
              .build();
      HttpResponse<String> answer =
          await()
              .atMost(Duration.ofSeconds(30))
              .pollInterval(Duration.ofMillis(20))
              .ignoreExceptionsInstanceOf(IOException.class)
              .until(
                  () -> {
                    assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
                    return http.send(request, HttpResponse.BodyHandlers.ofString());
                  },
                  each -> each.statusCode() == 200);
      assertThat(answer.body()).contains("Hello, Ann!");
      assertThat(answer.headers().firstValue("ce-type")).isPresent();
    } finally {
      process.destroy();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
    // its root file system may be mounted read-only: whoever runs the tests may be root, so look
    assertThat(FileTree.digest(List.of(root), "")).as("files of the image").isEqualTo(before);
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    List<String> loaded = Files.readAllLines(classes);
    long cached = loaded.stream().filter(line -> line.contains("shared objects file")).count();
    assertThat(cached).isGreaterThan(loaded.size() * 8L / 10);
  }
}
