package dev.koalja.runtime.deployment;

import io.quarkus.deployment.IsDevelopment;
import io.quarkus.deployment.IsLocalDevelopment;
import io.quarkus.deployment.annotations.BuildProducer;
import io.quarkus.deployment.annotations.BuildStep;
import io.quarkus.deployment.builditem.CuratedApplicationShutdownBuildItem;
import io.quarkus.deployment.builditem.HotDeploymentWatchedFileBuildItem;
import io.quarkus.deployment.builditem.RunTimeConfigurationDefaultBuildItem;
import io.quarkus.deployment.pkg.builditem.OutputTargetBuildItem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What dev mode has besides: the breadboard for the circuit. Build steps run again at each reload,
 * in the same class: what its fields hold is that of the session.
 */
final class DevProcessor {
  private static final Logger LOG = Logger.getLogger(DevProcessor.class);
  private static final String PORT = "koalja.port";

  private static @Nullable DevBreadboard breadboard;
  private static int port;
  private static boolean notFound;

  @BuildStep(onlyIf = IsDevelopment.class)
  HotDeploymentWatchedFileBuildItem handWritten(OutputTargetBuildItem target) {
    return new HotDeploymentWatchedFileBuildItem(
        target.getOutputDirectory().resolveSibling("pipeline.yaml").toAbsolutePath().toString());
  }

  /** Starts it once the circuit is found right: its pipeline file is written then. */
  @BuildStep(onlyIf = IsLocalDevelopment.class)
  void breadboard(
      DevConfig config,
      CircuitBuildItem circuit,
      OutputTargetBuildItem target,
      CuratedApplicationShutdownBuildItem shutdown,
      BuildProducer<RunTimeConfigurationDefaultBuildItem> defaults)
      throws IOException {
    shutdown.addCloseTask(DevProcessor::end, true);
    if (!config.breadboard() || circuit.functions().isEmpty()) {
      return; // a circuit without functions of this app has nothing to attach
    }
    Path project =
        Objects.requireNonNull(
            target.getOutputDirectory().toAbsolutePath().getParent(), "a target has a project");
    Optional<Path> koalja =
        KoaljaCommand.find(
            project,
            Optional.ofNullable(System.getenv("KOALJA_HOME")),
            Optional.ofNullable(System.getenv("PATH")));
    if (koalja.isEmpty()) {
      if (!notFound) {
        LOG.info(
            "No breadboard is started, since there is no command koalja: put it on PATH, or set"
                + " KOALJA_HOME to its checkout (koalja.dev.breadboard=false: none is wanted)");
        notFound = true;
      }
      return;
    }
    List<String> words = new ArrayList<>(List.of("run"));
    words.add("--attach=%s=%d".formatted(circuit.app(), port(defaults)));
    words.addAll(config.runOptions().orElse(List.of()));
    if (breadboard == null) {
      endWithParent();
    }
    breadboard = DevBreadboard.keep(breadboard, koalja.get(), project, words);
  }

  /** The one that is set; else any that is free, the same all the session: 8080 is for events. */
  private static int port(BuildProducer<RunTimeConfigurationDefaultBuildItem> defaults)
      throws IOException {
    Optional<Integer> set =
        ConfigProvider.getConfig()
            .getOptionalValue(PORT, Integer.class)
            .or(() -> Optional.ofNullable(System.getenv("PORT")).map(Integer::valueOf));
    if (set.isPresent()) {
      return set.get();
    }
    if (port == 0) {
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = free.getLocalPort();
      }
    }
    defaults.produce(new RunTimeConfigurationDefaultBuildItem(PORT, String.valueOf(port)));
    return port;
  }

  /** A Maven that is killed leaves this process behind, and with it the breadboard. */
  private static void endWithParent() {
    ProcessHandle.current()
        .parent()
        .ifPresent(
            parent ->
                parent
                    .onExit()
                    // in a thread of its own: the end waits for the one that tells us
                    .thenRun(
                        () ->
                            Thread.ofPlatform()
                                .name("koalja-end")
                                .start(() -> Runtime.getRuntime().exit(0))));
  }

  private static void end() {
    DevBreadboard last = breadboard;
    breadboard = null;
    if (last != null) {
      last.close();
    }
  }
}
