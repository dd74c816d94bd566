package dev.koalja.runtime.deployment;

import io.quarkus.deployment.IsProduction;
import io.quarkus.deployment.annotations.BuildProducer;
import io.quarkus.deployment.annotations.BuildStep;
import io.quarkus.deployment.pkg.builditem.ArtifactResultBuildItem;
import io.quarkus.deployment.pkg.builditem.JarBuildItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Trains the start-up cache once the app is packaged: {@code app.aot} beside the jar that is run. A
 * cache that could not be made only costs time at starts, so it fails no build.
 */
final class TrainingProcessor {
  private static final Logger LOG = Logger.getLogger(TrainingProcessor.class);
  private static final String CACHE = "app.aot";
  private static final String MEASURED = "cold-start.json";

  @BuildStep(onlyIf = IsProduction.class)
  void train(
      TrainingConfig config,
      StartConfig start,
      CircuitBuildItem circuit,
      JarBuildItem jar,
      BuildProducer<ArtifactResultBuildItem> artifacts)
      throws IOException, InterruptedException {
    Path run = jar.getPath().toAbsolutePath();
    RunJar.beginWith("dev.koalja.runtime.Start", run);
    Path folder = Objects.requireNonNull(run.getParent(), "a file has a folder");
    Files.deleteIfExists(folder.resolve(MEASURED)); // it would be of the code before
    if (!config.enabled()) {
      return;
    }
    Path cache = folder.resolve(CACHE);
    train(config, run, cache, artifacts);
    StartBudgets budgets = new StartBudgets(circuit.functions());
    if (!budgets.none() && start.check() != StartConfig.Check.OFF) {
      check(budgets, config, start, circuit, run, cache);
    }
  }

  private static void train(
      TrainingConfig config, Path run, Path cache, BuildProducer<ArtifactResultBuildItem> artifacts)
      throws IOException, InterruptedException {
    Instant begin = Instant.now();
    Path folder = Objects.requireNonNull(run.getParent(), "a file has a folder");
    Path log = folder.resolveSibling("koalja").resolve("training.log");
    Files.deleteIfExists(cache);
    Files.createDirectories(log.getParent());
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(config.flags());
    command.add("-XX:AOTCacheOutput=" + CACHE);
    command.add("-Dkoalja.training=true");
    command.add("-jar");
    command.add(folder.relativize(run).toString());
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    awaitEnd(process, config.timeout());
    if (Files.isRegularFile(cache) && process.exitValue() == 0) {
      Duration took = Duration.between(begin, Instant.now());
      LOG.infof(
          "Start-up cache of %d MB trained in %d ms", Files.size(cache) >> 20, took.toMillis());
      artifacts.produce(new ArtifactResultBuildItem(cache, "aot-cache", Map.of()));
    } else {
      Files.deleteIfExists(cache);
      LOG.warnf("No start-up cache was made, so starts will be slow: see %s", log);
    }
  }

  private static void check(
      StartBudgets budgets,
      TrainingConfig config,
      StartConfig start,
      CircuitBuildItem circuit,
      Path run,
      Path cache)
      throws IOException, InterruptedException {
    Path folder = Objects.requireNonNull(run.getParent(), "a file has a folder");
    boolean cached = Files.isRegularFile(cache);
    List<String> command = new ArrayList<>();
    command.add(StartMeasurement.java());
    command.addAll(config.flags());
    if (cached) {
      command.add("-XX:AOTCache=" + CACHE);
    }
    command.addAll(List.of("-jar", folder.relativize(run).toString()));
    StartMeasurement measurement =
        new StartMeasurement(config.flags(), folder.resolveSibling("koalja").resolve("reference"));
    budgets.measure(measurement, new StartMeasurement.Program(command, folder));
    budgets.write(measurement, folder.resolve(MEASURED));
    List<String> problems =
        budgets.problems(measurement, cached).stream().map(BuildProblem::toString).toList();
    if (problems.isEmpty()) {
      LOG.infof(
          "Cold start in %.0f ms, %.2f times the reference program: within every coldStartBudget",
          measurement.appMillis(), measurement.ratio());
    } else if (start.check() == StartConfig.Check.FAIL) {
      Files.deleteIfExists(run); // nobody takes what did not build for the last build
      throw new WrongCircuitException(circuit.app().value(), problems);
    } else {
      problems.forEach(problem -> LOG.warn(problem));
    }
  }

  /** Waits for the training; it does not outlive the build, also when the build is interrupted. */
  static void awaitEnd(Process process, Duration timeout) throws InterruptedException {
    try {
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw e;
    }
  }
}
