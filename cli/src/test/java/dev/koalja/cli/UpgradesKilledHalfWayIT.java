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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A circuit under constant load is upgraded, to images that work and to one that does not start,
 * and rolled back, while the breadboard, the command that changes it, the function's process, or
 * the run itself is killed with SIGKILL at a random moment. A run that was killed is started again,
 * on what it left. Each event has one result in the end, made by code that was in force, and
 * nothing is left behind. A sender repeats what it has no answer for, so the input knows an event
 * again by its id.
 *
 * <p>The seed is printed; {@code -Dkoalja.seed=N} repeats its choices, {@code -Dkoalja.rounds=N}
 * makes more of them.
 */
@Tag("long")
class UpgradesKilledHalfWayIT {
  private static final int ROUNDS =
      Integer.getInteger(
          "koalja.rounds", System.getProperty("koalja.depth", "").equals("full") ? 12 : 3);
  private static final int SENDERS = 4;
  private static final int KEYS = 20;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** A run gives up when its breadboard ends more often than that within a minute. */
  private static final int BREADBOARDS_A_MINUTE = 4;

  private static final String BROKEN = "1.5.0";
  private static final List<String> VICTIMS =
      List.of("breadboard", "breadboard", "command", "command", "function", "nobody");

  /** Of so many rounds the run itself is killed in one. */
  private static final int RUN_EVERY = 3;

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private final int ingress = Plan.freePort(0);
  private final int control = Plan.freePort(0);
  private final int kafka = Plan.freePort(0);
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicInteger repeated = new AtomicInteger();
  private final AtomicBoolean enough = new AtomicBoolean();
  private final List<Instant> breadboards = new ArrayList<>();
  private final List<String> happened = new ArrayList<>();
  private Path images;
  private Path here;
  private Process run;
  private int starts;
  private final Set<ProcessHandle> seen = new HashSet<>();

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void shouldLoseAndDoubleNothingAndSendNothingToABrokenRevision(
      @TempDir(cleanup = CleanupMode.ON_SUCCESS) Path dir) throws Exception {
    long seed = Long.getLong("koalja.seed", new Random().nextInt(1_000_000));
    System.out.println("upgrades: seed " + seed + ", " + ROUNDS + " rounds, in " + dir);
    Random random = new Random(seed);
    images = ShopImages.built();
    here = Files.createDirectories(dir.resolve("here"));
    start();
    List<Thread> senders = new ArrayList<>();
    try {
      for (int i = 0; i < SENDERS; i++) {
        int sender = i;
        senders.add(Thread.ofVirtual().start(() -> send(sender)));
      }
      await().atMost(LIMIT).until(() -> acknowledged.size() > 50);
      for (int round = 0; round < ROUNDS; round++) {
        round(round, random);
      }
      int before = acknowledged.size();
      await().atMost(LIMIT).until(() -> acknowledged.size() > before + 50);
      enough.set(true);
      for (Thread sender : senders) {
        sender.join();
      }
      audit();
    } finally {
      System.out.println("upgrades: " + happened + ", " + repeated + " posts repeated");
      enough.set(true);
      run.descendants().forEach(seen::add);
      Command.run(here, "stop");
      if (!run.waitFor(60, TimeUnit.SECONDS)) {
        run.destroyForcibly();
      }
    }
    assertThat(run.exitValue()).as(Command.err(here, "run-" + starts)).isZero();
    assertThat(seen).as("a process is left").noneMatch(ProcessHandle::isAlive);
  }

  /** Starts the run, with the same image every time, and what the last one left. */
  private void start() throws Exception {
    String name = "run-" + ++starts;
    run =
        Command.start(
            here,
            name,
            "run",
            "--image",
            image("1.3.0"),
            "--keep=2",
            "--port=" + ingress,
            "--control-port=" + control,
            "--kafka-port=" + kafka);
    await()
        .atMost(LIMIT)
        .until(() -> Command.out(here, name).contains("Ctrl-C stops") || !run.isAlive());
    assertThat(run.isAlive()).as(Command.err(here, name)).isTrue();
  }

  private String image(String version) {
    return images.resolve("shop-" + version + ".tar").toString();
  }

