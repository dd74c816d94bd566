package dev.koalja.knative.serving.local;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * An AOT cache: the classes of an app, loaded and linked in a training run, which make a start
 * several times faster.
 *
 * <p>The JVM itself does not notice that a jar changed after the training (measured with JDK
 * 25.0.3): it runs the <em>old</em> classes out of the cache. So each cache has a stamp beside it
 * with the digest of every file it was trained on, and a cache whose stamp does not fit is never
 * used.
 */
public final class StartupCache {
  private static final Logger LOG = Logger.getLogger(StartupCache.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration SAMPLE_LIMIT = Duration.ofSeconds(10);

  /** The JVM writes the cache while it ends, which takes seconds; a hook of the app may hang. */
  private static final Duration END_LIMIT = Duration.ofSeconds(60);

  private static final int ROUNDS = 20;
  private static final long LOG_LIMIT = 1024 * 1024;

  /** Whether a cache may be used. */
  public sealed interface Verdict {
    /** It belongs to exactly this build. */
    record Usable() implements Verdict {}

    /** There is none. */
    record Missing() implements Verdict {}

    /**
     * It belongs to something else and would run old code or be refused.
     *
     * @param why what differs, for people
     */
    record Stale(String why) implements Verdict {}
  }

  /**
   * A request that the training run sends, so that its classes are in the cache too.
   *
   * @param path such as {@code /price}
   * @param headers such as {@code Content-Type} and the {@code ce-} headers
   * @param body the bytes to post
   */
  public record Sample(String path, Map<String, String> headers, byte[] body) {
    public Sample {
      headers = Map.copyOf(headers);
    }
  }

  private StartupCache() {}

  /**
   * Whether {@code cache} may be used to start {@code build}. Cheap when nothing changed: looks at
   * times and sizes, and at content only where those differ.
   */
  public static Verdict check(AppBuild build, Path cache) {
    if (!Files.isRegularFile(cache)) {
      return new Verdict.Missing();
    }
    try {
      BuildStamp now = BuildStamp.of(build);
      Path stamp = stampOf(cache);
      Optional<String> difference =
          Files.exists(stamp)
              ? now.difference(BuildStamp.read(stamp))
              : now.newerThan(Files.getLastModifiedTime(cache));
      return difference.isPresent() ? new Verdict.Stale(difference.get()) : new Verdict.Usable();
    } catch (IOException e) {
      return new Verdict.Stale("cannot be compared with the build: " + e.getMessage());
    }
  }

  /**
   * Trains {@code cache} unless it fits already.
   *
   * @return whether a training run was needed
   * @throws IllegalArgumentException when the app is not built
   * @throws AppDoesNotStartException when the app does not become ready
   * @throws IOException when no cache comes of it
   */
  public static boolean ensure(AppBuild build, Path cache, List<Sample> samples)
      throws IOException, InterruptedException {
    if (check(build, cache) instanceof Verdict.Usable) {
      return false;
    }
    train(build, cache, samples);
    return true;
  }

  /**
   * Starts the app, has it rehearse, and keeps what the JVM learnt. Takes some seconds. An older
   * cache is replaced in one step.
   *
   * <p>Without samples the process is told to rehearse by itself (KOALJA_TRAINING), which calls no
   * function; a program that does not know how is probed and ended. With samples it gets those.
   *
   * @param build started as {@link LocalServing} starts it, with its JVM and flags
   * @throws IllegalArgumentException when the app is not built
   * @throws AppDoesNotStartException when the app does not become ready
   * @throws IOException when no cache comes of it, or the build changed meanwhile
   */
  public static void train(AppBuild build, Path cache, List<Sample> samples)
      throws IOException, InterruptedException {
    train(build, cache, samples, END_LIMIT);
  }

  /**
   * @param endLimit how long the app may take to end once it was asked to
   */
  static void train(AppBuild build, Path cache, List<Sample> samples, Duration endLimit)
      throws IOException, InterruptedException {
    build.requireBuilt();
    Path folder = cache.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(cache + " is no file");
    }
    Files.createDirectories(folder);
    Path fresh = folder.resolve(cache.getFileName() + ".training");
    Files.deleteIfExists(fresh);
    // digests from before: those from after could be of other classes than the JVM has seen
    BuildStamp stamp = BuildStamp.of(build).withDigests();
    AppBuild trained =
        samples.isEmpty() ? build.withEnvironment(Map.of("KOALJA_TRAINING", "true")) : build;
    try (AppLog log = new AppLog(folder, cache.getFileName() + "-training", LOG_LIMIT)) {
      FunctionProcess process = FunctionProcess.train(trained, fresh, new LoopbackPorts(), log);
      boolean ended;
      Optional<StartFailedException> failure = Optional.empty();
      try {
        process.awaitReady(START_LIMIT);
        send(process.port(), samples);
      } catch (StartFailedException e) {
        failure = Optional.of(e);
      } finally {
        ended = process.end(endLimit);
      }
      if (!ended) {
        Files.deleteIfExists(fresh); // what was written is half a cache at best
        throw noCache(
            build,
            "it did not end within %d s when asked and was stopped: %s"
                .formatted(endLimit.toSeconds(), process.lastLine()));
      }
      // one that rehearsed has ended by itself, well, before it was ever ready
      boolean rehearsed = process.awaitEnd() == 0;
      if (failure.isPresent() && !(rehearsed && Files.isRegularFile(fresh))) {
        Files.deleteIfExists(fresh);
        String why = String.valueOf(failure.get().getMessage());
        throw rehearsed || failure.get().portTaken()
            ? noCache(build, why)
            : new AppDoesNotStartException(without(build, why));
      }
      if (!Files.isRegularFile(fresh)) {
        throw noCache(build, "the JVM wrote none: " + process.lastLine());
      }
    }
    Optional<String> change = BuildStamp.of(build).withDigests().difference(stamp);
    if (change.isPresent()) {
      Files.deleteIfExists(fresh);
      throw noCache(build, "the build changed while training: " + change.get());
    }
    replace(cache, fresh, stamp);
    LOG.debugf("start-up cache of app %s: %s", build.app(), cache);
  }

