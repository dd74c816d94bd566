package registration;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The packaged app: forms, validation and a format of its own, over HTTP. */
class PackagedIT {
  private static final Path APP = Path.of("target", "quarkus-app");

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer directory;
  private Process process;
  private int port;

  @BeforeEach
  void start() throws Exception {
    directory = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    directory.createContext("/", this::find);
    directory.start();
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
    builder
        .environment()
        .put(
            "QUARKUS_REST_CLIENT_DIRECTORY_URL",
            "http://127.0.0.1:" + directory.getAddress().getPort());
    builder.environment().put("DIRECTORY_TOKEN", "s3cret");
    builder.environment().put("WELCOME_WORD", "Salut");
    process = builder.start();
    BufferedReader output = process.inputReader();
    String listening = "koalja: listening on port ";
    String line = output.readLine();
    while (line != null && !line.startsWith(listening)) {
      line = output.readLine();
    }
    assertThat(line).as("the line that tells the port").isNotNull();
    port = Integer.parseInt(line.substring(listening.length()));
  }

  @AfterEach
  void stop() {
    process.destroyForcibly();
    directory.stop(0);
  }

  private void find(HttpExchange exchange) throws IOException {
    try (exchange) {
      asked.add(
          exchange.getRequestURI() + " " + exchange.getRequestHeaders().getFirst("Authorization"));
      byte[] person = "{\"town\":\"Berne\"}".getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, person.length);
      exchange.getResponseBody().write(person);
    }
  }

  @Test
  void takesAForm() throws Exception {
    HttpResponse<String> member =
        post(
            "register",
            "application/x-www-form-urlencoded",
            "name=Ann+B&mail=ann%40example.org&age=20&interest=birds&interest=bees");

    assertThat(member.body())
        .isEqualTo(
            "{\"mail\":\"ann@example.org\",\"name\":\"Ann B\",\"interests\":[\"birds\",\"bees\"]}");
    assertThat(member.statusCode()).isEqualTo(200);
    assertThat(member.headers().firstValue("ce-type")).contains("com.example.registered");
    assertThat(member.headers().firstValue("ce-subject")).contains("Ann%20B");
    assertThat(member.headers().firstValue("ce-partitionkey")).contains("ann@example.org");
    assertThat(member.headers().firstValue("ce-channel")).contains("web");
  }

  @Test
  void refusesAFormThatBreaksARuleOnceAndForAll() throws Exception {
    HttpResponse<String> refused =
        post("register", "application/x-www-form-urlencoded", "name=&mail=nobody&age=17");

    assertThat(refused.body())
        .contains(
            "\"code\":210",
            "\"detail\":\"invalid: form.age must be greater than or equal to 18; form.mail must be a"
                + " well-formed email address; form.name must not be blank\"")
        .doesNotContain("nobody");
    assertThat(refused.statusCode()).isEqualTo(422);
  }

  @Test
  void refusesAResultThatBreaksARule() throws Exception {
    String nobody = "{\"mail\":\"ann@example.org\",\"name\":\"Ann\",\"interests\":[]}";

    HttpResponse<String> refused = post("invite", "application/json", nobody);

    assertThat(refused.body())
        .contains("\"code\":205", "\"detail\":\"invalid: result.topics must not be empty\"");
    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(post("invite", "application/json", nobody.replace("[]", "[\"bees\"]")).body())
        .isEqualTo("{\"name\":\"Ann\",\"topics\":[\"bees\"]}");
  }

  @Test
  void writesInAFormatOfItsOwn() throws Exception {
    HttpResponse<String> line =
        post(
            "export",
            "application/json",
            "{\"mail\":\"ann@example.org\",\"name\":\"Ann \\\"B\\\"\",\"interests\":[]}");

    assertThat(line.body()).isEqualTo("\"ann@example.org\",\"Ann \"\"B\"\"\",\"[]\"");
    assertThat(line.headers().firstValue("content-type")).contains("text/csv");
    assertThat(line.headers().firstValue("ce-channel")).contains("export");
  }

  @Test
  void asksAnotherServiceWithTheRestClientOfQuarkus() throws Exception {
    HttpResponse<String> greeting =
        post("welcome", "application/json", "{\"name\":\"Ann\",\"mail\":\"ann@example.org\"}");

    assertThat(greeting.body()).isEqualTo("{\"text\":\"Salut, Ann of Berne\"}");
    assertThat(greeting.statusCode()).isEqualTo(200);
    assertThat(greeting.headers().firstValue("ce-dataschema"))
        .as("Quarkus' own mapper is no reason to know nothing of the data")
        .isPresent();
    assertThat(asked).containsExactly("/people/ann@example.org Bearer s3cret");
  }

  private HttpResponse<String> post(String task, String contentType, String data) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/" + task))
            .header("ce-specversion", "1.0")
            .header("ce-id", "1")
            .header("ce-source", "/test")
            .header("ce-type", "test")
            .header("Content-Type", contentType)
            .POST(HttpRequest.BodyPublishers.ofString(data))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
