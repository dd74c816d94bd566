package dev.koalja.knative.image;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
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
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;

/**
 * Builds the image of an app without a container engine and without a network: loader and C library
 * of this machine, a JRE trimmed to the app, its libraries, the app, and a start-up cache trained
 * with exactly that JRE and those jars. Runs as user 65532, listens on {@code PORT}.
 *
 * <p>The same sources give the same image, digest and all, wherever they were built: jars are made
 * to say no time. The one thing that the JVM does not write the same twice, the start-up cache, is
 * kept in a store of the user's, by what it was trained on; where that is another, so is the digest
 * of the topmost layer, and no other.
 */
public final class ImageBuilder {
  private static final String USER = "65532:65532";
  private static final int PORT = 8080;
  private static final String RUN_JAR = "quarkus-run.jar";
  private static final String CACHE = "app.aot";

  /** In the folder of the app: the pipeline that it is a part of. */
  static final String PIPELINE = "koalja/pipeline.yaml";

  private static final String GENERATED = "generated-bytecode.jar";
  private static final String BILL = "koalja/sbom.json";

  /** Of the memory the container may use: what Java takes by default is a quarter. */
  private static final String HEAP = "-XX:MaxRAMPercentage=70";

  private final ImageRequest request;
  private final CacheStore store;
  private final Machine machine = Machine.here();
  private final Path work;
  private final Path root;

  private ImageBuilder(ImageRequest request, CacheStore store) {
    this.request = request;
    this.store = store;
    this.work = request.work().resolve(request.app().value());
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
    return build(request, CacheStore.ofUser());
  }

  static BuiltImage build(ImageRequest request, CacheStore store)
      throws IOException, InterruptedException {
    if (!Files.isRegularFile(request.quarkusApp().resolve(RUN_JAR))) {
      throw new IllegalArgumentException(
          "app %s is not built: %s is missing; run mvn package"
              .formatted(request.app(), request.quarkusApp().resolve(RUN_JAR)));
    }
    return new ImageBuilder(request, store).build();
  }

  private BuiltImage build() throws IOException, InterruptedException {
    Files.createDirectories(work);
    Files.createDirectories(request.output());
    // two builds of the same app share their intermediate files: the second waits for the first
    try (FileChannel channel =
            FileChannel.open(
                work.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      return buildAlone();
    }
  }

  private BuiltImage buildAlone() throws IOException, InterruptedException {
    JibContainerBuilder image = from(); // says at once when there is none
    stageApp();
    stageJre();
    stageSettings();
    SortedMap<String, Path> system =
        request.base().isPresent()
            ? new TreeMap<>()
            : new SystemLibraries(machine).neededBy(root.resolve("jre"));
    Path cache = trainCache(); // with the jars only: other wiring is no reason for another cache
    stagePipeline();
    Path bill = stageBill(system);
    List<FileEntriesLayer> layers = layers(system, cache);
    String reference = request.app() + ":" + request.version();
    String name = request.app() + "-" + request.version();
    Path archive = request.output().resolve(name + ".tar");
    Path layout = request.output().resolve(name + "-oci");
    Path ociArchive = work.resolve("oci.tar");
    containerize(image, layers, ociArchive);
    OciLayout oci = OciLayout.unpack(ociArchive, layout);
    Files.delete(ociArchive);
    OciLayout.writeIndex(
        layout,
        oci.digest(),
        Files.size(OciLayout.blob(layout, oci.digest())),
        reference,
        machine.architecture());
    oci.writeArchive(archive, reference);
    Path sbom = request.output().resolve(name + "-sbom.json");
    Files.copy(bill, sbom, StandardCopyOption.REPLACE_EXISTING);
    return new BuiltImage(
        reference,
        oci.digest(),
        archive,
        layout,
        sbom,
        oci.layers(layers.stream().map(FileEntriesLayer::getName).toList()));
  }

  // ---- what goes in, at the paths and with the times it has in the image ----

  private void stageApp() throws IOException {
    Path app = root.resolve("app");
    FileTree.delete(app);
    FileTree.copy(
        request.quarkusApp(), app, file -> file.toString().endsWith(".jar") || data(file));
    for (Path file : FileTree.files(app)) {
      if (file.toString().endsWith(".jar")) {
        if (file.endsWith(GENERATED)) {
          RecorderKeys.settle(file);
        }
        StableJar.settle(file);
      }
    }
    FileTree.settle(app);
  }

  private void stagePipeline() throws IOException {
    if (request.pipeline().isPresent()) {
      Path file = root.resolve("app").resolve(PIPELINE);
      Files.createDirectories(file.resolveSibling(""));
      Files.writeString(file, request.pipeline().get());
      Files.setLastModifiedTime(file, FileTime.from(FileTree.TIME));
    }
  }

  private Path stageBill(SortedMap<String, Path> system) throws IOException {
    Path app = root.resolve("app");
    Path dependencies = request.quarkusApp().resolve(Sbom.DEPENDENCIES);
    Path bill = app.resolve(BILL);
    Files.createDirectories(bill.resolveSibling(""));
    Files.write(
        bill,
        Sbom.of(
            request.app().value(),
            request.version(),
            app,
            Files.isRegularFile(dependencies) ? Files.readAllLines(dependencies) : List.of(),
            root.resolve("jre"),
            request.javaHome(),
            system));
    Files.setLastModifiedTime(bill, FileTime.from(FileTree.TIME));
    return bill;
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
            List.of(root.resolve("jre"), root.resolve("app")),
            String.join(" ", flags()) + samples());
    FileTree.delete(work.resolve("cache")); // those of earlier builds: the store has them
    Path cache = work.resolve("cache").resolve(content + ".aot");
    store.get(content, cache, target -> StartupCache.train(build, target, request.samples()));
    return cache;
  }

