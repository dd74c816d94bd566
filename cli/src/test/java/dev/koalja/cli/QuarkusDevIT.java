package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.koalja.cli.breadboard.Plan;
import dev.koalja.launch.KoaljaHome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code mvn quarkus:dev} in a new project, with a Maven that is new enough for it: the build has
 * fetched one.
 */
@Tag("long")
@Timeout(300)
class QuarkusDevIT {
  private static final Path MAVEN = KoaljaHome.find().root().resolve("cli/target/maven");
  private static final String READY = "Saved changes are brought in";
  private static final String ORDER =
      "{\"id\":\"%s\",\"customer\":\"ann\",\"items\":[{\"sku\":\"A\",\"qty\":2}]}";

  @TempDir Path dir;
  private Path shop;
  private Path prices;
  private Process maven;

  @BeforeEach
  void start() throws Exception {
    Command.run(dir, "init", "shop").succeeded();
    shop = dir.resolve("shop");
    prices = shop.resolve("src/main/java/shop/Prices.java");
    maven = quarkusDev("-o");
    await().atMost(Duration.ofMinutes(1)).until(() -> said().contains(READY) || !maven.isAlive());
    if (said().contains("offline")) {
      maven = quarkusDev("-B"); // the first time something may not be in the local repository yet
    }
    awaitText(READY);
  }

  private Process quarkusDev(String mode) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                program().toString(),
                "-B",
                mode,
                "quarkus:dev",
                "-Dquarkus.analytics.disabled=true",
                "-Dkoalja.dev.run-options=--port=%d,--control-port=%d,--kafka-port=%d"
                    .formatted(Plan.freePort(0), Plan.freePort(0), Plan.freePort(0)))
            .directory(shop.toFile())
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("dev.log").toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "KOALJA_HOME", KoaljaHome.find().root().toString(),
                "KOALJA_BUILD", "never",
                "JAVA_HOME", System.getProperty("java.home")));
    return builder.start();
  }

  @AfterEach
  void stop() throws Exception {
    List<ProcessHandle> all = maven.descendants().toList();
    maven.destroyForcibly().waitFor();
    all.forEach(ProcessHandle::destroyForcibly);
    for (ProcessHandle each : all) {
      each.onExit().get(1, TimeUnit.MINUTES); // it still writes to the folder that goes now
    }
  }

  private static Path program() throws IOException {
    try (var folders = Files.list(MAVEN)) {
      return folders.findFirst().orElseThrow().resolve("bin/mvn");
    }
  }

  private String said() throws IOException {
    // a line may end in half a character while it is written
    return new String(Files.readAllBytes(dir.resolve("dev.log")), StandardCharsets.UTF_8);
  }

  private void awaitText(String text) throws IOException {
    try {
      await().atMost(Duration.ofMinutes(1)).until(() -> said().contains(text) || !maven.isAlive());
    } catch (ConditionTimeoutException e) {
      // said below
    }
    assertThat(said()).contains(text);
  }

  /** Saves a change and waits until dev mode has brought it in. */
  private void change(String before, String after) throws IOException {
    int reloads = reloads();
    save(before, after);
    await("reload").atMost(Duration.ofMinutes(1)).until(() -> reloads() > reloads);
  }

  private int reloads() throws IOException {
    return said().split("Live reload total time", -1).length;
  }

  private void save(String before, String after) throws IOException {
    String source = Files.readString(prices);
    assertThat(source).contains(before);
    Files.writeString(prices, source.replace(before, after));
  }

  private void order(String id) throws Exception {
    Command.run(shop, "send", "order", ORDER.formatted(id)).succeeded();
  }

  private String tail(String link) throws Exception {
    return Command.run(shop, "tail", link, "--from-start", "--no-follow").succeeded().out();
  }

  private void awaitResult(String link, String text) {
    await("\"" + text + "\" on " + link)
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(tail(link)).contains(text));
  }

  @Test
  void shouldRunTheCircuitBringInCodeAndWiringAndHoldEventsWhileItIsBroken() throws Exception {
    order("o-1");
    awaitResult("receipts", "o-1: 19.90 for ann");

    change("%s: %s for %s", "%s costs %s for %s");
    order("o-2");
    awaitResult("receipts", "o-2 costs 19.90 for ann");

    // another function, on a link that was not there
    String end = "customer());\n  }\n}";
    change(
        end,
        """
        customer());
          }

          @Function
          @Output("thanks")
          String thank(@Input("receipts") String receipt) {
            return "Thank you. " + receipt;
          }
        }""");
    awaitText("shop revision 2: wired anew in");
    order("o-3");
    awaitResult("thanks", "Thank you. o-3 costs 19.90 for ann");

    // what does not compile changes nothing
    save("\"Thank you. \"", "\"Thank you. ");
    awaitText("unclosed string literal");
    order("o-4");
    awaitResult("thanks", "Thank you. o-4 costs 19.90 for ann");
    change("\"Thank you. ", "\"Thanks. \"");
    order("o-5");
    awaitResult("thanks", "Thanks. o-5 costs 19.90 for ann");

    // what compiles and is no circuit does not start: events wait, and no attempt is lost
    save("@Output(\"thanks\")", "@Output(\"many thanks\")");
    awaitText("1 problem in the circuit of shop");
    order("o-6");
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(Command.run(shop, "status").succeeded().out())
                    .contains("app shop: the process attached at port "));
    change("@Output(\"many thanks\")", "@Output(\"thanks\")");
    awaitResult("thanks", "Thanks. o-6 costs 19.90 for ann");
    assertThat(Command.run(shop, "deadletter", "list").succeeded().err())
        .isEqualTo("No dead letters.\n");

    List<ProcessHandle> all = maven.descendants().toList();
    assertThat(all).as("dev mode, koalja run, broker and breadboard").hasSize(4);
    maven.destroy();
    assertThat(maven.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(all).noneMatch(ProcessHandle::isAlive);
    assertThat(shop.resolve(".koalja/breadboard.json")).as("it ended in good order").doesNotExist();
  }

  @Test
  void shouldLeaveNoProcessBehindWhenMavenIsKilled() {
    List<ProcessHandle> all = maven.descendants().toList();
    assertThat(all).hasSize(4);

    maven.destroyForcibly();

    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(all).noneMatch(ProcessHandle::isAlive));
  }
}
