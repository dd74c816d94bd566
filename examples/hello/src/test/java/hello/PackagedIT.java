package hello;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The app as it is packaged, started as a process and called over HTTP. */
class PackagedIT {
  private static final Path APP = Path.of("target", "quarkus-app");

  private final HttpClient http = HttpClient.newHttpClient();
  private Process process;
  private int port;
  private boolean started;

  @BeforeEach
  void start() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-XX:+UseCompactObjectHeaders",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:-AOTReplayTraining",
            "-XX:AOTCache=" + APP.resolve("app.aot"),
            "-XX:AOTMode=on")); // a cache that does not fit ends the process
    command.addAll(List.of("-jar", APP.resolve("quarkus-run.jar").toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PORT", "0");
    builder.environment().put("KOALJA_WATCH_PARENT", "true");
    process = builder.start();
    BufferedReader output = process.inputReader();
    String listening = "koalja: listening on port ";
    String line = output.readLine();
    while (line != null && !line.startsWith(listening)) {
      started |= line.matches("koalja: started in \\d+ ms");
      line = output.readLine();
    }
    assertThat(line).as("the line that tells the port").isNotNull();
    port = Integer.parseInt(line.substring(listening.length()));
  }

  private static String packagedCodeRevision() throws IOException {
    Path jar = APP.resolve("quarkus/generated-bytecode.jar");
    try (FileSystem files = FileSystems.newFileSystem(jar)) {
      return Files.readString(files.getPath("META-INF/koalja/code-revision"));
    }
  }

  @AfterEach
  void stop() {
    process.destroyForcibly();
  }

  @Test
  void greetsOverHttpAndEndsWithZeroOnSigterm() throws Exception {
    HttpResponse<String> greeting = greet("Ann");

    assertThat(greeting.statusCode()).isEqualTo(200);
    assertThat(greeting.body()).isEqualTo("Hello, Ann!");
    assertThat(greeting.headers().firstValue("ce-id")).contains("01J8.0");
    assertThat(greeting.headers().firstValue("ce-source")).contains("/apps/hello/greet");
    assertThat(greeting.headers().firstValue("ce-type")).contains("hello.greet.result");
    assertThat(greeting.headers().firstValue("ce-partitionkey")).contains("ann");
    assertThat(greeting.headers().firstValue("koalja-code-revision").orElse(""))
        .matches("0\\.1\\.0-SNAPSHOT\\+[0-9a-f]{10}")
        .as("what the package says without being started")
        .isEqualTo(packagedCodeRevision());
    assertThat(get("/health/ready").statusCode()).isEqualTo(200);
    assertThat(get("/metrics").body())
        .contains(
            "koalja_function_invocations_total{app=\"hello\",task=\"greet\",outcome=\"succeeded\"} 1");

    process.destroy();

    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void saysHowLongItsOwnCodeTookToStart() {
    assertThat(started).isTrue();
  }

  @Test
  void endsWhenTheProcessThatStartedItIsGone() throws Exception {
    assertThat(greet("Bob").body()).isEqualTo("Hello, Bob!");

    process.getOutputStream().close();

    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void keepsTheBudgetOfItsColdStart() throws Exception {
    assertThat(Files.readString(APP.resolve("cold-start.json")))
        .containsPattern("\"ratio\" : [1-9]")
        .containsPattern("\"onReferenceMs\" : \\d{2,3}\\.")
        .containsPattern("\"greet\" : 500");
  }

  @Test
  void hasItsCircuitBesideIt() throws Exception {
    assertThat(Files.readString(Path.of("target", "koalja", "pipeline.yaml")))
        .isEqualTo(
            """
            apiVersion: koalja.dev/v1alpha1
            kind: Pipeline
            metadata:
              name: hello
            spec:
              tasks:
              - name: greet
                function:
                  app: hello
                inputs:
                - name: name
                  link: name
                outputs:
                - name: result
                  link: greeting
            """);
  }

  private HttpResponse<String> greet(String name) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/greet"))
            .header("Koalja-Invocation", "01J8")
            .header("ce-specversion", "1.0")
            .header("ce-id", "1")
            .header("ce-source", "/test")
            .header("ce-type", "test")
            .header("ce-partitionkey", "ann")
            .header("Content-Type", "text/plain")
            .POST(HttpRequest.BodyPublishers.ofString(name))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