  /** One change, and one kill at a random moment of it. */
  private void round(int round, Random random) throws Exception {
    String[] words =
        switch (random.nextInt(5)) {
          case 0 -> new String[] {"upgrade", image("1.3.0")};
          case 1, 2 -> new String[] {"upgrade", image("1.4.0")};
          case 3 -> new String[] {"upgrade", image(BROKEN)};
          default -> new String[] {"rollback"};
        };
    String any = VICTIMS.get(random.nextInt(VICTIMS.size()));
    String victim = round % RUN_EVERY == 1 ? "run" : victim(any);
    int moment = random.nextInt(3000);
    String what = words[0] + words[words.length - 1].replaceAll(".*shop-|\\.tar|rollback", " ");
    happened.add("%s, %s killed after %d ms".formatted(what, victim, moment));
    Process command = Command.start(here, "round-" + round, words);
    command.getOutputStream().close();
    boolean ended = command.waitFor(moment, TimeUnit.MILLISECONDS); // the random moment
    switch (victim) {
      case "command" -> command.destroyForcibly();
      case "breadboard" ->
          process("koalja-breadboard", "/breadboard/").forEach(ProcessHandle::destroyForcibly);
      case "function" ->
          process(here.resolve(".koalja/builds/shop").toString())
              .forEach(ProcessHandle::destroyForcibly);
      case "run" -> {
        List<ProcessHandle> children = run.descendants().toList();
        seen.addAll(children);
        run.destroyForcibly();
        for (ProcessHandle child : children) {
          child.onExit().get(1, TimeUnit.MINUTES); // with its parent
        }
      }
      default -> {}
    }
    assertThat(command.waitFor(3, TimeUnit.MINUTES)).as("%s ends", what).isTrue();
    run.descendants().forEach(seen::add);
    if (victim.equals("run")) {
      start();
      return; // what the command said depends on how far it came
    }
    String said = Command.out(here, "round-" + round) + Command.err(here, "round-" + round);
    if (ended || !victim.equals("command")) {
      if (what.contains(BROKEN)) {
        assertThat(command.exitValue())
            .as("%s: %s", happened.getLast(), said)
            .isEqualTo(Exit.USAGE);
        assertThat(said).contains("shop does not start");
      } else if (command.exitValue() != 0) {
        assertThat(said)
            .as("%s ended with %d", happened.getLast(), command.exitValue())
            .containsPattern(
                victim.equals("function")
                    ? "does not start|nothing that differs" // its new process was killed
                    : "nothing that differs from revision"); // there was nothing to go back to
      }
    }
    await("the control API answers").atMost(LIMIT).until(() -> running().isPresent());
  }

  private String victim(String wanted) {
    breadboards.removeIf(each -> each.isBefore(Instant.now().minusSeconds(65)));
    if (!wanted.equals("breadboard")) {
      return wanted;
    }
    if (breadboards.size() >= BREADBOARDS_A_MINUTE) {
      return "function";
    }
    breadboards.add(Instant.now());
    return wanted;
  }

  /** Processes of this run whose command line has one of these words. */
  private List<ProcessHandle> process(String... words) {
    return run.descendants()
        .filter(
            each ->
                Stream.of(words)
                    .anyMatch(word -> each.info().commandLine().orElse("").contains(word)))
        .toList();
  }

  private void send(int sender) {
    for (int i = 0; !enough.get(); i++) {
      String id = "%d-%05d".formatted(sender, i);
      try {
        while (!post(id, "c-" + (i * SENDERS + sender) % KEYS)) {
          repeated.incrementAndGet();
          Thread.sleep(100); // a sender's own pause before it repeats
        }
        acknowledged.add(id);
        Thread.sleep(40); // a constant load, not all that is possible
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private boolean post(String id, String key) throws InterruptedException {
    try {
      return http.send(
                  HttpRequest.newBuilder(
                          URI.create("http://127.0.0.1:%d/events/shop/order".formatted(ingress)))
                      .timeout(Duration.ofSeconds(10))
                      .header("ce-id", id)
                      .header("ce-source", "/upgrades")
                      .header("ce-type", "order")
                      .header("ce-specversion", "1.0")
                      .header("ce-partitionkey", key)
                      .header("content-type", "application/json")
                      .POST(
                          BodyPublishers.ofString(
                              "{\"id\":\"%s\",\"customer\":\"%s\",\"items\":[]}"
                                  .formatted(id, key)))
                      .build(),
                  BodyHandlers.discarding())
              .statusCode()
          == 202;
    } catch (IOException e) {
      return false; // the breadboard was killed: whether it has the event is not known
    }
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + control + path)).build(),
            BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(path + " answered " + answer.statusCode());
    }
    return Json.MAPPER.readTree(answer.body());
  }