  private String samples() {
    StringBuilder text = new StringBuilder();
    for (StartupCache.Sample sample : request.samples()) {
      text.append('\n').append(sample.path()).append(new TreeMap<>(sample.headers()));
      text.append(HexFormat.of().formatHex(sample.body()));
    }
    return text.toString();
  }

  private static List<String> flags() {
    List<String> flags = new ArrayList<>(AppBuild.FLAGS);
    flags.add(HEAP);
    return flags;
  }

  // ---- the image ----

  private List<FileEntriesLayer> layers(SortedMap<String, Path> needed, Path cache)
      throws IOException {
    FileEntriesLayer.Builder system = FileEntriesLayer.builder().setName("system");
    needed.forEach((path, file) -> add(system, realPath(file), path, true));
    if (request.base().isEmpty()) { // a base has its own
      for (Path file : FileTree.files(root.resolve("etc"))) {
        add(system, file, "/etc/" + file.getFileName(), false);
      }
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

  private void containerize(JibContainerBuilder image, List<FileEntriesLayer> layers, Path archive)
      throws IOException, InterruptedException {
    List<String> entrypoint = new ArrayList<>();
    entrypoint.add("/jre/bin/java");
    entrypoint.addAll(flags());
    entrypoint.add("-XX:AOTCache=/app/" + CACHE);
    entrypoint.add("-jar");
    entrypoint.add("/app/" + RUN_JAR);
    // Jib knows a layer again by paths and times of its files, and ours all have one time: what it
    // kept of the last build would go into this one, whatever was changed since
    Path kept = work.resolve("jib/layers");
    FileTree.delete(kept);
    Map<String, String> labels = new TreeMap<>(request.labels());
    labels.put(ImageRequest.TITLE, request.app().value());
    labels.put(ImageRequest.VERSION, request.version());
    labels.put(ImageReader.APP, request.app().value());
    try {
      image
          .setFileEntriesLayers(layers)
          .setEntrypoint(entrypoint)
          .setProgramArguments(List.of())
          .setUser(USER)
          .setWorkingDirectory(AbsoluteUnixPath.get("/app"))
          .setExposedPorts(Set.of(Port.tcp(PORT)))
          .setEnvironment(
              new TreeMap<>(
                  Map.of(
                      "PORT", Integer.toString(PORT),
                      "KOALJA_HOST", "0.0.0.0",
                      "LANG", "C.UTF-8")))
          .setLabels(labels)
          .setPlatforms(Set.of(new Platform(machine.architecture(), "linux")))
          .setCreationTime(Instant.EPOCH)
          .setFormat(ImageFormat.OCI);
      image.containerize(
          Containerizer.to(TarImage.at(archive).named(request.app() + ":" + request.version()))
              .setOfflineMode(registry().isEmpty())
              .setAllowInsecureRegistries(plain())
              .setToolName("koalja")
              .setBaseImageLayersCache(work.resolve("jib/base"))
              .setApplicationLayersCache(kept));
    } catch (InvalidImageReferenceException
        | RegistryException
        | CacheDirectoryCreationException
        | ExecutionException e) {
      throw new IOException("cannot write the image " + archive + ": " + e.getMessage(), e);
    }
  }

  /** The base, if that is in a registry. */
  private Optional<ImageReference> registry() {
    return request
        .base()
        .filter(ImageSource.Registry.class::isInstance)
        .map(each -> ImageSource.reference(each.toString()));
  }

  private boolean plain() throws IOException {
    Optional<ImageReference> registry = registry();
    return registry.isPresent()
        && (request.insecureBase() || Registries.isHere(registry.get().getRegistry()));
  }

  private JibContainerBuilder from() throws IOException {
    try {
      return request.base().isEmpty() ? Jib.fromScratch() : from(request.base().get());
    } catch (InvalidImageReferenceException e) {
      throw new IOException("no image can be read to build on: " + e.getMessage(), e);
    }
  }

  private JibContainerBuilder from(ImageSource base)
      throws IOException, InvalidImageReferenceException {
    Path unpacked = work.resolve("base");
    // Jib reads Docker's archives only
    Path docker = work.resolve("base.tar");
    return switch (base) {
      case ImageSource.Archive(Path file) -> {
        FileTree.delete(unpacked);
        Files.createDirectories(unpacked);
        OciLayout.untar(file, unpacked, Long.MAX_VALUE);
        if (Files.isRegularFile(unpacked.resolve(OciLayout.DOCKER))) {
          OciLayout.requireOwnParts(file.toString(), unpacked);
          yield Jib.from(TarImage.at(file));
        }
        OciLayout.single(file.toString(), unpacked).writeArchive(docker, "base:latest");
        yield Jib.from(TarImage.at(docker));
      }
      case ImageSource.Layout(Path folder) -> {
        OciLayout.single(folder.toString(), folder).writeArchive(docker, "base:latest");
        yield Jib.from(TarImage.at(docker));
      }
      case ImageSource.Registry(String reference) ->
          Jib.from(Registries.image(ImageSource.reference(reference)));
    };
  }
}
