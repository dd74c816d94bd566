package dev.koalja.knative.serving.local;

import dev.koalja.knative.serving.ColdStart;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * A JVM that runs the functions of an app, started by us on loopback. Its standard input is a pipe
 * that we hold: when we end, however we end, the pipe closes and the process ends too.
 */
final class FunctionProcess implements AppProcess {
  private static final int BY_SIGNAL = 128;
  private static final int SIGNALS = 64;
  private static final Logger LOG = Logger.getLogger(FunctionProcess.class);
  private static final String LISTENING = "koalja: listening on port ";
  private static final Pattern STARTED = Pattern.compile("koalja: started in (\\d{1,9}) ms");
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);
  private static final long PROBE_MILLIS = 5;

  /**
   * How long a program of unknown make may stay silent before it is asked without having said that
   * it listens. The answer may come from somebody else who took the port first, so its own failure
   * to get the port must have time to end it.
   */
  private static final long SILENT_MILLIS = 2_000;

  /** How often to look whether it lives, while there is no line yet. */
  private static final long WATCH_MILLIS = 50;

  /** The places of a stack trace say nothing without the line before them. */
  private static final Pattern PLACE =
      Pattern.compile("at \\S+\\(.*\\).*|\\.\\.\\. \\d+ (?:more|common frames omitted)");

  private final AppBuild build;
  private final Process process;
  private final LoopbackPorts ports;
  private final long began;
  private final long decided;
  private final long spawned;
  private final CountDownLatch listening = new CountDownLatch(1);
  private final CountDownLatch outputEnded = new CountDownLatch(1);
  private volatile long listeningSince;
  private volatile Optional<Duration> ownCode = Optional.empty();
  private volatile Optional<String> withoutCache;
  private final int given;
  private final OptionalInt debugger;
  private final boolean cached;
  private final boolean training;
  private volatile int port;
  private volatile boolean bindFailed;
  private volatile String lastLine = "";

  private FunctionProcess(
      AppBuild build,
      Process process,
      int port,
      OptionalInt debugger,
      StartupCache.Use cache,
      LoopbackPorts ports,
      long began,
      long decided,
      AppLog log) {
    this.build = build;
    this.process = process;
    this.given = port;
    this.debugger = debugger;
    this.withoutCache = cache.problem();
    this.cached = cache.flags().stream().anyMatch(flag -> flag.startsWith("-XX:AOTCache="));
    this.training = cache.flags().stream().anyMatch(flag -> flag.startsWith("-XX:AOTCacheOutput="));
    this.port = port;
    this.ports = ports;
    this.began = began;
    this.decided = decided;
    this.spawned = System.nanoTime();
    // A platform thread: reading a pipe would hold on to the carrier of a virtual one.
    Thread.ofPlatform()
        .daemon()
        .name("koalja-output-" + build.app() + "-" + process.pid())
        .start(() -> readOutput(log));
  }

  /**
   * Starts a process on a free port, with its start-up cache where there is one.
   *
   * @param cacheRequired whether a cache that does not fit fails the start
   */
  static FunctionProcess launch(
      AppBuild build, boolean cacheRequired, LoopbackPorts ports, AppLog log) throws IOException {
    long began = System.nanoTime();
    // a debugger may keep the JVM from a cache that fits
    boolean required = cacheRequired && build.debuggerPorts().isEmpty();
    return launch(build, StartupCache.use(build, required), ports, log, began);
  }

  /** Starts a process on a free port that writes a start-up cache as it ends. */
  static FunctionProcess train(AppBuild build, Path cache, LoopbackPorts ports, AppLog log)
      throws IOException {
    StartupCache.Use output =
        new StartupCache.Use(List.of("-XX:AOTCacheOutput=" + cache), Optional.empty());
    return launch(build, output, ports, log, System.nanoTime());
  }

  private static FunctionProcess launch(
      AppBuild build, StartupCache.Use cache, LoopbackPorts ports, AppLog log, long began)
      throws IOException {
    int port = ports.take();
    OptionalInt debugger = debugger(build, ports);
    try {
      ProcessBuilder builder = new ProcessBuilder(build.command(cache.flags(), debugger));
      builder.directory(build.workingDirectory().toFile());
      builder.redirectErrorStream(true);
      configure(builder.environment(), build, port);
      long decided = System.nanoTime();
      return new FunctionProcess(
          build, builder.start(), port, debugger, cache, ports, began, decided, log);
    } catch (IOException e) {
      ports.release(port);
      debugger.ifPresent(ports::release);
      throw new IOException(
          "cannot start app %s in %s with %s: %s"
              .formatted(build.app(), build.workingDirectory(), build.javaHome(), e.getMessage()),
          e);
    }
  }

  private static OptionalInt debugger(AppBuild build, LoopbackPorts ports) {
    OptionalInt first = build.debuggerPorts();
    if (first.isEmpty()) {
      return first;
    }
    OptionalInt port = ports.takeFrom(first.getAsInt(), AppBuild.DEBUGGER_PORTS);
    if (port.isEmpty()) {
      LOG.warnf(
          "a process of app %s starts without a door for debuggers: ports %s to %s are in use",
          build.app(),
          Integer.toString(first.getAsInt()),
          Integer.toString(first.getAsInt() + AppBuild.DEBUGGER_PORTS - 1));
    }
    return port;
  }

  /** Makes the environment of a process of {@code build} of that of this process. */
  static void configure(Map<String, String> environment, AppBuild build, int port) {
    environment.keySet().removeIf(FunctionProcess::isOurs);
    environment.putAll(build.environment());
    environment.put("PORT", Integer.toString(port));
    environment.put("KOALJA_HOST", "127.0.0.1");
    environment.put("KOALJA_WATCH_PARENT", "true");
    environment.put("K_SERVICE", build.app().value());
    environment.put("K_CONFIGURATION", build.app().value());
    environment.put("K_REVISION", build.revision());
  }

  /**
   * Whether a variable is for this process alone: what configures it must not configure a function,
   * and who holds the token of the control API may change every circuit. KOALJA_SECRET_ stays: on a
   * cluster functions get their secrets by that name too.
   */
  private static boolean isOurs(String name) {
    // the configuration library takes koalja.control.token and the like as well
    String upper = name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    return upper.startsWith("QUARKUS_")
        || upper.startsWith("KOALJA_CONTROL_")
        || upper.startsWith("KOALJA_ROUTER_")
        || upper.startsWith("KOALJA_SERVING_")
        || upper.equals("KOALJA_PORT");
  }

  private void readOutput(AppLog log) {
    try {
      BoundedLines.read(
          process.getInputStream(),
          line -> {
            notice(line);
            log.append(process.pid(), line);
          },
          log::flush);
    } catch (IOException e) {
      // The pipe of a killed process may break instead of ending; either way there is no more.
      LOG.debugf(e, "output of process %d ended", process.pid());
    } finally {
      outputEnded.countDown();
    }
  }

  private void notice(String line) {
    // the last words of the app say why it ended, not what the JVM says of the cache after them
    String words = line.strip();
    if (!words.isEmpty()
        && !PLACE.matcher(words).matches()
        && !(training && StartupCache.progress(line))) {
      lastLine = words;
    }
    if (listening.getCount() == 0) {
      return;
    }
    Matcher started = STARTED.matcher(line);
    if (started.matches()) {
      ownCode = Optional.of(Duration.ofMillis(Long.parseLong(started.group(1))));
    } else if (line.startsWith(LISTENING)) {
      listeningSince = System.nanoTime();
      port = parsePort(line.substring(LISTENING.length()).strip());
      listening.countDown();
    } else if (line.contains("Address already in use") || line.contains("BindException")) {
      bindFailed = true;
    } else if (cached && StartupCache.refusal(line)) {
      withoutCache = Optional.of("the JVM did not take it, " + line.strip());
    }
  }

  private int parsePort(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return given;
    }
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public int port() {
    return port;
  }

  /** An exit status, with the signal where it stands for one, as shells write it. */
  static String status(int code) {
    return code > BY_SIGNAL && code <= BY_SIGNAL + SIGNALS
        ? "%d (signal %d)".formatted(code, code - BY_SIGNAL)
        : String.valueOf(code);
  }

  @Override
  public ColdStart awaitReady(Duration limit) throws StartFailedException, InterruptedException {
    long deadline = began + limit.toNanos();
    boolean said = listening.await(WATCH_MILLIS, TimeUnit.MILLISECONDS);
    // alive is asked last: the answer could come from somebody else who took the port first
    while (!ready(said) || !process.isAlive()) {
      if (!process.isAlive()) {
        // the last line may still be in the pipe
        outputEnded.await(1, TimeUnit.SECONDS);
        throw new StartFailedException(
            "process of app %s ended with %s while starting: %s"
                .formatted(build.app(), status(process.exitValue()), quote()),
            portTaken());
      }
      if (System.nanoTime() - deadline > 0) {
        kill();
        throw new StartFailedException(
            "process of app %s was not ready within %d s and was stopped: %s"
                .formatted(build.app(), limit.toSeconds(), quote()),
            false);
      }
      if (said) {
        Thread.sleep(PROBE_MILLIS);
      } else {
        said = listening.await(WATCH_MILLIS, TimeUnit.MILLISECONDS);
      }
    }
    long ready = System.nanoTime();
    long heard = said ? listeningSince : ready;
    Duration listened = Duration.ofNanos(Math.max(0, heard - spawned));
    // what it says cannot be more than what passed
    Optional<Duration> app = ownCode.filter(own -> own.compareTo(listened) <= 0);
    return new ColdStart(
        Duration.ofNanos(decided - began),
        Duration.ofNanos(spawned - decided),
        app.map(listened::minus),
        app.orElse(listened),
        Duration.ofNanos(Math.max(0, ready - heard)));
  }

  @Override
  public Optional<String> withoutCache() {
    return withoutCache;
  }

  /** Koalja's function runtime says that it listens once it is ready; others are asked. */
  private boolean ready(boolean said) {
    if (build.announcesItself()) {
      return said;
    }
    return (said || System.nanoTime() - spawned >= TimeUnit.MILLISECONDS.toNanos(SILENT_MILLIS))
        && HealthProbe.ready(port, PROBE_TIMEOUT);
  }

  /**
   * Whether it ended because of a port that was given to it. One that it chose itself, for another
   * server, would be taken at the next try as well.
   */
  private boolean portTaken() {
    return bindFailed
        && (!LoopbackPorts.free(given)
            || debugger.isPresent() && !LoopbackPorts.free(debugger.getAsInt()));
  }

  private String quote() {
    return lastLine.isEmpty() ? "it printed nothing" : lastLine;
  }

  @Override
  public int awaitEnd() throws InterruptedException {
    int code = process.waitFor();
    ports.release(given);
    debugger.ifPresent(ports::release);
    return code;
  }

  /**
   * Asks it to end and waits until it has.
   *
   * @return whether it did within {@code limit}; otherwise it was killed, and all it started too
   */
  boolean end(Duration limit) throws InterruptedException {
    boolean ended = false;
    terminate();
    try {
      ended = process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
    } finally {
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        kill();
      }
    }
    awaitEnd();
    return ended;
  }

  @Override
  public boolean answers(Duration limit) {
    return process.isAlive() && HealthProbe.ready(port, limit);
  }

  @Override
  public void terminate() {
    // Process.destroy would also close the pipe, and what it prints while it ends would be lost
    process.toHandle().destroy();
  }

  @Override
  public void kill() {
    process.toHandle().destroyForcibly();
  }

  @Override
  public String lastLine() {
    return lastLine;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "process %d of app %s", pid(), build.app());
  }
}
