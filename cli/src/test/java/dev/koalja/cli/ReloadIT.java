package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.breadboard.Plan;
import dev.koalja.pipeline.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Changes of code and wiring while a circuit runs, one after the other on one circuit. */
@Timeout(600)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReloadIT {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final String SLOW =
      """
      package shop;

      import dev.koalja.function.Function;
      import dev.koalja.function.Input;
      import dev.koalja.function.Output;
      import java.math.BigDecimal;

      class Prices {
        @Function
        @Output("priced")
        Priced price(@Input("order") Order order) throws InterruptedException {
          Thread.sleep(30);
          return new Priced(order.id(), order.customer(), new BigDecimal("%s"));
        }
      %s}
      """;
  private static final String RECEIPT =
      """

        @Function
        @Output("receipts")
        String receipt(@Input("priced") Priced priced) {
          return priced.id() + " " + priced.total();
        }
      """;
  private static final String AUDIT =
      """

        @Function
        @Output("audited")
        String audit(@Input("priced") Priced priced) {
          return priced.id();
        }
      """;

  @TempDir static Path dir;
  private final HttpClient http = HttpClient.newHttpClient();
  private final int ingress = Plan.freePort(0);
  private final int debugger = 20_000 + ingress % 10_000;
  private Path shop;
  private Path prices;
  private Process run;
  private int sent;

  @BeforeAll
  void start() throws Exception {
    Command.run(dir, "init", "shop").succeeded();
    shop = dir.resolve("shop");
    prices = shop.resolve("src/main/java/shop/Prices.java");
    save(SLOW.formatted("1", RECEIPT));
    run =
        Command.start(
            shop,
            "run",
            "run",
            "--debug=" + debugger,
            "--port=" + ingress,
            "--control-port=" + Plan.freePort(0),
            "--kafka-port=" + Plan.freePort(0));
    awaitOut("Saved changes are brought in");
  }

  @AfterAll
  void stop() throws Exception {
    List<ProcessHandle> children = run.descendants().toList();
    Command.run(shop, "stop");
    assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(run.exitValue()).as(Command.err(shop, "run")).isZero();
    assertThat(children).hasSizeGreaterThanOrEqualTo(3).noneMatch(ProcessHandle::isAlive);
  }

  @Test
  @Order(1)
  void shouldChangeAtZeroWithoutStartingAnything() throws Exception {
    save(SLOW.formatted("2", RECEIPT));

    awaitOut("shop revision 2: price, receipt rebuilt in ");
    assertThat(Command.run(shop, "status", "--json").out()).contains("\"coldStarts\":0");
    send(1);
    assertThat(totals(1)).containsOnly(Map.entry("o-0", List.of("2")));
    awaitOut("Debugger of shop: attach to 127.0.0.1:" + debugger);
  }

  @Test
  @Order(2)
  void shouldChangeTheCodeUnderLoadAndLoseOrDoubleNothing() throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    Thread load = Thread.ofVirtual().start(() -> sendUntil(enough));
    await().atMost(LIMIT).until(() -> sent > 30);
    int before = sent;

    save(SLOW.formatted("3", RECEIPT));
    awaitOut("shop revision 3: price, receipt rebuilt in ");
    int after = sent;
    await().atMost(LIMIT).until(() -> sent > after + 30);
    enough.set(true);
    load.join();

    assertThat(after).as("events came meanwhile").isGreaterThan(before);
    Map<String, List<String>> totals = totals(sent);
    assertThat(totals).hasSize(sent);
    assertThat(totals.values()).allMatch(each -> each.size() == 1);
    assertThat(totals.get("o-" + (sent - 1))).containsExactly("3");
    assertThat(totals.get("o-" + (after + 10))).containsExactly("3");
    await().atMost(LIMIT).untilAsserted(() -> assertThat(pids()).hasSize(1));
    assertThat(builds()).as("kept for a rollback").contains("1", "2", "3");
    assertThat(Command.run(shop, "deadletter", "list", "--json").succeeded().out())
        .doesNotContain("price");
  }

  @Test
  @Order(3)
  void shouldSayWhatIsWrongAndGoOnWithTheOldCode() throws Exception {
    save(SLOW.formatted("4", RECEIPT).replace("Thread.sleep(30)", "Thread.slep(30)"));

    awaitErr("shop is not rebuilt, 1 problem: revision 3 goes on");
    assertThat(Command.err(shop, "run"))
        .containsPattern("src/main/java/shop/Prices\\.java:12:11  cannot find symbol.*slep");
    send(1);
    assertThat(totals(sent).get("o-" + (sent - 1))).containsExactly("3");
  }

  @Test
  @Order(4)
  void shouldKeepTheOldProcessWhenTheNewOneDoesNotStart() throws Exception {
    save(
        SLOW.formatted("5", RECEIPT)
            .replace(
                "class Prices {",
                """
                class Prices {
                  void begin(
                      @jakarta.enterprise.event.Observes io.quarkus.runtime.StartupEvent event) {
                    throw new IllegalStateException("no key");
                  }
                """));

    awaitErr("shop does not start");
    assertThat(Command.err(shop, "run")).contains("no key");
    send(1);
    assertThat(totals(sent).get("o-" + (sent - 1))).containsExactly("3");
  }

  @Test
  @Order(5)
  void shouldSayWhatIsWrongWithTheWiringAndKeepTheOldCircuit() throws Exception {
    save(SLOW.formatted("5", RECEIPT));
    awaitOut("revision 4: price, receipt rebuilt in ");
    Files.writeString(
        shop.resolve("pipeline.yaml"),
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: shop}
        spec:
          tasks: [{name: price, delivery: {atempts: 2}}]
        """);

    awaitErr("atempts");
    awaitErr("revision 4 goes on");
    Files.delete(shop.resolve("pipeline.yaml"));
    send(1);
    assertThat(totals(sent).get("o-" + (sent - 1))).containsExactly("5");
  }

  @Test
  @Order(6)
  void shouldAddAndRemoveFunctionsUnderLoad() throws Exception {
    await().atMost(LIMIT).until(() -> lastRevision() >= 5); // the file that is gone again
    long before = lastRevision();
    AtomicBoolean enough = new AtomicBoolean();
    Thread load = Thread.ofVirtual().start(() -> sendUntil(enough));

    save(SLOW.formatted("6", AUDIT));
    awaitOut("shop revision %d: audit, price rebuilt and wired anew in ".formatted(before + 1));
    int after = sent;
    await().atMost(LIMIT).until(() -> sent > after + 30);
    enough.set(true);
    load.join();

    Map<String, List<String>> totals = totals(sent);
    assertThat(totals).hasSize(sent);
    assertThat(totals.values()).allMatch(each -> each.size() == 1);
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              List<String> audited =
                  events("audited").stream().map(each -> each.path("data").asText()).toList();
              assertThat(audited)
                  .doesNotHaveDuplicates()
                  .containsAll(IntStream.range(after, sent).mapToObj(each -> "o-" + each).toList());
            });
    assertThat(Command.run(shop, "deadletter", "list").out())
        .doesNotContain("receipt", "audit", "price");
    assertThat(Command.run(shop, "graph").succeeded().out())
        .isEqualTo("http ─▶ order ─▶ price ─▶ priced ─▶ audit ─▶ audited\n");
  }

  @Test
  @Order(7)
  void shouldRollBackCodeAndWiringUnderLoadAndGoOnFromThere() throws Exception {
    long before = lastRevision();
    AtomicBoolean enough = new AtomicBoolean();
    Thread load = Thread.ofVirtual().start(() -> sendUntil(enough));
    int early = sent;
    await().atMost(LIMIT).until(() -> sent > early + 30);

    String said = Command.run(shop, "rollback").succeeded().out();

    assertThat(said)
        .containsPattern(
            "shop revision %d: back to revision \\d+, shop [^ ]+ → [^ ]+, wired as it was, 0 events lost, \\d+ waiting"
                .formatted(before + 1))
        .contains("http ─▶ order ─▶ price ─▶ priced ─▶ receipt ─▶ receipts");
    int after = sent;
    await().atMost(LIMIT).until(() -> sent > after + 30);
    enough.set(true);
    load.join();
    Map<String, List<String>> totals = totals(sent);
    assertThat(totals).hasSize(sent);
    assertThat(totals.values()).allMatch(each -> each.size() == 1);
    assertThat(totals.get("o-" + (after + 10))).containsExactly("5");
    assertThat(totals.get("o-" + early)).containsExactly("6");

    String listed = Command.run(shop, "revisions").succeeded().out();
    assertThat(listed)
        .containsPattern("(?m)^%d .* in force +shop .* rollback to \\d+: ".formatted(before + 1))
        .containsPattern("(?m)^%d .* kept +shop .* saved: .*, wired anew$".formatted(before));
    assertThat(Command.run(shop, "rollback", "shopp").err()).contains("did you mean \"shop\"?");
    assertThat(Command.run(shop, "rollback", "--to", "99").status()).isEqualTo(Exit.USAGE);

    save(SLOW.formatted("7", RECEIPT));
    awaitOut("shop revision %d: ".formatted(before + 2));
    send(1);
    assertThat(totals(sent).get("o-" + (sent - 1))).containsExactly("7");

    Command.run(shop, "rollback", "--to", "" + before).succeeded(); // what was left is not lost
    send(1);
    assertThat(totals(sent).get("o-" + (sent - 1))).containsExactly("6");
    assertThat(Command.run(shop, "revisions", "--json").succeeded().out())
        .contains("\"cause\":\"rollback\",\"restores\":" + before);
  }

  private long lastRevision() throws IOException {
    Matcher matcher = Pattern.compile("shop revision (\\d+)").matcher(Command.out(shop, "run"));
    return matcher.results().mapToLong(each -> Long.parseLong(each.group(1))).max().orElse(0);
  }

  private void save(String text) throws IOException {
    // as most editors do: beside it, then in its place
    Path fresh = prices.resolveSibling("Prices.java.tmp");
    Files.writeString(fresh, text);
    Files.move(fresh, prices, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  private void sendUntil(AtomicBoolean enough) {
    while (!enough.get()) {
      try {
        send(1);
      } catch (IOException | InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private void send(int count) throws IOException, InterruptedException {
    for (int i = 0; i < count; i++) {
      String id = "o-" + sent;
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:%d/events/shop/order".formatted(ingress)))
                  .header("ce-id", id)
                  .header("ce-source", "/reload")
                  .header("ce-type", "order")
                  .header("ce-specversion", "1.0")
                  .header("ce-partitionkey", "c-" + sent % 20)
                  .header("content-type", "application/json")
                  .POST(
                      BodyPublishers.ofString(
                          "{\"id\":\"%s\",\"customer\":\"c-%d\",\"items\":[]}"
                              .formatted(id, sent % 20)))
                  .build(),
              BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
      sent++;
    }
  }

  /** The totals of each order that was priced, once all of them are. */
  private Map<String, List<String>> totals(int orders) {
    return await()
        .atMost(LIMIT)
        .until(
            () ->
                events("priced").stream()
                    .map(each -> each.path("data"))
                    .collect(
                        Collectors.groupingBy(
                            each -> each.path("id").asText(),
                            TreeMap::new,
                            Collectors.mapping(
                                each -> each.path("total").asText(), Collectors.toList()))),
            each -> each.size() >= orders);
  }

  private List<JsonNode> events(String link) throws Exception {
    List<JsonNode> events = new ArrayList<>();
    String lines = Command.run(shop, "tail", link, "--from-start", "--no-follow", "--json").out();
    for (String line : lines.split("\n")) {
      if (!line.isBlank()) {
        events.add(Json.MAPPER.readTree(line));
      }
    }
    return events;
  }

  private List<Long> pids() throws Exception {
    List<Long> pids = new ArrayList<>();
    JsonNode status = Json.MAPPER.readTree(Command.run(shop, "status", "--json").out());
    status
        .path("apps")
        .forEach(app -> app.path("instances").forEach(each -> pids.add(each.path("pid").asLong())));
    return pids;
  }

  private List<String> builds() throws IOException {
    try (var folders = Files.list(shop.resolve(".koalja/builds/shop"))) {
      return folders.filter(Files::isDirectory).map(each -> each.getFileName().toString()).toList();
    }
  }

  private void awaitOut(String text) throws IOException {
    await("\"" + text + "\" in the output")
        .atMost(Duration.ofMinutes(4))
        .until(() -> Command.out(shop, "run").contains(text) || !run.isAlive());
    assertThat(Command.out(shop, "run")).as(Command.err(shop, "run")).contains(text);
  }

  private void awaitErr(String text) throws IOException {
    await("\"" + text + "\" in the errors")
        .atMost(Duration.ofMinutes(1))
        .until(() -> Command.err(shop, "run").contains(text) || !run.isAlive());
    assertThat(Command.err(shop, "run")).contains(text);
  }
}
