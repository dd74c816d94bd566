package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.breadboard.Plan;
import dev.koalja.pipeline.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A circuit that runs from an image moves to another and back. */
@Timeout(600)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class UpgradeIT {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  @TempDir static Path dir;
  private final int ingress = Plan.freePort(0);
  private final int control = Plan.freePort(0);
  private final int kafka = Plan.freePort(0);
  private Path images;
  private Path here;
  private Process run;
  private int sent;

  @BeforeAll
  void build() throws Exception {
    images = ShopImages.built();
    here = Files.createDirectories(dir.resolve("here"));
    start("run-1");
  }

  private void start(String name) throws Exception {
    run =
        Command.start(
            here,
            name,
            "run",
            "--image",
            images.resolve("shop-1.3.0.tar").toString(),
            "--keep=3",
            "--port=" + ingress,
            "--control-port=" + control,
            "--kafka-port=" + kafka);
    await()
        .atMost(LIMIT)
        .until(() -> Command.out(here, name).contains("Ctrl-C stops") || !run.isAlive());
    assertThat(run.isAlive()).as(Command.err(here, name)).isTrue();
  }

  @AfterAll
  void stop() throws Exception {
    List<ProcessHandle> children = run.descendants().toList();
    Command.run(here, "stop");
    assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(children).noneMatch(ProcessHandle::isAlive);
  }

  private Command.Result upgrade(String... versions) throws Exception {
    List<String> words = new ArrayList<>(List.of("upgrade"));
    for (String version : versions) {
      words.add(images.resolve("shop-" + version + ".tar").toString());
    }
    return Command.run(here, words.toArray(String[]::new));
  }

  /** Prices an order and says what it came to. */
  private String priced() throws Exception {
    String id = "o-" + sent++;
    Command.run(
            here,
            "send",
            "order",
            "{\"id\":\"%s\",\"customer\":\"ann\",\"items\":[{\"sku\":\"A\",\"qty\":1}]}"
                .formatted(id))
        .succeeded();
    List<JsonNode> found = new ArrayList<>();
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              found.clear();
              String lines =
                  Command.run(here, "tail", "priced", "--from-start", "--no-follow", "--json")
                      .out();
              for (String line : lines.split("\n")) {
                if (line.contains("\"" + id + "\"")) {
                  found.add(Json.MAPPER.readTree(line));
                }
              }
              return !found.isEmpty();
            });
    return found.getFirst().at("/data/total").asText();
  }

  @Test
  @Order(1)
  void shouldRunExactlyTheImage() throws Exception {
    assertThat(Command.out(here, "run-1"))
        .contains("shop 1.3.0 (sha256:", "shop revision 1   all at zero");
    assertThat(priced()).isEqualTo("1");
    List<String> commands =
        ProcessHandle.allProcesses()
            .map(each -> each.info().commandLine().orElse(""))
            .filter(each -> each.contains(here.resolve(".koalja/builds/shop/1").toString()))
            .toList();
    assertThat(commands).isNotEmpty();
    assertThat(commands.getFirst())
        .startsWith(here.toRealPath().resolve(".koalja/builds/shop/1/root/jre/bin/java").toString())
        .contains("-XX:AOTCache=", "-XX:MaxRAMPercentage=70");
    assertThat(Command.run(here, "status").succeeded().out()).doesNotContain("without");
  }

  @Test
  @Order(2)
  void shouldMoveToAnotherImageAndBack() throws Exception {
    assertThat(upgrade("1.4.0").succeeded().out())
        .containsPattern(
            "shop revision 2: shop 1\\.3\\.0 → 1\\.4\\.0 \\(sha256:[0-9a-f]+…\\), 0 events lost, 0 waiting");
    assertThat(priced()).isEqualTo("2");
    assertThat(upgrade("1.4.0").succeeded().out()).contains("revision 2 runs that already");

    assertThat(Command.run(here, "rollback").succeeded().out())
        .contains("shop revision 3: back to revision 1, shop 1.4.0 → 1.3.0, 0 events lost");
    assertThat(priced()).isEqualTo("1");
    Command.Result again = Command.run(here, "rollback");
    assertThat(again.status()).isEqualTo(Exit.USAGE);
    assertThat(again.err())
        .contains("nothing that differs from revision 3 of shop")
        .hasLineCount(1);

    await("the window of the run")
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(Command.out(here, "run-1"))
                    .contains("shop revision 2, upgrade: shop 1.3.0 → 1.4.0")
                    .contains("shop revision 3, rollback to 1: shop 1.4.0 → 1.3.0"));
    String trace = Command.run(here, "revisions").succeeded().out();
    assertThat(trace)
        .containsPattern(
            "3 +\\S+ +in force +shop 1\\.3\\.0 +rollback to 1: shop 1\\.4\\.0 → 1\\.3\\.0")
        .containsPattern("2 +\\S+ +kept +shop 1\\.4\\.0 +upgrade: shop 1\\.3\\.0 → 1\\.4\\.0")
        .containsPattern("1 +\\S+ +kept +shop 1\\.3\\.0 +applied");
  }

  @Test
  @Order(3)
  void shouldChangeNothingForAnImageThatDoesNotStart() throws Exception {
    Command.Result broken = upgrade("1.5.0");

    assertThat(broken.status()).isEqualTo(Exit.USAGE);
    assertThat(broken.err()).contains("no key", "shop does not start: revision 3 goes on");
    assertThat(priced()).isEqualTo("1");
    assertThat(Command.run(here, "revisions", "--json").out()).doesNotContain("1.5.0");
  }

  @Test
  @Order(3)
  void shouldRefuseAnImageThatWasTamperedWithAlsoWhenItIsHereAlready() throws Exception {
    Path tampered = images.resolveSibling("tampered.tar");
    Files.copy(images.resolve("shop-1.4.0.tar"), tampered);
    try (FileChannel file = FileChannel.open(tampered, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(new byte[] {7, 7, 7}), file.size() / 2);
    }

    Command.Result refused = Command.run(here, "upgrade", tampered.toString());

    assertThat(refused.status()).isEqualTo(Exit.USAGE);
    assertThat(refused.err()).contains("sha256:").hasLineCount(1);
    assertThat(Command.run(here, "revisions", "--json").out()).doesNotContain("\"revision\":4");
    Files.delete(tampered);
  }

  @Test
  @Order(4)
  void shouldSayInOneLineWhatIsWrongWithTheWords() throws Exception {
    assertThat(upgrade("9.9.9").err()).contains("there is no file").hasLineCount(1);
    Command.Result twice = upgrade("1.3.0", "1.4.0");
    assertThat(twice.status()).isEqualTo(Exit.USAGE);
    assertThat(twice.err()).contains("two of these are images of app shop").hasLineCount(1);
    Command.Result at =
        Command.run(here, "upgrade", "x.tar", "--at", "http://127.0.0.1:" + control);
    assertThat(at.err()).contains("without --at").hasLineCount(1);
  }

  @Test
  @Order(5)
  void shouldRememberAcrossRunsAndUnpackNothingTwice() throws Exception {
    String before = Files.getLastModifiedTime(here.resolve(".koalja/builds/shop/1")).toString();
    Command.run(here, "stop").succeeded();
    assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();

    start("run-2");

    assertThat(Command.out(here, "run-2")).contains("shop revision 3   all at zero");
    assertThat(Files.getLastModifiedTime(here.resolve(".koalja/builds/shop/1")).toString())
        .isEqualTo(before);
    assertThat(priced()).isEqualTo("1");
    Command.run(here, "rollback", "--to", "2").succeeded();
    assertThat(priced()).isEqualTo("2");
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> assertThat(builds()).as("not the broken one").containsExactly("1", "2"));
  }

  private List<String> builds() throws IOException {
    try (Stream<Path> all = Files.list(here.resolve(".koalja/builds/shop"))) {
      return all.filter(Files::isDirectory)
          .map(each -> each.getFileName().toString())
          .sorted()
          .toList();
    }
  }
}
