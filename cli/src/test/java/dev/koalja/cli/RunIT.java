package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.breadboard.Plan;
import dev.koalja.pipeline.Json;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The first ten minutes: a project of one's own, made, built and run outside the repository. */
@Timeout(400)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RunIT {
  @TempDir static Path dir;
  private Path shop;
  private Process run;
  private final int ingress = Plan.freePort(0);

  @BeforeAll
  void start() throws Exception {
    Command.run(dir, "init", "shop").succeeded();
    shop = dir.resolve("shop");
    run =
        Command.start(
            shop,
            "run",
            "run",
            "--port=" + ingress,
            "--control-port=" + Plan.freePort(0),
            "--kafka-port=" + Plan.freePort(0));
    await()
        .atMost(Duration.ofMinutes(4))
        .until(() -> Command.out(shop, "run").contains("Ctrl-C stops") || !run.isAlive());
    assertThat(run.isAlive()).as(Command.err(shop, "run")).isTrue();
  }

  @AfterAll
  void stop() throws Exception {
    if (run.isAlive()) {
      Command.run(shop, "stop").succeeded();
      assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(run.exitValue()).isZero();
    assertThat(shop.resolve(".koalja/breadboard.json")).doesNotExist();
    assertThat(shop.resolve(".koalja/kafka/format")).exists();
  }

  @Test
  void shouldCarryAnOrderToItsReceiptAndTraceItBack() throws Exception {
    Command.run(
            shop,
            "send",
            "order",
            "{\"id\":\"o-1\",\"customer\":\"ann\",\"items\":[{\"sku\":\"A\",\"qty\":2}]}")
        .succeeded();

    JsonNode receipt = awaitEvent("receipts");
    assertThat(receipt.path("data").asText()).isEqualTo("o-1: 19.90 for ann");
    assertThat(receipt.path("key").asText()).isEqualTo("ann");

    Command.Result trace = Command.run(shop, "trace", receipt.path("id").asText()).succeeded();
    assertThat(trace.out()).contains("receipts ", "└─ receipt@1", "└─ price@1", "order ");
    String id = receipt.path("id").asText();
    String shortened = id.substring(0, 4) + "…" + id.substring(id.length() - 8);
    assertThat(Command.run(shop, "trace", shortened).succeeded().out()).isEqualTo(trace.out());

    assertThat(Command.run(shop, "status").succeeded().out())
        .containsPattern("(?m)^TASK +INPUTS +STATE +INSTANCES +IN FLIGHT +LAG +DONE")
        .containsPattern("(?m)^price +order ");
    assertThat(Command.run(shop, "link", "list").succeeded().out())
        .contains("koalja.shop.receipts");
    assertThat(Command.run(shop, "task", "list").succeeded().out()).contains("receipt");
    assertThat(Command.run(shop, "graph").succeeded().out())
        .isEqualTo("http ─▶ order ─▶ price ─▶ priced ─▶ receipt ─▶ receipts\n");
    assertThat(Command.run(shop, "logs", "shop").succeeded().out()).contains("listening on port");
    assertThat(Command.out(shop, "run")).contains("─▶ price ─▶ priced");
  }

  @Test
  void shouldShowDeadLettersAndSendThemBack() throws Exception {
    Command.run(
            shop,
            "send",
            "order",
            "{\"id\":\"o-9\",\"customer\":\"bob\",\"items\":[{\"sku\":\"Z\",\"qty\":1}]}")
        .succeeded();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> Command.run(shop, "deadletter", "list").out().contains("unknown sku Z"));

    Command.Result retry =
        Command.run(shop, "deadletter", "retry", "--task", "price", "--cause", "unknown sku Z");

    assertThat(retry.succeeded().out()).isEqualTo("1 event sent back.\n");
  }

  @Test
  void shouldSayWhatIsWrongWithWhatIsSent() throws Exception {
    Command.Result notJson = Command.run(shop, "send", "order", "{\"id\":");
    assertThat(notJson.status()).isEqualTo(Exit.USAGE);
    assertThat(notJson.err()).contains("400", "line 1 column 7").hasLineCount(1);
    Command.Result nowhere = Command.run(shop, "send", "orders", "{}");
    assertThat(nowhere.status()).isEqualTo(Exit.USAGE);
    assertThat(nowhere.err()).contains("404", "orders");
    assertThat(Command.run(shop, "send", "my order", "{}").status()).isEqualTo(Exit.USAGE);
  }

  @Test
  void shouldRenderTheKnativeServiceOfItsApp() throws Exception {
    assertThat(Command.run(shop, "render").succeeded().out())
        .contains("apiVersion: serving.knative.dev/v1", "kind: Service", "shop:1.0.0-SNAPSHOT");
    JsonNode services = Json.MAPPER.readTree(Command.run(shop, "render", "--json").out());
    assertThat(services.findValuesAsText("kind")).contains("Service");
    assertThat(Command.run(shop, "render", "--version=1.3").succeeded().out()).contains("shop:1.3");
    Command.Result unknown = Command.run(shop, "render", "--image", "shpo=registry.example/shop:1");
    assertThat(unknown.status()).isEqualTo(Exit.USAGE);
    assertThat(unknown.err()).contains("did you mean \"shop\"?").hasLineCount(1);
  }

  @Test
  void shouldRefuseToRunTwice() throws Exception {
    Command.Result second = Command.run(shop, "run");
    assertThat(second.status()).isEqualTo(Exit.USAGE);
    assertThat(second.err()).contains("runs already", String.valueOf(run.pid())).hasLineCount(1);
  }

  @Test
  void shouldNameAPortThatIsInUseBeforeBuildingAnything() throws Exception {
    Path other = Files.createDirectories(dir.resolve("other"));
    Files.writeString(
        other.resolve("pipeline.yaml"),
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: other}
        spec: {links: [{name: a}]}
        """);
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int port = socket.getLocalPort();
      Command.Result result = Command.run(other, "run", "--port=" + port);
      assertThat(result.status()).isEqualTo(Exit.UNAVAILABLE);
      assertThat(result.err()).contains("port " + port, "--port").hasLineCount(1);
    }
  }

  @Test
  void shouldSayThatKafkaIsNotReachable() throws Exception {
    Path other = Files.createDirectories(dir.resolve("unreachable"));
    Files.writeString(other.resolve("pipeline.yaml"), "apiVersion: koalja.dev/v1alpha1\n");
    Command.Result result =
        Command.run(
            other,
            "run",
            "--port=" + Plan.freePort(0),
            "--control-port=" + Plan.freePort(0),
            "--kafka=127.0.0.1:" + Plan.freePort(0));
    assertThat(result.status()).isEqualTo(Exit.UNAVAILABLE);
    assertThat(result.err()).contains("Kafka at 127.0.0.1").hasLineCount(1);
  }

  @Test
  void shouldListEveryProblemOfAPipelineFileAndStartNothing() throws Exception {
    Path other = Files.createDirectories(dir.resolve("broken"));
    Files.writeString(
        other.resolve("pipeline.yaml"),
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: Broken}
        spec:
          tasks:
          - {name: a, function: {app: x}, inputs: [{name: i, link: A}]}
        """);
    Command.Result result =
        Command.run(
            other,
            "run",
            "--port=" + Plan.freePort(0),
            "--control-port=" + Plan.freePort(0),
            "--kafka-port=" + Plan.freePort(0));
    assertThat(result.status()).isEqualTo(Exit.USAGE);
    assertThat(result.err())
        .contains("pipeline.yaml:3:", "pipeline.yaml:6:", "2 problems. Nothing was started.");
    assertThat(other.resolve(".koalja/kafka")).doesNotExist();
    assertThat(other.resolve(".koalja/breadboard.json")).doesNotExist();
  }

  @Test
  void shouldTestTheCircuitAndRealEventsInMemoryAndOnTheBreadboard() throws Exception {
    Command.run(
            shop,
            "send",
            "order",
            "{\"id\":\"o-1\",\"customer\":\"ann\",\"items\":[{\"sku\":\"A\",\"qty\":2}]}")
        .succeeded();
    awaitEvent("priced");
    Command.run(shop, "capture", "priced", "--last", "20").succeeded();

    Set<String> inMemory = tests("memory");
    assertThat(inMemory)
        .containsExactly(
            "CapturedPricedTest.takesRealEvents",
            "CircuitTest.givesUpWhatIsNotForSale",
            "CircuitTest.writesAReceiptForAnOrder");
    assertThat(tests("breadboard")).isEqualTo(inMemory);
  }

  /** Runs the tests of the project, and says which passed. */
  private Set<String> tests(String where) throws Exception {
    Path reports = shop.resolve("target/surefire-reports");
    Path said = dir.resolve("tests-" + where + ".log");
    ProcessBuilder maven =
        new ProcessBuilder(
                "mvn", "-B", "-o", "-q", "test", "-Dkoalja.test=" + where, "-Dtest=C*Test")
            .directory(shop.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    maven.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = maven.start();
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(said)).isZero();
    Set<String> passed = new TreeSet<>();
    try (Stream<Path> files = Files.list(reports)) {
      for (Path file : files.filter(each -> each.toString().endsWith("Test.xml")).toList()) {
        String report = Files.readString(file);
        assertThat(report)
            .contains("name=\"koalja.test\" value=\"" + where + "\"")
            .doesNotContain("<skipped");
        Pattern.compile("<testcase name=\"(\\w+).*? classname=\"[\\w.]*\\.(\\w+)\"")
            .matcher(report)
            .results()
            .forEach(test -> passed.add(test.group(2) + "." + test.group(1)));
      }
    }
    return passed;
  }

  private JsonNode awaitEvent(String link) throws Exception {
    try {
      return await()
          .atMost(Duration.ofSeconds(120))
          .until(() -> events(link), events -> !events.isEmpty())
          .getLast();
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(
          "nothing on %s; status:%n%s%nrun:%n%s%napp:%n%s"
              .formatted(
                  link,
                  Command.run(shop, "status").out(),
                  Command.out(shop, "run"),
                  Command.run(shop, "logs", "shop").out()),
          e);
    }
  }

  private List<JsonNode> events(String link) throws Exception {
    List<JsonNode> events = new ArrayList<>();
    for (String line : Command.run(shop, "tail", link, "--no-follow", "--json").out().split("\n")) {
      if (!line.isBlank()) {
        events.add(Json.MAPPER.readTree(line));
      }
    }
    return events;
  }
}
