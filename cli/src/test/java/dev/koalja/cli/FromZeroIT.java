package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.breadboard.Plan;
import dev.koalja.pipeline.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code koalja status} says while a chain inside one app starts, idles, ends and returns. */
@Timeout(400)
class FromZeroIT {
  private static final Duration LIMIT = Duration.ofSeconds(120);

  @Test
  void shouldStartAChainOnceEndItWhenIdleAndStartItAgain(@TempDir Path dir) throws Exception {
    Command.run(dir, "init", "shop").succeeded();
    Path shop = dir.resolve("shop");
    Files.writeString(
        shop.resolve("pipeline.yaml"),
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: shop}
        spec:
          tasks:
          - {name: price, function: {scale: {idle: 15s}}}
          - {name: receipt, function: {scale: {idle: 15s}}}
        """);
    Process run =
        Command.start(
            shop,
            "run",
            "run",
            "--port=" + Plan.freePort(0),
            "--control-port=" + Plan.freePort(0),
            "--kafka-port=" + Plan.freePort(0));
    try {
      await()
          .atMost(Duration.ofMinutes(4))
          .until(() -> Command.out(shop, "run").contains("Ctrl-C stops") || !run.isAlive());
      assertThat(run.isAlive()).as(Command.err(shop, "run")).isTrue();
      assertThat(app(shop).path("coldStarts").asLong()).isZero();
      assertThat(pids(app(shop))).isEmpty();
      assertThat(row(shop, "price")).containsPattern("idle +0 .* –$");

      long first = sendAndAwait(shop, 1);
      await().atMost(LIMIT).until(() -> pids(app(shop)).isEmpty());
      assertThat(ProcessHandle.of(first).filter(ProcessHandle::isAlive)).isEmpty();
      assertThat(Command.run(shop, "task", "describe", "price").succeeded().out())
          .contains("shop/price  app shop, at zero")
          .contains("starts   1 from zero, 0 crashes; ahead of need 0 useful, 0 wasted")
          .containsPattern("decide +[0-9.]+ ms +[0-9.]+ ms")
          .containsPattern("spawn +[0-9.]+ ms")
          .containsPattern("jvm +[0-9.]+ ms")
          .containsPattern("app +[0-9.]+ ms")
          .containsPattern("ready +[0-9.]+ ms")
          .containsPattern("reply +[0-9.]+ ms")
          .doesNotContain("cache    not used");
      assertThat(row(shop, "receipt")).containsPattern("idle +0 +0 +0 +1 +0 +[0-9.]+ m?s$");

      long second = sendAndAwait(shop, 2);
      assertThat(second).isNotEqualTo(first);
    } finally {
      Command.run(shop, "stop");
      assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** Sends one order through both functions; the one process that {@code status} named for it. */
  private static long sendAndAwait(Path shop, int times) throws Exception {
    Command.run(shop, "send", "order", "{\"id\":\"o\",\"customer\":\"ann\",\"items\":[]}")
        .succeeded();
    List<Long> seen = new ArrayList<>();
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              pids(app(shop)).stream().filter(pid -> !seen.contains(pid)).forEach(seen::add);
              String receipts =
                  Command.run(shop, "tail", "receipts", "--no-follow", "--json").out();
              return !seen.isEmpty() && receipts.lines().count() == times;
            });
    assertThat(seen).as("one process for both functions").hasSize(1);
    assertThat(app(shop).path("coldStarts").asLong()).as("starts").isEqualTo(times);
    return seen.getFirst();
  }

  private static JsonNode app(Path shop) throws Exception {
    String status = Command.run(shop, "status", "--json").succeeded().out();
    JsonNode apps = Json.MAPPER.readTree(status).path("apps");
    assertThat(apps).as(status).hasSize(1);
    return apps.get(0);
  }

  private static List<Long> pids(JsonNode app) {
    List<Long> pids = new ArrayList<>();
    app.path("instances").forEach(instance -> pids.add(instance.path("pid").asLong()));
    pids.removeIf(pid -> pid == 0);
    return pids;
  }

  private static String row(Path shop, String task) throws Exception {
    return Command.run(shop, "status")
        .succeeded()
        .out()
        .lines()
        .filter(line -> line.startsWith(task + " "))
        .findFirst()
        .orElseThrow();
  }
}
