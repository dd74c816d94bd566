package dev.koalja.knative.serving.local;

import dev.koalja.pipeline.AppName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * One build of an app and how to start it; or, of an app that somebody else runs, where it answers.
 *
 * @param app the app it is a build of
 * @param revision tells builds apart; two builds of an app with one revision are the same build
 * @param program what follows the JVM's flags: {@code -jar file} or {@code -cp path Main}
 * @param workingDirectory where the process starts
 * @param environment added to the environment of this process; the place for secrets
 * @param javaHome the JDK or JRE that runs it
 * @param jvmFlags flags of the JVM
 * @param startupCache the AOT cache to start with, see {@link StartupCache}
 * @param attachedAt the loopback port of a process that somebody else starts and ends; empty: we do
 */
public record AppBuild(
    AppName app,
    String revision,
    List<String> program,
    Path workingDirectory,
    Map<String, String> environment,
    Path javaHome,
    List<String> jvmFlags,
    Optional<Path> startupCache,
    OptionalInt attachedAt) {

  /** What makes a small, short-lived JVM start fast; measured, see docs. */
  public static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:-UsePerfData",
          "-XX:+UseCompactObjectHeaders",
          // not to compile at each start what was compiled in training, while the start waits
          "-XX:+UnlockDiagnosticVMOptions",
          "-XX:-AOTRecordTraining",
          "-XX:-AOTReplayTraining");

  private static final String DEBUGGER =
      "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:";

  /** How many ports debuggers may use, of each app. */
  static final int DEBUGGER_PORTS = 10;

  private static final String CACHE = "app.aot";
  private static final String MEASURED = "cold-start.json";
  private static final String RUN_JAR = "quarkus-run.jar";

  public AppBuild {
    program = List.copyOf(program);
    environment = Map.copyOf(environment);
    jvmFlags = List.copyOf(jvmFlags);
    javaHome = javaHome.toAbsolutePath().normalize();
    workingDirectory = workingDirectory.toAbsolutePath().normalize();
  }

  /** One that we start. */
  public AppBuild(
      AppName app,
      String revision,
      List<String> program,
      Path workingDirectory,
      Map<String, String> environment,
      Path javaHome,
      List<String> jvmFlags,
      Optional<Path> startupCache) {
    this(
        app,
        revision,
        program,
        workingDirectory,
        environment,
        javaHome,
        jvmFlags,
        startupCache,
        OptionalInt.empty());
  }

  /**
   * An app that is not started here: its process answers at a port of loopback, such as that of
   * {@code quarkus:dev}. It may come and go, and change its code, as it likes.
   *
   * @throws IllegalArgumentException when that is no port
   */
  public static AppBuild attached(AppName app, int port) {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("app %s: %d is no port".formatted(app, port));
    }
    return new AppBuild(
        app,
        "attached",
        List.of(),
        Path.of(""),
        Map.of(),
        Path.of(System.getProperty("java.home")),
        List.of(),
        Optional.empty(),
        OptionalInt.of(port));
  }

  /** Whether somebody else starts and ends its process. */
  boolean attached() {
    return attachedAt.isPresent();
  }

  /**
   * The build that {@code mvn package} left in {@code quarkusApp}, run by the JDK of this process,
   * with the start-up cache {@code app.aot} beside it when there is one.
   *
   * @param quarkusApp the folder with {@code quarkus-run.jar}
   * @throws IllegalArgumentException when there is no such build
   */
  public static AppBuild quarkus(AppName app, String revision, Path quarkusApp) {
    Path jar = quarkusApp.toAbsolutePath().normalize().resolve(RUN_JAR);
    AppBuild build =
        new AppBuild(
            app,
            revision,
            List.of("-jar", jar.toString()),
            quarkusApp,
            Map.of(),
            Path.of(System.getProperty("java.home")),
            FLAGS,
            Optional.of(jar.resolveSibling(CACHE)).filter(Files::isRegularFile));
    build.requireBuilt();
    return build;
  }

  /**
   * The build in a folder: an unpacked image as a container would run it, else what {@code mvn
   * package} left, as {@link #quarkus} says.
   *
   * @throws IllegalArgumentException when there is no such build, or it is the image of another app
   */
  public static AppBuild in(AppName app, String revision, Path folder) {
    try {
      Optional<UnpackedImage> image = UnpackedImage.in(folder);
      if (image.isEmpty()) {
        return quarkus(app, revision, folder);
      }
      AppBuild build = image.get().build(app, revision, folder);
      build.requireBuilt();
      return build;
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "app %s: the image in %s cannot be read: %s".formatted(app, folder, e.getMessage()), e);
    }
  }

  /** Whether a folder has a build that {@link #in} can start. */
  public static boolean isIn(Path folder) {
    try {
      return Files.isRegularFile(folder.resolve(RUN_JAR)) || UnpackedImage.in(folder).isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Sees to it that the jar to run is there, if it is a jar.
   *
   * @throws IllegalArgumentException when it is not
   */
  void requireBuilt() {
    Optional<Path> jar = jar();
    if (jar.isPresent() && !Files.isRegularFile(jar.get())) {
      throw new IllegalArgumentException(
          "app %s is not built: %s is missing; run mvn package".formatted(app, jar.get()));
    }
  }

  /**
   * Whether it surely prints the line that PROTOCOL.md asks for when it listens, as whatever runs
   * on Koalja's function runtime does. Of other programs nothing is known.
   */
  boolean announcesItself() {
    return jar().filter(jar -> jar.endsWith(RUN_JAR)).isPresent();
  }

  /** What the build measured of its own start: a file beside the jar, if it did. */
  public Optional<Path> measuredStart() {
    return jar().map(jar -> jar.resolveSibling(MEASURED)).filter(Files::isRegularFile);
  }

  private Optional<Path> jar() {
    return program.size() > 1 && program.getFirst().equals("-jar")
        ? Optional.of(Path.of(program.get(1)))
        : Optional.empty();
  }

  /** The same, started in another folder. */
  public AppBuild withWorkingDirectory(Path folder) {
    return new AppBuild(
        app, revision, program, folder, environment, javaHome, jvmFlags, startupCache);
  }

  /** The same, with more environment. */
  public AppBuild withEnvironment(Map<String, String> more) {
    Map<String, String> all = new TreeMap<>(environment);
    all.putAll(more);
    return new AppBuild(
        app, revision, program, workingDirectory, all, javaHome, jvmFlags, startupCache);
  }

  /** The same, started with an AOT cache. */
  public AppBuild withStartupCache(Optional<Path> cache) {
    return new AppBuild(
        app, revision, program, workingDirectory, environment, javaHome, jvmFlags, cache);
  }

  /** The same, on another JDK or JRE. */
  public AppBuild withJavaHome(Path home) {
    return new AppBuild(
        app, revision, program, workingDirectory, environment, home, jvmFlags, startupCache);
  }

  /**
   * The same, with a door for debuggers; it does not wait for one.
   *
   * @param port the first of the ten that may be used: an old and a new process run side by side
   */
  public AppBuild withDebugger(int port) {
    List<String> flags = new ArrayList<>(jvmFlags);
    flags.add(DEBUGGER + port);
    return new AppBuild(
        app, revision, program, workingDirectory, environment, javaHome, flags, startupCache);
  }

  /** The first of the ports at which debuggers may reach a process of it; empty when none may. */
  OptionalInt debuggerPorts() {
    return jvmFlags.stream()
        .filter(flag -> flag.startsWith(DEBUGGER))
        .mapToInt(flag -> Integer.parseInt(flag.substring(DEBUGGER.length())))
        .findFirst();
  }

  /**
   * The command line; no secret is ever part of it.
   *
   * @param debugger the port for debuggers, if it has one
   */
  List<String> command(List<String> extraFlags, OptionalInt debugger) {
    List<String> command = new ArrayList<>();
    command.add(javaHome.resolve("bin/java").toString());
    jvmFlags.stream().filter(flag -> !flag.startsWith(DEBUGGER)).forEach(command::add);
    debugger.ifPresent(port -> command.add(DEBUGGER + port));
    command.addAll(extraFlags);
    command.addAll(program);
    return command;
  }

  /** Environment values may be secrets: only their names show. */
  @Override
  public String toString() {
    return "AppBuild[%s %s, %s, environment %s]"
        .formatted(app, revision, program, new TreeMap<>(environment).keySet());
  }
}
