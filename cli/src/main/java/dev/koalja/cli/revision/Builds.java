package dev.koalja.cli.revision;

import dev.koalja.cli.project.FunctionProject;
import dev.koalja.cli.project.Wiring;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.definition.Release;
import dev.koalja.pipeline.event.Ulid;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The folder of builds: {@code name/number} each, with a file {@code build.json} that is written
 * last and says what it is. A build is never changed once it is whole, so whatever builds or
 * upgrades, it does not pull the jars from under a process. A number is never given twice. Several
 * processes may add builds at a time; only under the {@link ChangeLock} is any removed.
 *
 * <p>{@code name/current} names the build that a run begins with. Once the file {@code begun} is
 * there, the revision in force says which builds run, as long as they are of this {@code home}.
 */
public final class Builds {
  private static final String WORK = ".work";
  private static final String ALONE = "alone-";
  private static final String INFERRED = "pipeline.yaml";
  private static final String WRITTEN = "written.yaml";
  private static final String INFO = "build.json";
  private static final String CURRENT = "current";
  private static final String BEGUN = "begun";
  private static final String HOME = "home";
  private static final String KEEP = "keep";
  private static final String LAST = "last";
  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");

  /** Where a packaged app says which code it is. */
  private static final String CODE = "META-INF/koalja/code-revision";

  private static final List<String> GENERATED =
      List.of("quarkus/generated-bytecode.jar", "root/app/quarkus/generated-bytecode.jar");

  private final Path root;
  private final String home;

  /**
   * What is in the folder of a build.
   *
   * @param build as revisions name it
   * @param at when it was added
   * @param sources where its pipeline files came from, by file
   * @param content tells it from every other build of that name
   */
  private record Info(
      Release.Build build, Instant at, Map<String, String> sources, String content) {}

  /**
   * Something to start functions from.
   *
   * @param folder where it is
   * @param move whether it may be taken away; it is copied otherwise
   */
  public record Package(Path folder, boolean move) {}

  private Builds(Path root, String home) {
    this.root = root;
    this.home = home;
  }

  /**
   * The folder of builds of a run, made if it is not there.
   *
   * @param kept of how many revisions the builds are kept
   */
  public static Builds of(Path root, int kept) throws IOException {
    Files.createDirectories(root);
    if (!Files.isRegularFile(root.resolve(HOME))) {
      WholeFile.write(root.resolve(HOME), Ulid.random(Instant.now()));
    }
    WholeFile.write(root.resolve(KEEP), String.valueOf(kept));
    return in(root);
  }

  /**
   * The folder of builds that a run uses.
   *
   * @throws IOException when there is none
   */
  public static Builds in(Path root) throws IOException {
    return new Builds(root, Files.readString(root.resolve(HOME)).strip());
  }

  /** The folder of all of them. */
  public Path root() {
    return root;
  }

  /** What revisions call this folder: in another one their numbers mean nothing. */
  public String home() {
    return home;
  }

  /** Of how many revisions the builds are kept. */
  int kept() throws IOException {
    return Integer.parseInt(Files.readString(root.resolve(KEEP)).strip());
  }

  /**
   * Takes the lock under which builds are added and removed.
   *
   * @param waiting told once when somebody else has it
   */
  public ChangeLock lock(Runnable waiting) throws InterruptedException {
    return ChangeLock.take(root, waiting);
  }

  // ---- the beginning of a run ----

  /** A run begins, with no app yet. */
  public void begin() throws IOException {
    Files.deleteIfExists(root.resolve(BEGUN));
    for (String name : names()) {
      forget(name);
    }
    remove(root.resolve(WORK));
  }

  /** The first revisions of a run are in force: from now on they say which builds run. */
  public void begun() throws IOException {
    WholeFile.write(root.resolve(BEGUN), "");
  }

  /** An app belongs to this run, and begins with this build. */
  public void use(String app, int number) throws IOException {
    WholeFile.write(root.resolve(app).resolve(CURRENT), String.valueOf(number));
  }

  /** An app does not belong to this run. */
  public void forget(String app) throws IOException {
    Files.deleteIfExists(root.resolve(app).resolve(CURRENT));
  }

  /** The build that an app began with; empty when it does not belong to this run. */
  public Optional<Integer> inUse(String app) throws IOException {
    Path current = root.resolve(app).resolve(CURRENT);
    return Files.isRegularFile(current)
        ? Optional.of(Integer.parseInt(Files.readString(current).strip()))
        : Optional.empty();
  }

  // ---- builds ----

