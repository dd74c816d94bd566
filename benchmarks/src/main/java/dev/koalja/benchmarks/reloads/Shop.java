package dev.koalja.benchmarks.reloads;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import dev.koalja.platform.Platform;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A project that {@code koalja init} made, run by {@code koalja run} as people run it. */
final class Shop implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** An order waits a moment in the function: so there is always one in flight. */
  private static final String SOURCE =
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
          Thread.sleep(20);
          return new Priced(order.id(), order.customer(), new BigDecimal("%d"))%s
        }
      %s}
      """;

  private static final String AUDIT =
      """

        @Function
        @Output("audited")
        String audit(@Input("priced") Priced priced) {
          return priced.id();
        }
      """;

  private final Path home;
  private final Path folder;
  private final Path source;
  private final int ingress = Platform.freePort();
  private final Set<ProcessHandle> seen = ConcurrentHashMap.newKeySet();
  private final Process run;
  private final Thread watcher;
  private volatile boolean ended;

  Shop(Path home, Path scratch) throws IOException, InterruptedException {
    this.home = home;
    this.folder = scratch.resolve("shop");
    this.source = folder.resolve("src/main/java/shop/Prices.java");
    Process init = command(scratch, scratch.resolve("init.log"), "init", "shop");
    if (init.waitFor() != 0) {
      throw new IllegalStateException(Files.readString(scratch.resolve("init.log")));
    }
    save(0, false, false);
    run =
        command(
            folder,
            scratch.resolve("run.log"),
            "run",
            "-v",
            "--port=" + ingress,
            "--control-port=" + Platform.freePort(),
            "--kafka-port=" + Platform.freePort());
    watcher = Thread.ofPlatform().daemon().name("processes").start(this::notice);
    try {
      await("the run", () -> said("Ctrl-C stops") > 0 || !run.isAlive());
      if (!run.isAlive()) {
        throw new IllegalStateException(Files.readString(scratch.resolve("run.log")));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private Process command(Path where, Path log, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of(home.resolve("koalja").toString()));
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(where.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("KOALJA_BUILD", "never");
    builder.environment().put("KOALJA_JDK_PATH", System.getProperty("java.home"));
    return builder.start();
  }

  private void notice() {
    while (!ended) {
      run.descendants().forEach(seen::add);
      try {
        Thread.sleep(200); // to look costs processor time too
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /**
   * Saves the source.
   *
   * @param version comes back in every result of this code
   * @param broken whether the compiler will not take it
   * @param audited whether it has another function
   */
  void save(int version, boolean broken, boolean audited) throws IOException {
    Path fresh = source.resolveSibling("Prices.java.tmp");
    Files.writeString(fresh, SOURCE.formatted(version, broken ? "" : ";", audited ? AUDIT : ""));
    Files.move(fresh, source, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** How many lines of the run have this in them. */
  long said(String text) {
    try {
      return Files.readAllLines(folder.resolveSibling("run.log")).stream()
          .filter(line -> line.contains(text))
          .count();
    } catch (IOException e) {
      return 0; // in the middle of a character
    }
  }

  /** The last line of the run that begins so; empty when there is none. */
  String last(String beginning) throws IOException {
    return Files.readAllLines(folder.resolveSibling("run.log")).stream()
        .filter(line -> line.startsWith(beginning))
        .reduce("", (_, each) -> each);
  }

  /** Waits for something. */
  static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long limit = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - limit > 0) {
        throw new IllegalStateException(what + " was waited for in vain");
      }
      Thread.sleep(5);
    }
  }

  /** Where orders are posted. */
  URI orders() {
    return URI.create("http://127.0.0.1:" + ingress + "/events/shop/order");
  }

  /** The broker, as the run announces it to other commands. */
  String kafka() throws IOException {
    JsonNode announced =
        Json.MAPPER.readTree(Files.readString(folder.resolve(".koalja/breadboard.json")));
    return announced.path("kafka").asText();
  }

  /** Function processes that run now. */
  long functions() {
    return run.descendants()
        .filter(each -> each.info().commandLine().orElse("").contains("/builds/shop/"))
        .count();
  }

  /** Every process the run ever had that was noticed. */
  int processes() {
    return seen.size();
  }

  /** Ends the run in good order; how many of its processes are left then. */
  long stop() throws IOException, InterruptedException {
    run.descendants().forEach(seen::add);
    command(folder, folder.resolveSibling("stop.log"), "stop").waitFor();
    if (!run.waitFor(1, TimeUnit.MINUTES)) {
      throw new IllegalStateException("the run does not end");
    }
    ended = true;
    watcher.join();
    return seen.stream().filter(ProcessHandle::isAlive).count();
  }

  @Override
  public void close() {
    ended = true;
    List<ProcessHandle> children = run.descendants().toList();
    run.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    children.forEach(each -> each.onExit().join());
  }
}
