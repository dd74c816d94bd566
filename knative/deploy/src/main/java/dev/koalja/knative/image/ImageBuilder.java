package dev.koalja.knative.image;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import com.google.cloud.tools.jib.api.buildplan.Port;
import dev.koalja.knative.serving.local.AppBuild;
import dev.koalja.knative.serving.local.AppDoesNotStartException;
import dev.koalja.knative.serving.local.StartupCache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;

/**
 * Builds the image of an app without a container engine and without a network: loader and C library
 * of this machine, a JRE trimmed to the app, its libraries, the app, and a start-up cache trained
 * with exactly that JRE and those jars. Runs as user 65532, listens on {@code PORT}.
 *
 * <p>The same build gives the same image as long as the output folder keeps the start-up cache: the
 * JVM does not write that the same twice.
 */
public final class ImageBuilder {
  private static final String USER = "65532:65532";
  private static final int PORT = 8080;
  private static final String RUN_JAR = "quarkus-run.jar";
  private static final String CACHE = "app.aot";

  /** Of the memory the container may use: what Java takes by default is a quarter. */
  private static final String HEAP = "-XX:MaxRAMPercentage=70";

  private final ImageRequest request;
  private final Machine machine = Machine.here();
  private final Path work;
  private final Path root;

  private ImageBuilder(ImageRequest request) {
    this.request = request;
    this.work = request.output().resolve("koalja-image").resolve(request.app().value());
    this.root = work.resolve("root");
  }

  /**
   * Builds an image.
   *
   * @throws IllegalArgumentException when the app is not built
   * @throws AppDoesNotStartException when the app does not become ready
   * @throws IOException when a file cannot be read or written, or a tool fails
   * @throws UnsupportedOperationException on a machine that is not Linux
   */
  public static BuiltImage build(ImageRequest request) throws IOException, InterruptedException {
    if (!Files.isRegularFile(request.quarkusApp().resolve(RUN_JAR))) {
      throw new IllegalArgumentException(
          "app %s is not built: %s is missing; run mvn package"
              .formatted(request.app(), request.quarkusApp().resolve(RUN_JAR)));
    }
    return new ImageBuilder(request).build();
  }

  private BuiltImage build() throws IOException, InterruptedException {
    stageApp();
    stageJre();
    stageSettings();
    Path cache = trainCache();
    List<FileEntriesLayer> layers = layers(cache);
    String name = request.app() + "-" + request.version();
    Path archive = request.output().resolve(name + ".tar");
    Path layout = request.output().resolve(name + "-oci");
    containerize(layers, ImageFormat.Docker, archive);
    Path ociArchive = work.resolve("oci.tar");
    containerize(layers, ImageFormat.OCI, ociArchive);
    OciLayout oci = OciLayout.unpack(ociArchive, layout);
    Files.delete(ociArchive);
    return new BuiltImage(
        request.app() + ":" + request.version(),
        oci.digest(),
        archive,
        layout,
        oci.layers(layers.stream().map(FileEntriesLayer::getName).toList()));
  }

  // ---- what goes in, at the paths and with the times it has in the image ----

  private void stageApp() throws IOException {
    Path app = root.resolve("app");
    FileTree.delete(app);
    FileTree.copy(
        request.quarkusApp(), app, file -> file.toString().endsWith(".jar") || data(file));
    FileTree.settle(app);
  }

  private static boolean data(Path file) {
    return file.toString().endsWith(".dat");
  }

  private void stageJre() throws IOException, InterruptedException {
    List<Path> libraries = new ArrayList<>();
    List<Path> own = new ArrayList<>();
    Path app = root.resolve("app");
    for (Path jar : FileTree.files(app)) {
      if (jar.toString().endsWith(".jar")) {
        (app.relativize(jar).startsWith("app") ? own : libraries).add(jar);
      }
    }
    SortedSet<String> modules = new ModuleScan().modules(libraries, own);
    modules.addAll(request.moreModules());
    TrimmedJre.link(request.javaHome(), modules, root.resolve("jre"));
    FileTree.settle(root.resolve("jre"));
  }

  private void stageSettings() throws IOException {
    Path etc = root.resolve("etc");
    Files.createDirectories(etc);
    Files.createDirectories(root.resolve("tmp"));
    Files.writeString(
        etc.resolve("passwd"),
        """
        root:x:0:0:root:/:/sbin/nologin
        nonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin
        """);
    Files.writeString(etc.resolve("group"), "root:x:0:\nnonroot:x:65532:\n");
    Files.writeString(etc.resolve("nsswitch.conf"), "hosts: files dns\n");
  }

