package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.breadboard.Plan;
import dev.koalja.pipeline.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a join waits for, and what became of an event: asked of a running circuit. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JoinIT {
  @TempDir static Path dir;
  private Path shop;
  private Process run;

  @BeforeAll
  void start() throws Exception {
    shop = Files.createDirectory(dir.resolve("shop"));
    // needs no function: what fills the links is a filter, and the join lacks an input
    Files.writeString(
        shop.resolve("pipeline.yaml"),
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: shop}
        spec:
          tasks:
          - name: large
            filter: [{data: {pointer: /total, greaterThan: 10}}]
            inputs: [{name: order, link: order}]
            outputs: [{name: result, link: priced}]
          - name: small
            filter: [{not: {data: {pointer: /total, greaterThan: 10}}}]
            inputs: [{name: order, link: order}]
            outputs: [{name: result, link: cheap}]
          - name: ship
            function: {app: shop}
            inputs: [{name: priced, link: priced}, {name: stock, link: stock}]
            outputs: [{name: result, link: shipment}]
            snapshot: {policy: AllNew, correlate: key, timeout: {after: 1h, then: deadletter}}
        """);
    run =
        Command.start(
            shop,
            "run",
            "run",
            "--ephemeral",
            "--port=" + Plan.freePort(0),
            "--control-port=" + Plan.freePort(0),
            "--kafka-port=" + Plan.freePort(0));
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> Command.out(shop, "run").contains("Ctrl-C stops") || !run.isAlive());
    assertThat(run.isAlive()).as(Command.err(shop, "run")).isTrue();
  }

  @AfterAll
  void stop() throws Exception {
    if (run.isAlive()) {
      Command.run(shop, "stop").succeeded();
      assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private String send(String link, String key, String data) throws Exception {
    JsonNode sent =
        Json.MAPPER.readTree(
            Command.run(shop, "send", link, data, "--key", key, "--json").succeeded().out());
    return sent.at("/accepted/0/id").asText();
  }

  private String explain(String id) throws Exception {
    return Command.run(shop, "explain", id).succeeded().out();
  }

  @Test
  void shouldSayWhatAJoinWaitsForAndWhatBecameOfAnEvent() throws Exception {
    String order = send("order", "ann", "{\"total\":19.9}");

    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> Command.run(shop, "snapshot", "list", "--waiting").out().contains("ann"));

    assertThat(Command.run(shop, "snapshot", "list", "--waiting").succeeded().out())
        .containsPattern("(?m)^TASK +KEY +HAS +MISSING +SINCE +GIVES UP$")
        .containsPattern("(?m)^ship +ann +priced " + order + " +stock +\\S.* +in 59 m");
    assertThat(Command.run(shop, "snapshot", "list", "--key", "bob").succeeded().err())
        .contains("No snapshot waits.");
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () ->
                assertThat(Command.run(shop, "status").succeeded().out())
                    .containsPattern("(?m)^ship +priced, stock +waiting ")
                    .contains("1 snapshot of ship is incomplete: koalja snapshot list --waiting"));

    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () ->
                assertThat(explain(order))
                    .containsPattern("(?m)^  large +delivered +passed +" + order + " on priced$")
                    .containsPattern("(?m)^  small +filtered +.*did not hold")
                    .containsPattern(
                        "(?m)^  ship +waiting +has priced "
                            + order
                            + ", misses stock for key ann, .*, gives up in 59 m"));
    JsonNode json =
        Json.MAPPER.readTree(Command.run(shop, "explain", order, "--json").succeeded().out());
    assertThat(json.findValuesAsText("outcome")).contains("delivered", "filtered", "waiting");

    assertThat(Command.run(shop, "graph").succeeded().out())
        .contains("▶ ship(priced, stock) ─▶ shipment", "http ─▶ stock ─▶ ship ↑");

    // complete now; nobody can run its function
    String stock = send("stock", "ann", "{\"shelf\":\"A1\"}");
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () ->
                assertThat(explain(stock))
                    .containsPattern("(?m)^  ship +retrying +its snapshot is complete: .*shop"));
    assertThat(Command.run(shop, "snapshot", "list").succeeded().err())
        .contains("No snapshot waits.");
  }
}
