package dev.koalja.router;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Settings of the serving: where functions run. */
@ConfigMapping(prefix = "koalja.serving")
public interface ServingConfig {
  /** Functions as processes on this machine, or as Knative Services. */
  @WithDefault("local")
  Mode mode();

  /** Local: each app's project folder, built with Maven, or the folder of its build. */
  Map<String, Path> apps();

  /**
   * Local: a folder of builds of apps, each in {@code app/number}. The one that {@code app/current}
   * names is used in place of that of {@link #apps}, or without one there, until a revision in
   * force names another; {@code PUT /serving/apps/app/next} prepares one. Without it neither is
   * possible.
   */
  Optional<Path> builds();

  /**
   * Local: for each app, the first of the ten ports at which debuggers reach its processes; each
   * process takes the first that is free, and does without when none is.
   */
  Map<String, Integer> debug();

  /**
   * Local: apps that are not started here, each with the port on loopback at which its process
   * answers, such as that of {@code quarkus:dev}. It may come and go; events wait while it is away.
   */
  Map<String, Integer> attached();

  /** Local: environment of function processes, beside that of the router. */
  Map<String, String> environment();

  /**
   * Local: what becomes of a start-up cache that does not fit its build. {@code warn}: starts do
   * without it, and log and {@code koalja status} say what that costs. {@code require}: they fail.
   */
  @WithDefault("warn")
  CacheUse cache();

  /** Local: where processes write their output. */
  @WithDefault(".koalja/logs")
  Path logs();

  /** Knative: the namespace of the services. */
  @WithDefault("default")
  String namespace();

  /** What becomes of a start-up cache that does not fit. */
  enum CacheUse {
    WARN,
    REQUIRE
  }

  /** Where functions run. */
  enum Mode {
    LOCAL,
    KNATIVE
  }
}