  /** Where a project is built again. */
  public Path work(FunctionProject project) throws IOException {
    return Files.createDirectories(root.resolve(WORK).resolve(unique(project)));
  }

  /** An empty place of one's own, to be moved from there. Needs the lock. */
  Path workAlone() throws IOException {
    return Files.createTempDirectory(Files.createDirectories(root.resolve(WORK)), ALONE);
  }

  /** Such places; those that are there while nobody has the lock were left by who was killed. */
  List<Path> worksAlone() throws IOException {
    Path work = root.resolve(WORK);
    if (!Files.isDirectory(work)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(work)) {
      return all.filter(each -> String.valueOf(each.getFileName()).startsWith(ALONE)).toList();
    }
  }

  /** As no app is called: of two projects in folders of one name too. */
  private static String unique(FunctionProject project) {
    return "_%s-%s"
        .formatted(project.name(), Integer.toHexString(project.folder().toString().hashCode()));
  }

  /**
   * Adds what a project is now, one part for each of its apps; what is here already is not added
   * again.
   *
   * @param packaged its functions; empty where nobody starts any from here
   */
  public List<Part> add(Wiring wiring, Optional<Package> packaged) throws IOException {
    Set<String> apps = new TreeSet<>(wiring.inferred().isPresent() ? wiring.apps() : Set.of());
    boolean runs = !apps.isEmpty();
    if (!runs) {
      apps.add(unique(wiring.project()));
    }
    List<Part> parts = new ArrayList<>();
    for (String name : apps) {
      Map<String, PipelineReader.Source> sources = new TreeMap<>();
      wiring.inferred().ifPresent(each -> sources.put(INFERRED, each));
      wiring.written().ifPresent(each -> sources.put(WRITTEN, each));
      boolean last = parts.size() == apps.size() - 1;
      parts.add(
          add(
              name,
              packaged
                  .filter(_ -> runs)
                  .map(each -> new Package(each.folder(), each.move() && last)),
              sources,
              Optional.empty(),
              Optional.empty(),
              ""));
    }
    return parts;
  }

  /**
   * Adds an unpacked image; when its digest is here already, the folder is not used.
   *
   * @param folder what was unpacked; it is moved
   */
  public Part addImage(
      String app, Path folder, String version, String digest, PipelineReader.Source pipeline)
      throws IOException {
    return add(
        app,
        Optional.of(new Package(folder, true)),
        Map.of(INFERRED, pipeline),
        Optional.of(version),
        Optional.of(digest),
        digest);
  }

  private Part add(
      String name,
      Optional<Package> packaged,
      Map<String, PipelineReader.Source> sources,
      Optional<String> version,
      Optional<String> image,
      String known)
      throws IOException {
    String content = known.isEmpty() ? content(packaged, sources) : known;
    Optional<Part> same = same(name, content);
    if (same.isPresent()) {
      return same.get();
    }
    int number = next(name);
    Path folder = folder(name, number);
    if (packaged.isPresent()) {
      fill(folder, packaged.get());
    }
    Map<String, String> origins = new TreeMap<>();
    for (Map.Entry<String, PipelineReader.Source> each : sources.entrySet()) {
      Files.writeString(folder.resolve(each.getKey()), each.getValue().text());
      origins.put(each.getKey(), each.getValue().name());
    }
    Release.Build build =
        new Release.Build(
            number,
            packaged.isPresent(),
            packaged.isPresent() ? code(folder) : Optional.empty(),
            version,
            image);
    WholeFile.write(
        folder.resolve(INFO),
        Json.MAPPER.writeValueAsString(new Info(build, Instant.now(), origins, content)));
    return part(name, folder, build, origins);
  }

  /** The folder of a build. */
  public Path folder(String name, int number) {
    return root.resolve(name).resolve(String.valueOf(number));
  }

  /** Whether a build is here, whole. */
  public boolean has(String name, int number) {
    return info(folder(name, number)).isPresent();
  }

  /** What a build brings to a circuit; empty when it is not here any more. */
  public Optional<Part> read(String name, int number) throws IOException {
    Path folder = folder(name, number);
    Optional<Info> info = info(folder);
    return info.isEmpty()
        ? Optional.empty()
        : Optional.of(part(name, folder, info.get().build(), info.get().sources()));
  }

  private static Part part(
      String name, Path folder, Release.Build build, Map<String, String> origins)
      throws IOException {
    List<PipelineReader.Source> sources = new ArrayList<>();
    for (String file : List.of(INFERRED, WRITTEN)) { // what people wrote lies over what is inferred
      String origin = origins.get(file);
      if (origin != null) {
        sources.add(new PipelineReader.Source(origin, Files.readString(folder.resolve(file))));
      }
    }
    return new Part(name, build, sources);
  }

