package dev.koalja.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** Three images of one shop: two that differ in what they charge, and one that does not start. */
final class ShopImages {
  private static final String PRICES =
      """
      package shop;

      import dev.koalja.function.Function;
      import dev.koalja.function.Input;
      import dev.koalja.function.Output;
      import java.math.BigDecimal;

      class Prices {
      %s
        @Function(deduplicate = "1h")
        @Output("priced")
        Priced price(@Input("order") Order order) throws InterruptedException {
          Thread.sleep(10);
          return new Priced(order.id(), order.customer(), new BigDecimal("%s"));
        }
      }
      """;
  private static final String BROKEN =
      """
        void begin(
            @jakarta.enterprise.event.Observes io.quarkus.runtime.StartupEvent event) {
          if (System.getenv("KOALJA_TRAINING") == null) {
            throw new IllegalStateException("no key");
          }
        }
      """;

  private static final CompletableFuture<Path> BUILT = new CompletableFuture<>();
  private static final AtomicBoolean BEGUN = new AtomicBoolean();

  private ShopImages() {}

  /**
   * The folder with {@code shop-1.3.0.tar}, {@code 1.4.0} and {@code 1.5.0}, which is broken. Built
   * once for all tests, which only read them.
   */
  static Path built() throws Exception {
    if (BEGUN.compareAndSet(false, true)) {
      try {
        Path target = Files.createDirectories(Path.of("target").toAbsolutePath());
        Path dir = Files.createTempDirectory(target, "shop-images-");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(dir)));
        BUILT.complete(build(dir));
      } catch (Exception | AssertionError e) {
        BUILT.completeExceptionally(e);
      }
    }
    return BUILT.get();
  }

  private static void remove(Path dir) {
    try (Stream<Path> all = Files.walk(dir)) {
      all.sorted(Comparator.reverseOrder()).forEach(each -> each.toFile().delete());
    } catch (IOException e) {
      // mvn clean removes it
    }
  }

  private static Path build(Path dir) throws Exception {
    Command.run(dir, "init", "shop").succeeded();
    Path shop = dir.resolve("shop");
    for (String test : List.of("PricesTest.java", "CircuitTest.java")) {
      Files.delete(shop.resolve("src/test/java/shop").resolve(test)); // of the prices it had
    }
    Path images = Files.createDirectories(dir.resolve("images"));
    for (Map.Entry<String, String> each :
        Map.of("1.3.0", "1", "1.4.0", "2", "1.5.0", "3").entrySet()) {
      String broken = each.getKey().equals("1.5.0") ? BROKEN : "";
      Files.writeString(
          shop.resolve("src/main/java/shop/Prices.java"),
          PRICES.formatted(broken, each.getValue()));
      Command.run(shop, "image", "--version", each.getKey(), "--output", images.toString())
          .succeeded();
    }
    return images;
  }
}