  private Path trainCache() throws IOException, InterruptedException {
    AppBuild build =
        new AppBuild(
            request.app(),
            request.version(),
            List.of("-jar", root.resolve("app").resolve(RUN_JAR).toString()),
            root.resolve("app"),
            Map.of("LANG", "C.UTF-8"),
            root.resolve("jre"),
            flags(),
            Optional.empty());
    // named by content: all files have one time here, which says nothing
    String content =
        FileTree.digest(
            List.of(root.resolve("jre"), root.resolve("app")), String.join(" ", flags()));
    Path cache = work.resolve("cache").resolve(content + ".aot");
    StartupCache.ensure(build, cache, request.samples());
    return cache;
  }

  private static List<String> flags() {
    List<String> flags = new ArrayList<>(AppBuild.FLAGS);
    flags.add(HEAP);
    return flags;
  }

  // ---- the image ----

  private List<FileEntriesLayer> layers(Path cache) throws IOException {
    FileEntriesLayer.Builder system = FileEntriesLayer.builder().setName("system");
    new SystemLibraries(machine)
        .neededBy(root.resolve("jre"))
        .forEach((path, file) -> add(system, realPath(file), path, true));
    for (Path file : FileTree.files(root.resolve("etc"))) {
      add(system, file, "/etc/" + file.getFileName(), false);
    }
    system.addEntry(
        root.resolve("tmp"),
        AbsoluteUnixPath.get("/tmp"),
        FilePermissions.fromOctalString("777"),
        FileTree.TIME);

    FileEntriesLayer.Builder jre = FileEntriesLayer.builder().setName("jre");
    for (Path file : FileTree.files(root.resolve("jre"))) {
      add(jre, file, "/" + root.relativize(file), Files.isExecutable(file));
    }
    FileEntriesLayer.Builder libraries = FileEntriesLayer.builder().setName("libraries");
    FileEntriesLayer.Builder app = FileEntriesLayer.builder().setName("app");
    Path staged = root.resolve("app");
    for (Path file : FileTree.files(staged)) {
      boolean library = staged.relativize(file).startsWith("lib");
      add(library ? libraries : app, file, "/" + root.relativize(file), false);
    }
    FileEntriesLayer.Builder start = FileEntriesLayer.builder().setName("start-up cache");
    add(start, cache, "/app/" + CACHE, false);
    return List.of(system.build(), jre.build(), libraries.build(), app.build(), start.build());
  }

  private static Path realPath(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void add(
      FileEntriesLayer.Builder layer, Path file, String path, boolean executable) {
    layer.addEntry(
        file,
        AbsoluteUnixPath.get(path),
        FilePermissions.fromOctalString(executable ? "755" : "644"),
        FileTree.TIME);
  }

  private void containerize(List<FileEntriesLayer> layers, ImageFormat format, Path archive)
      throws IOException, InterruptedException {
    List<String> entrypoint = new ArrayList<>();
    entrypoint.add("/jre/bin/java");
    entrypoint.addAll(flags());
    entrypoint.add("-XX:AOTCache=/app/" + CACHE);
    entrypoint.add("-jar");
    entrypoint.add("/app/" + RUN_JAR);
    JibContainerBuilder image =
        Jib.fromScratch()
            .setFileEntriesLayers(layers)
            .setEntrypoint(entrypoint)
            .setUser(USER)
            .setWorkingDirectory(AbsoluteUnixPath.get("/app"))
            .setExposedPorts(Set.of(Port.tcp(PORT)))
            .setEnvironment(
                new TreeMap<>(
                    Map.of(
                        "PORT", Integer.toString(PORT),
                        "KOALJA_HOST", "0.0.0.0",
                        "LANG", "C.UTF-8")))
            .setLabels(
                new TreeMap<>(
                    Map.of(
                        "org.opencontainers.image.title", request.app().value(),
                        "org.opencontainers.image.version", request.version(),
                        "dev.koalja.app", request.app().value())))
            .setPlatforms(Set.of(new Platform(machine.architecture(), "linux")))
            .setCreationTime(Instant.EPOCH)
            .setFormat(format);
    try {
      image.containerize(
          Containerizer.to(TarImage.at(archive).named(request.app() + ":" + request.version()))
              .setOfflineMode(true)
              .setToolName("koalja")
              .setBaseImageLayersCache(work.resolve("jib/base"))
              .setApplicationLayersCache(work.resolve("jib/layers")));
    } catch (InvalidImageReferenceException
        | RegistryException
        | CacheDirectoryCreationException
        | ExecutionException e) {
      throw new IOException("cannot write the image " + archive + ": " + e.getMessage(), e);
    }
  }
}
