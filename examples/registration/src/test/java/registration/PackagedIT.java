package registration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The packaged app: forms, validation and a format of its own, over HTTP. */
class PackagedIT {
  private static final Path APP = Path.of("target", "quarkus-app");

  private final HttpClient http = HttpClient.newHttpClient();
  private Process process;
  private int port;

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
      line = output.readLine();
    }
    assertThat(line).as("the line that tells the port").isNotNull();
    port = Integer.parseInt(line.substring(listening.length()));
  }

  @AfterEach
  void stop() {
    process.destroyForcibly();
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
