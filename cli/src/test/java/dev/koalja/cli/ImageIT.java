package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code koalja image} for a project outside of the repository. */
@Timeout(400)
class ImageIT {
  @TempDir Path dir;

  private JsonNode image(Path project, String... more) throws Exception {
    String[] words =
        Stream.concat(Stream.of("image", "--json"), Stream.of(more)).toArray(String[]::new);
    Map<String, String> caches = Map.of("XDG_CACHE_HOME", dir.resolve("caches").toString());
    return Json.MAPPER.readTree(Command.run(project, caches, words).succeeded().out());
  }

  /** Two clean builds, in two folders: nothing but the store of start-up caches is the same. */
  @Test
  @Tag("long")
  void shouldMakeTheSameImageOfTheSameSources() throws Exception {
    Path one = Files.createDirectories(dir.resolve("one"));
    Command.run(one, "init", "shop").succeeded();
    JsonNode first = image(one.resolve("shop"), "--label", "team=checkout");
    assertThat(first.path("reference").asText()).isEqualTo("shop:1.0.0-SNAPSHOT");
    assertThat(Path.of(first.path("archive").asText().replace("file://", ""))).exists();

    Path two = Files.createDirectories(dir.resolve("two"));
    Command.run(two, "init", "shop").succeeded();
    JsonNode second =
        image(two.resolve("shop"), "--label", "team=checkout", "--output", "elsewhere");

    assertThat(second.path("layers")).isEqualTo(first.path("layers"));
    assertThat(second.path("digest")).isEqualTo(first.path("digest"));
    assertThat(two.resolve("shop/elsewhere/shop-1.0.0-SNAPSHOT-sbom.json")).exists();

    Path source = source(two.resolve("shop"));
    Files.writeString(source, Files.readString(source) + "\nclass Added {}\n");
    JsonNode changed = image(two.resolve("shop"), "--label", "team=checkout");
    for (int layer = 0; layer < 3; layer++) {
      assertThat(changed.path("layers").get(layer)).isEqualTo(first.path("layers").get(layer));
    }
    assertThat(changed.at("/layers/3/name").asText()).isEqualTo("app");
    assertThat(changed.at("/layers/3/digest").asText())
        .as("an image of changed sources has what was changed")
        .isNotEqualTo(first.at("/layers/3/digest").asText());
  }

  private static Path source(Path project) throws Exception {
    try (Stream<Path> files = Files.walk(project.resolve("src/main/java"))) {
      return files
          .filter(file -> file.getFileName().toString().equals("Prices.java"))
          .min(Comparator.naturalOrder())
          .orElseThrow();
    }
  }

  /** A budget that no JVM keeps: packaging fails, and says by how much and what to do. */
  @Test
  void shouldRefuseAnAppThatStartsMoreSlowlyThanItsBudget() throws Exception {
    Command.run(dir, "init", "tight").succeeded();
    Path source = source(dir.resolve("tight"));
    String text = Files.readString(source);
    assertThat(text).contains("  @Function\n");
    Files.writeString(
        source, text.replaceFirst("  @Function\n", "  @Function(coldStartBudget = \"10ms\")\n"));

    for (int attempt = 1; attempt <= 2; attempt++) { // nothing of the first is taken for built
      Command.Result image = Command.run(dir.resolve("tight"), "image");

      assertThat(image.status()).as(image.err()).isEqualTo(Exit.USAGE);
      assertThat(image.err())
          .contains("tight.Prices.price(Order)", "more than coldStartBudget, which is 10ms")
          .doesNotContain("\tat ");
    }
    assertThat(dir.resolve("tight/target/tight-1.0.0-SNAPSHOT.tar")).doesNotExist();
  }

  @Test
  void shouldSayWhatIsWrongBeforeItBuilds() throws Exception {
    Command.run(dir, "init", "shop").succeeded();
    Path shop = dir.resolve("shop");
    assertThat(Command.run(shop, "image", "--push", "./shop.tar").err())
        .contains("--push", "there is no file ./shop.tar")
        .hasLineCount(1);
    assertThat(Command.run(shop, "image", "--push", "No Good").err())
        .contains("neither a file nor the reference of an image")
        .hasLineCount(1);
    Command.Result user =
        Command.run(shop, "image", "--push", "registry.example/shop:1", "--username", "ann");
    assertThat(user.status()).isEqualTo(Exit.USAGE);
    assertThat(user.err()).contains("KOALJA_REGISTRY_PASSWORD").hasLineCount(1);
    assertThat(
            Command.run(shop, "image", "--push", "registry.example/shop@sha256:" + "0".repeat(64))
                .err())
        .contains("has a digest where a tag should be")
        .hasLineCount(1);
    Command.Result base = Command.run(shop, "image", "--base", dir.toString());
    assertThat(base.status()).isEqualTo(Exit.USAGE);
    assertThat(base.err()).contains("--base", "is no image").hasLineCount(1);
    assertThat(shop.resolve("target")).doesNotExist();
  }
}