  /** The number of the build in use, when the breadboard answers. */
  private Optional<String> running() throws InterruptedException {
    try {
      return Optional.of(get("/serving/builds").path("shop").asText())
          .filter(build -> !build.isEmpty());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private void audit() throws Exception {
    Map<String, List<String>> totals = new HashMap<>();
    await("every event has its result")
        .atMost(LIMIT)
        .pollInterval(Duration.ofSeconds(1))
        .until(
            () -> {
              totals.clear();
              for (JsonNode each :
                  lines("tail", "priced", "--from-start", "--no-follow", "--json")) {
                totals
                    .computeIfAbsent(each.at("/data/id").asText(), _ -> new ArrayList<>())
                    .add(each.at("/data/total").asText());
              }
              return totals.keySet().containsAll(acknowledged);
            });
    assertThat(totals.keySet()).as("nothing that nobody sent").isEqualTo(acknowledged);
    assertThat(totals).as("one result each").allSatisfy((_, all) -> assertThat(all).hasSize(1));
    assertThat(totals.values())
        .as("of code that starts")
        .allMatch(all -> Set.of("1", "2").contains(all.getFirst()));

    List<JsonNode> revisions = new ArrayList<>();
    Json.MAPPER
        .readTree(Command.run(here, "revisions", "--json").succeeded().out())
        .forEach(revisions::add);
    assertThat(revisions.stream().map(each -> each.at("/apps/shop/version").asText()))
        .doesNotContain(BROKEN);
    String inForce = revisions.getFirst().at("/apps/shop/build").asText();
    await("the revision in force is what runs")
        .atMost(LIMIT)
        .until(() -> running().equals(Optional.of(inForce)));

    Map<String, String> made = new HashMap<>();
    HttpResponse<String> journal =
        http.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:%d/api/invocations?last=10000".formatted(control)))
                .build(),
            BodyHandlers.ofString());
    for (String line : journal.body().split("\n")) {
      JsonNode record = Json.MAPPER.readTree(line);
      if (record.path("outcome").asText().equalsIgnoreCase("succeeded")) {
        String order = record.at("/inputs/0/id").asText();
        assertThat(made.put(order, record.path("codeRevision").asText()))
            .as("one success with %s", order)
            .isNull();
      }
    }
    assertThat(made.size()).isEqualTo(Math.min(10_000, acknowledged.size()));
    assertThat(totals.keySet()).containsAll(made.keySet());
    Map<String, Set<String>> code = new HashMap<>();
    made.forEach(
        (order, revision) ->
            code.computeIfAbsent(totals.get(order).getFirst(), _ -> new TreeSet<>()).add(revision));
    assertThat(code.values())
        .as("the journal names the code that charged this: %s", code)
        .allMatch(each -> each.size() == 1)
        .doesNotHaveDuplicates();

    await("only builds that are needed are left")
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(builds())
                    .hasSizeLessThanOrEqualTo(3)
                    .containsAll(
                        revisions.stream()
                            .limit(2)
                            .map(each -> each.at("/apps/shop/build").asText())
                            .toList()));
    try (Stream<Path> all = Files.list(here.resolve(".koalja/builds/.work"))) {
      assertThat(all).as("half unpacked").isEmpty();
    }
  }

  private List<JsonNode> lines(String... words) throws Exception {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Command.run(here, words).succeeded().out().split("\n")) {
      if (!line.isBlank()) {
        lines.add(Json.MAPPER.readTree(line));
      }
    }
    return lines;
  }

  private List<String> builds() throws IOException {
    try (Stream<Path> all = Files.list(here.resolve(".koalja/builds/shop"))) {
      return all.filter(Files::isDirectory).map(each -> each.getFileName().toString()).toList();
    }
  }
}
