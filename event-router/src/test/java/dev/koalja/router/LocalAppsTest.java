package dev.koalja.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.knative.serving.local.AppBuild;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.definition.Release;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalAppsTest {
  @TempDir Path dir;

  /** As a run sets it. */
  private record Config(
      Map<String, Path> apps, Optional<Path> builds, Map<String, Integer> attached)
      implements ServingConfig {
    @Override
    public Mode mode() {
      return Mode.LOCAL;
    }

    @Override
    public Map<String, Integer> debug() {
      return Map.of();
    }

    @Override
    public Map<String, String> environment() {
      return Map.of();
    }

    @Override
    public CacheUse cache() {
      return CacheUse.WARN;
    }

    @Override
    public Path logs() {
      return Path.of("logs");
    }

    @Override
    public String namespace() {
      return "default";
    }
  }

  private Path built(String folder) throws IOException {
    Path build = Files.createDirectories(dir.resolve(folder));
    Files.writeString(build.resolve("quarkus-run.jar"), folder);
    return build;
  }

  private void use(String app, String number) throws IOException {
    Files.writeString(dir.resolve("builds").resolve(app).resolve("current"), number);
  }

  @Test
  void shouldBeginWithTheBuildThatIsNamedAndWithAppsThatCameUpLater() throws IOException {
    built("shop/target/quarkus-app");
    built("stock/target/quarkus-app");
    Path shop = built("builds/shop/3");
    Path late = built("builds/late/4");
    use("shop", "3");
    use("late", "4");
    built("builds/.work/shop");
    built("builds/never/5"); // nobody ever named it
    Files.createDirectories(dir.resolve("builds/gone"));
    use("gone", "6"); // it has no build any more
    built("builds/My Copy/7");
    use("My Copy", "7"); // somebody else's
    LocalApps apps =
        new LocalApps(
            new Config(
                Map.of("shop", dir.resolve("shop"), "stock", dir.resolve("stock")),
                Optional.of(dir.resolve("builds")),
                Map.of()));

    assertThat(apps.first().stream().map(LocalAppsTest::jar))
        .containsExactlyInAnyOrder(
            shop.resolve("quarkus-run.jar").toString(),
            dir.resolve("stock/target/quarkus-app/quarkus-run.jar").toString(),
            late.resolve("quarkus-run.jar").toString());
    assertThat(apps.first())
        .extracting(build -> build.app().value())
        .containsExactlyInAnyOrder("shop", "stock", "late");
  }

  @Test
  void shouldBeginWithWhatIsSetWhereNothingIsBuilt() throws IOException {
    built("shop/target/quarkus-app");
    LocalApps apps =
        new LocalApps(new Config(Map.of("shop", dir.resolve("shop")), Optional.empty(), Map.of()));
    assertThat(apps.first()).hasSize(1);
  }

  @Test
  void shouldTakeAnAttachedAppWhereItAnswersAlthoughThereIsABuildOfIt() throws IOException {
    built("builds/shop/3");
    use("shop", "3");
    LocalApps apps =
        new LocalApps(
            new Config(Map.of(), Optional.of(dir.resolve("builds")), Map.of("shop", 5001)));

    assertThat(apps.first()).containsExactly(AppBuild.attached(new AppName("shop"), 5001));
  }

  private static Release release(String home, int number) {
    return Release.of(
        "id",
        Instant.EPOCH,
        Release.Cause.UPGRADE,
        home,
        Map.of(
            "shop",
            new Release.Build(number, true, Optional.empty(), Optional.empty(), Optional.empty())));
  }

  @Test
  void shouldRunTheBuildThatTheRevisionInForceNames() throws IOException {
    Path first = built("builds/shop/3");
    Path other = built("builds/shop/2");
    Files.writeString(dir.resolve("builds/home"), "here");
    AppName shop = new AppName("shop");
    LocalApps apps =
        new LocalApps(
            new Config(Map.of(), Optional.of(dir.resolve("builds")), Map.of("stock", 5001)));

    assertThat(apps.released(shop, release("here", 2))).as("no app of this run").isEmpty();
    use("shop", "3");
    assertThat(apps.released(shop, release("here", 2)).map(LocalAppsTest::jar))
        .as("of an earlier run")
        .contains(first.resolve("quarkus-run.jar").toString());

    Files.writeString(dir.resolve("builds/begun"), "");
    assertThat(apps.released(shop, release("here", 2)).map(LocalAppsTest::jar))
        .contains(other.resolve("quarkus-run.jar").toString());
    assertThat(apps.released(shop, release("here", 2)).map(AppBuild::revision)).contains("2");
    assertThat(apps.released(shop, release("elsewhere", 2)))
        .as("number 2 of somebody else: what runs goes on")
        .isEmpty();
    assertThat(apps.released(shop, release("here", 1))).as("gone: what runs goes on").isEmpty();
    Release audit = Release.of("id", Instant.EPOCH, Release.Cause.RELOAD, "here", Map.of());
    assertThat(apps.released(shop, audit))
        .as("another pipeline's, whose own parts do not build this app")
        .isEmpty();
    Files.createDirectories(dir.resolve("builds/shop/4"));
    Files.writeString(dir.resolve("builds/shop/4/image.json"), "{}");
    assertThat(apps.released(shop, release("here", 4))).as("damaged").isEmpty();
    assertThat(apps.released(new AppName("stock"), release("here", 1))).as("attached").isEmpty();
  }

  private static String jar(AppBuild build) {
    return build.program().getLast();
  }
}