  private static IOException noCache(AppBuild build, String why) {
    return new IOException(without(build, why));
  }

  private static String without(AppBuild build, String why) {
    return "no start-up cache for app %s: %s".formatted(build.app(), why);
  }

  /**
   * Puts {@code fresh} in the place of {@code cache}. Whoever is killed between two of the steps
   * leaves no cache at all rather than an old one beside a stamp that fits the build.
   */
  static void replace(Path cache, Path fresh, BuildStamp stamp) throws IOException {
    Files.deleteIfExists(cache);
    stamp.write(stampOf(cache));
    Files.move(fresh, cache, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void send(int port, List<Sample> samples) throws InterruptedException {
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      for (int round = 0; round < ROUNDS; round++) {
        HealthProbe.ready(port, SAMPLE_LIMIT);
        for (Sample sample : samples) {
          HttpRequest.Builder request =
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + sample.path()))
                  .timeout(SAMPLE_LIMIT)
                  .POST(HttpRequest.BodyPublishers.ofByteArray(sample.body()));
          sample.headers().forEach(request::header);
          client.send(request.build(), HttpResponse.BodyHandlers.discarding());
        }
      }
    } catch (IOException e) {
      // a function that fails on a sample still taught the JVM how to start
      LOG.debugf(e, "training request");
    }
  }

  /**
   * How a process meets the start-up cache of its build.
   *
   * @param flags the JVM's flags for it
   * @param problem why it has to do without; empty when it does not, or when the build has none
   */
  record Use(List<String> flags, Optional<String> problem) {
    Use {
      flags = List.copyOf(flags);
    }
  }

  /**
   * How to start {@code build} with its cache, where that is safe.
   *
   * @param required whether one that does not fit is an error, also where only the JVM finds out
   * @throws IOException when it is required and does not fit
   */
  static Use use(AppBuild build, boolean required) throws IOException {
    if (build.startupCache().isEmpty()) {
      return new Use(List.of(), Optional.empty());
    }
    Path cache = build.startupCache().get();
    String problem =
        switch (check(build, cache)) {
          case Verdict.Usable() -> "";
          case Verdict.Missing() -> cache + " is gone";
          case Verdict.Stale(var why) -> why;
        };
    if (problem.isEmpty()) {
      String flag = "-XX:AOTCache=" + cache;
      return new Use(required ? List.of(flag, "-XX:AOTMode=on") : List.of(flag), Optional.empty());
    }
    if (required) {
      throw new IOException(
          "the start-up cache of app %s does not fit: %s; run mvn package"
              .formatted(build.app(), problem));
    }
    return new Use(List.of(), Optional.of(problem));
  }

  /** Whether a line of a process says that the JVM did not take its cache. */
  static boolean refusal(String line) {
    return line.contains("][aot") && (line.contains("[warning") || line.contains("[error"));
  }

  /** Whether a line of a training run is the JVM saying how far it has come with the cache. */
  static boolean progress(String line) {
    return line.contains("AOT") && !line.startsWith("[");
  }

  private static Path stampOf(Path cache) {
    return cache.resolveSibling(cache.getFileName() + ".stamp");
  }
}