  private static Optional<Info> info(Path folder) {
    Path file = folder.resolve(INFO);
    try {
      return Files.isRegularFile(file)
          ? Optional.of(Json.MAPPER.readValue(Files.readString(file), Info.class))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // nothing we could start, or of a version that we do not know
    }
  }

  private Optional<Part> same(String name, String content) throws IOException {
    for (int number : numbers(name)) {
      Optional<Info> info = info(folder(name, number));
      if (info.isPresent() && info.get().content().equals(content)) {
        return read(name, number);
      }
    }
    return Optional.empty();
  }

  /** The folder is there, and nobody else has it. */
  private int next(String name) throws IOException {
    Path of = Files.createDirectories(root.resolve(name));
    Path last = of.resolve(LAST);
    int number = Files.isRegularFile(last) ? Integer.parseInt(Files.readString(last).strip()) : 0;
    for (int each : numbers(name)) {
      number = Math.max(number, each);
    }
    while (true) {
      number++;
      try {
        Files.createDirectory(folder(name, number));
        WholeFile.write(last, String.valueOf(number)); // also when it is removed, none is it again
        return number;
      } catch (FileAlreadyExistsException e) {
        // somebody else was first
      }
    }
  }

  private Set<Integer> numbers(String name) throws IOException {
    Path folder = root.resolve(name);
    if (!Files.isDirectory(folder)) {
      return Set.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      Set<Integer> numbers = new TreeSet<>(Comparator.reverseOrder());
      all.map(each -> String.valueOf(each.getFileName()))
          .filter(each -> NUMBER.matcher(each).matches())
          .forEach(each -> numbers.add(Integer.valueOf(each)));
      return numbers;
    }
  }

  private Set<String> names() throws IOException {
    try (Stream<Path> all = Files.list(root)) {
      Set<String> names = new TreeSet<>();
      all.filter(Files::isDirectory)
          .map(each -> String.valueOf(each.getFileName()))
          .filter(each -> !each.startsWith("."))
          .forEach(names::add);
      return names;
    }
  }

  /** Every folder of a build, whole or not, as {@code name/number}. */
  Set<String> all() throws IOException {
    Set<String> all = new TreeSet<>();
    for (String name : names()) {
      numbers(name).forEach(number -> all.add(name + "/" + number));
    }
    return all;
  }

  /** Removes a build. Half of one that is left when we are killed is none any more. */
  void remove(String name, int number) throws IOException {
    Files.deleteIfExists(folder(name, number).resolve(INFO));
    remove(folder(name, number));
  }

  // ---- files ----

  private static String content(
      Optional<Package> packaged, Map<String, PipelineReader.Source> sources) throws IOException {
    MessageDigest digest = sha256();
    for (Map.Entry<String, PipelineReader.Source> each : sources.entrySet()) {
      update(digest, each.getKey(), each.getValue().name(), each.getValue().text());
    }
    if (packaged.isPresent()) {
      Path folder = packaged.get().folder();
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
          update(
              digest,
              folder.relativize(file).toString(),
              String.valueOf(Files.size(file)),
              Files.getLastModifiedTime(file).toString());
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void update(MessageDigest digest, String... parts) {
    for (String part : parts) {
      digest.update(part.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Which code an app says it is, when it was built by a runtime that says so. */
  private static Optional<String> code(Path folder) {
    for (String generated : GENERATED) {
      Path jar = folder.resolve(generated);
      if (Files.isRegularFile(jar)) {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
          ZipEntry entry = zip.getEntry(CODE);
          return entry == null
              ? Optional.empty()
              : Optional.of(
                  new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
          return Optional.empty(); // its start will say what is wrong with it
        }
      }
    }
    return Optional.empty();
  }

  private static void fill(Path folder, Package packaged) throws IOException {
    if (packaged.move()) {
      try (Stream<Path> children = Files.list(packaged.folder())) {
        for (Path each : children.toList()) {
          Files.move(each, folder.resolve(each.getFileName()));
        }
      }
      Files.delete(packaged.folder());
    } else {
      copy(packaged.folder(), folder);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Path copy = to.resolve(from.relativize(each).toString());
        if (Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)) {
          Files.createDirectories(copy);
        } else {
          // with its time: whether a start-up cache fits is told by the times of the jars
          Files.copy(
              each, copy, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  /** Removes a folder and all in it. */
  public static void remove(Path folder) throws IOException {
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(each);
        }
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }
  }
}
