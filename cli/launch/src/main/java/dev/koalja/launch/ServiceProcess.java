package dev.koalja.launch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One of our Quarkus applications in a process of its own: breadboard, gateway or event router.
 * Settings are system properties, as Quarkus reads them. Safe for threads.
 */
public final class ServiceProcess implements AutoCloseable {
  private volatile ChildProcess process;

  private ServiceProcess(ChildProcess process) {
    this.process = process;
  }

  /** The breadboard; ready line {@code koalja: breadboard ready on …}. */
  public static ServiceProcess breadboard(
      Map<String, String> settings, Map<String, String> environment, Path log) {
    return start("breadboard", KoaljaHome.find().breadboardJar(), settings, environment, log);
  }

  /** The gateway alone; ready line {@code koalja: gateway ready on …}. */
  public static ServiceProcess gateway(
      Map<String, String> settings, Map<String, String> environment, Path log) {
    return start("gateway", KoaljaHome.find().gatewayJar(), settings, environment, log);
  }

  /** The event router alone; ready line {@code koalja: router ready on …}. */
  public static ServiceProcess router(
      Map<String, String> settings, Map<String, String> environment, Path log) {
    return start("router", KoaljaHome.find().routerJar(), settings, environment, log);
  }

  /** The breadboard in the run from which its start-up cache is made, when that run ends. */
  public static ServiceProcess training(Map<String, String> settings, Path cache, Path log) {
    return training("breadboard", KoaljaHome.find().breadboardJar(), settings, cache, log);
  }

  /** The gateway in such a run. */
  public static ServiceProcess gatewayTraining(Map<String, String> settings, Path cache, Path log) {
    return training("gateway", KoaljaHome.find().gatewayJar(), settings, cache, log);
  }

  /** The event router in such a run. */
  public static ServiceProcess routerTraining(Map<String, String> settings, Path cache, Path log) {
    return training("router", KoaljaHome.find().routerJar(), settings, cache, log);
  }

  private static ServiceProcess training(
      String name, Path jar, Map<String, String> settings, Path cache, Path log) {
    List<String> options = List.of("-XX:AOTCacheOutput=" + cache);
    return start(name, jar, options, settings, Map.of(), log);
  }

  /** The start-up cache that a service's jar is started with, when it is there and fits. */
  public static Path cache(Path jar) {
    return jar.resolveSibling("app.aot");
  }

  private static ServiceProcess start(
      String name,
      Path jar,
      Map<String, String> settings,
      Map<String, String> environment,
      Path log) {
    List<String> cache = JvmOptions.cache(cache(jar), jar.resolveSibling(""));
    return start(name, jar, cache, settings, environment, log);
  }

  private static ServiceProcess start(
      String name,
      Path jar,
      List<String> cache,
      Map<String, String> settings,
      Map<String, String> environment,
      Path log) {
    List<String> options = new ArrayList<>(JvmOptions.service());
    options.addAll(cache);
    settings.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(each -> options.add("-D" + each.getKey() + "=" + each.getValue()));
    return new ServiceProcess(
        ChildProcess.start(
            Launch.jar(name, jar, options, environment, log, "koalja: " + name + " ready")));
  }

  /** The running process. */
  public ChildProcess process() {
    return process;
  }

  /** What it said when it was ready, with its addresses. */
  public String readyLine() {
    return process.readyLine();
  }

  /** Kills it without warning (SIGKILL). */
  public void kill9() {
    process.kill9();
  }

  /**
   * Starts it again with the same settings; ends it first if it runs.
   *
   * @throws LaunchException with the reason in one line
   */
  public void restart() {
    process.close();
    process = ChildProcess.start(process.launch());
  }

  /**
   * Ends it in good order.
   *
   * @return false when it had to be killed
   */
  public boolean stop() {
    return process.stop(ChildProcess.GRACE);
  }

  /** {@link #stop}. */
  @Override
  public void close() {
    stop();
  }
}
