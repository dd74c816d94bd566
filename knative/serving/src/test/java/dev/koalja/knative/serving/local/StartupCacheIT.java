package dev.koalja.knative.serving.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.knative.serving.local.StartupCache.Verdict;
import dev.koalja.pipeline.AppName;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartupCacheIT {
  @TempDir Path folder;
  private Path jar;
  private Path cache;
  private AppBuild build;

  @BeforeEach
  void pack() throws IOException {
    jar = folder.resolve("app/app.jar");
    cache = folder.resolve("cache/app.aot");
    Files.createDirectories(folder.resolve("app"));
    write("");
    build =
        new AppBuild(
                new AppName("prices"),
                "1",
                List.of("-jar", jar.toString()),
                folder,
                Map.of(),
                Path.of(System.getProperty("java.home")),
                AppBuild.FLAGS,
                Optional.empty())
            .withStartupCache(Optional.of(cache));
  }

  private void write(String extra) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, FunctionMain.class.getName());
    manifest.getMainAttributes().putValue("Extra", "x" + extra);
    Path classes = Path.of(LocalServingIT.testClasses());
    String name = FunctionMain.class.getName().replace('.', '/');
    Path parent = classes.resolve(name).getParent();
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream zip = new JarOutputStream(out, manifest);
        Stream<Path> files = Files.list(parent)) {
      for (Path file : files.filter(f -> f.toString().contains("FunctionMain")).toList()) {
        zip.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
        zip.write(Files.readAllBytes(file));
        zip.closeEntry();
      }
    }
  }

  private List<String> start() throws Exception {
    return start(false);
  }

  private List<String> start(boolean cacheRequired) throws Exception {
    try (AppLog log = new AppLog(Files.createTempDirectory(folder, "logs"), "prices", 10_000_000)) {
      AppBuild verbose =
          new AppBuild(
              build.app(),
              build.revision(),
              build.program(),
              build.workingDirectory(),
              Map.of("JAVA_TOOL_OPTIONS", "-Xlog:class+load"),
              build.javaHome(),
              build.jvmFlags(),
              build.startupCache());
      FunctionProcess process =
          FunctionProcess.launch(verbose, cacheRequired, new LoopbackPorts(), log);
      process.awaitReady(Duration.ofSeconds(30));
      process.terminate();
      process.awaitEnd();
      return log.last(100_000);
    }
  }

  private static boolean fromCache(List<String> output) {
    return output.stream()
        .anyMatch(
            line -> line.contains(FunctionMain.class.getName()) && line.contains("shared objects"));
  }

  @Test
  void shouldTrainOnceAndStartFromTheCache() throws Exception {
    assertThat(StartupCache.check(build, cache)).isEqualTo(new Verdict.Missing());
    StartupCache.Sample sample =
        new StartupCache.Sample("/price", Map.of("Content-Type", "text/plain"), new byte[] {'1'});

    assertThat(StartupCache.ensure(build, cache, List.of(sample))).isTrue();

    assertThat(StartupCache.check(build, cache)).isEqualTo(new Verdict.Usable());
    assertThat(StartupCache.ensure(build, cache, List.of())).isFalse();
    assertThat(fromCache(start())).isTrue();
  }

  @Test
  void shouldNeverUseACacheOfOtherCode() throws Exception {
    StartupCache.train(build, cache, List.of());

    // same content at another time is still the same code
    Files.setLastModifiedTime(jar, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
    assertThat(StartupCache.check(build, cache)).isEqualTo(new Verdict.Usable());
    assertThat(fromCache(start())).isTrue();

    write("changed");
    assertThat(StartupCache.check(build, cache))
        .isInstanceOfSatisfying(
            Verdict.Stale.class, stale -> assertThat(stale.why()).contains("app.jar changed"));
    assertThat(fromCache(start())).as("stale code must not run").isFalse();

    Files.copy(jar, folder.resolve("app/more.jar"));
    assertThat(StartupCache.check(build, cache))
        .isEqualTo(new Verdict.Stale("jars were added or removed since it was trained"));
  }

  @Test
  void shouldFailWhereACacheIsRequiredAndDoesNotFit() throws Exception {
    StartupCache.train(build, cache, List.of());
    assertThat(fromCache(start(true))).isTrue();

    write("changed");
    assertThat(StartupCache.use(build, false).problem())
        .hasValueSatisfying(why -> assertThat(why).contains("app.jar changed"));
    assertThatThrownBy(() -> start(true))
        .hasMessageContaining("the start-up cache of app prices does not fit")
        .hasMessageContaining("app.jar changed")
        .hasMessageContaining("mvn package");
  }

  @Test
  void shouldFailWhereACacheIsRequiredAndTheJvmRefusesIt() throws Exception {
    StartupCache.train(build, cache, List.of());
    byte[] bytes = Files.readAllBytes(cache);
    Arrays.fill(bytes, 0, 64, (byte) 7);
    Files.write(cache, bytes);

    assertThat(fromCache(start(false))).isFalse();
    assertThatThrownBy(() -> start(true))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("while starting");
  }

  @Test
  void shouldRefuseABuildThatChangedWhileItTrained() throws Exception {
    Path library = Files.writeString(folder.resolve("app/library.jar"), "built once");
    AppBuild rebuilt = build.withEnvironment(Map.of("CHANGE_AT_START", library.toString()));

    assertThatThrownBy(() -> StartupCache.train(rebuilt, cache, List.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the build changed while training")
        .hasMessageContaining("library.jar");

    assertThat(StartupCache.check(build, cache)).isEqualTo(new Verdict.Missing());
  }

  @Test
  void shouldHaveNoCacheRatherThanAnOldOneWhenItIsKilledWhileReplacing() throws Exception {
    Files.createDirectories(cache.getParent());
    Files.writeString(cache, "trained on old classes");
    BuildStamp stamp = BuildStamp.of(build).withDigests();

    // what is not there cannot be moved: it comes as far as everything before the move
    assertThatThrownBy(() -> StartupCache.replace(cache, folder.resolve("none"), stamp))
        .isInstanceOf(NoSuchFileException.class);

    assertThat(StartupCache.check(build, cache)).isEqualTo(new Verdict.Missing());
  }

  @Test
  void shouldTellAnAppThatIsNotBuiltFromOneThatDoesNotStart() throws IOException {
    AppBuild broken = build.withEnvironment(Map.of("EXIT_AT_START", "7"));
    assertThatThrownBy(() -> StartupCache.ensure(broken, cache, List.of()))
        .isInstanceOf(AppDoesNotStartException.class)
        .hasMessageStartingWith("no start-up cache for app prices: ")
        .hasMessageContaining("ended with 7 while starting: cannot reach the price list");

    Files.delete(jar);
    assertThatThrownBy(() -> StartupCache.ensure(build, cache, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("app prices is not built")
        .hasMessageContaining("run mvn package");
  }

  @Test
  void shouldNotWaitForeverForAnAppThatDoesNotEnd() {
    AppBuild stubborn = build.withEnvironment(Map.of("IGNORE_TERM", "true"));
    assertThatThrownBy(() -> StartupCache.train(stubborn, cache, List.of(), Duration.ofSeconds(2)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("did not end within 2 s");
    assertThat(cache).doesNotExist();
    assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void shouldNotTrustADamagedStamp() throws Exception {
    StartupCache.train(build, cache, List.of());
    Files.writeString(cache.resolveSibling("app.aot.stamp"), "nonsense");
    assertThat(StartupCache.check(build, cache)).isInstanceOf(Verdict.Stale.class);
  }

  @Test
  void shouldJudgeACacheWithoutStampByTime() throws Exception {
    Files.createDirectories(cache.getParent());
    Files.writeString(cache, "made by somebody else");
    Files.setLastModifiedTime(cache, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
    assertThat(StartupCache.check(build, cache))
        .isInstanceOfSatisfying(
            Verdict.Stale.class, stale -> assertThat(stale.why()).contains("is newer"));
    Files.setLastModifiedTime(cache, FileTime.from(Instant.now().plusSeconds(5)));
    assertThat(StartupCache.check(build, cache)).isEqualTo(new Verdict.Usable());
  }

  @Test
  void shouldRecogniseTheJvmRefusingACache() {
    assertThat(StartupCache.refusal("[0.006s][warning][aot] Unable to use AOT cache.")).isTrue();
    assertThat(StartupCache.refusal("[0.007s][error  ][aot] Loading static archive failed."))
        .isTrue();
    assertThat(StartupCache.refusal("[info] aot of lions")).isFalse();
  }
}
