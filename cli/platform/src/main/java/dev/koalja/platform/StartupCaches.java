package dev.koalja.platform;

import dev.koalja.launch.JvmOptions;
import dev.koalja.launch.KoaljaHome;
import dev.koalja.launch.LaunchException;
import dev.koalja.launch.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;

/**
 * Start-up caches of the gateway and the router. With them a killed one is back much sooner. Making
 * them takes about half a minute, so the build leaves it to who starts the two often.
 */
public final class StartupCaches {
  private static final Duration WRITING = Duration.ofMinutes(3);

  private StartupCaches() {}

  /** What is done with a platform, so that its processes learn how. */
  @FunctionalInterface
  public interface Use {
    /** Does it. */
    void of(Platform platform) throws IOException, InterruptedException;
  }

  /** Whether both are there and fit the jars. */
  public static boolean fit() {
    KoaljaHome home = KoaljaHome.find();
    return fits(home.gatewayJar()) && fits(home.routerJar());
  }

  private static boolean fits(Path jar) {
    return !JvmOptions.cache(ServiceProcess.cache(jar), jar.resolveSibling("")).isEmpty();
  }

  /**
   * Starts a platform once, uses it, and keeps what its processes learned. Without caches each
   * start takes longer, nothing else: so what goes wrong here is no mistake of the caller.
   *
   * @param folder for data and logs
   * @param apps name and folder of the function projects, built
   * @return whether the caches are there now
   */
  public static boolean make(Path folder, Map<String, Path> apps, Use use)
      throws IOException, InterruptedException {
    try (Platform platform = Platform.training(folder, apps)) {
      use.of(platform);
      // each writes its cache as it ends
      platform.routers().getFirst().process().stop(WRITING);
      platform.gateway().process().stop(WRITING);
    } catch (LaunchException _) {
      return false; // the platform proper will say why
    }
    KoaljaHome home = KoaljaHome.find();
    return keep(gateway(folder), home.gatewayJar()) && keep(router(folder), home.routerJar());
  }

  private static boolean keep(Path made, Path jar) throws IOException {
    if (!Files.isRegularFile(made)) {
      return false;
    }
    Files.move(made, ServiceProcess.cache(jar), StandardCopyOption.REPLACE_EXISTING);
    return true;
  }

  /** Where the gateway leaves what it learned. */
  static Path gateway(Path folder) {
    return folder.resolve("gateway.aot");
  }

  /** Where the router does. */
  static Path router(Path folder) {
    return folder.resolve("router.aot");
  }
}
