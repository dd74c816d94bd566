package dev.koalja.cli;

import dev.koalja.cli.project.Circuits;
import dev.koalja.cli.project.FunctionProject;
import dev.koalja.launch.Jdk;
import dev.koalja.launch.KoaljaHome;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.pipeline.yaml.PipelineWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code koalja soak}. */
@Command(
    name = "soak",
    description = {
      "Kill the processes of a circuit again and again, and audit every record.",
      "Router, functions, broker and gateway: nothing may be lost, doubled, or out of order."
    },
    footer = {
      "",
      "Examples:",
      "  koalja soak",
      "  koalja soak --rounds 3 --seed 4711",
      "  koalja soak --circuit shop --json report.json",
      "",
      "The same seed makes the same events and the same faults. Nothing of a circuit that runs is",
      "touched: the soak has a broker, a gateway and three routers of its own.",
      "Ends with 0 when every promise was kept, 1 when one was not; says which records then."
    })
final class SoakCommand implements Callable<Integer> {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "20",
      description = "How many rounds, about half a minute each (${DEFAULT-VALUE}).")
  int rounds;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Makes events and faults; by default another one each time.")
  @Nullable Long seed;

  @Option(
      names = "--events",
      paramLabel = "N",
      defaultValue = "400",
      description = "Events per round on each link that is fed from outside (${DEFAULT-VALUE}).")
  int events;

  @Option(
      names = "--circuit",
      paramLabel = "FILE",
      description = "A project, or a pipeline file in it; by default a circuit with one of each.")
  @Nullable Path circuit;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the report to a file, too.")
  @Nullable Path json;

  @Option(
      names = {"-v", "--verbose"},
      description = "Say where data and logs are while it goes on, and keep them.")
  boolean verbose;

  @Override
  public Integer call() {
    if (rounds < 1 || events < 1) {
      throw CliException.usage("--rounds and --events are at least 1");
    }
    KoaljaHome home = KoaljaHome.find();
    Circuits circuits =
        circuit == null
            ? Circuits.read(List.of(FunctionProject.in(home.root().resolve("cli/soak/app"))))
            : circuits(circuit);
    if (circuits.pipelines().size() != 1) {
      throw CliException.usage(
          circuit == null ? "not built: run ./build first" : circuit + " has no pipeline");
    }
    return soak(home, circuits);
  }

  /** A project means what it means to every command; another file in it lies over its code. */
  private static Circuits circuits(Path circuit) {
    boolean file = Files.isRegularFile(circuit);
    if (!file && !Files.isDirectory(circuit)) {
      throw CliException.usage(circuit + " is not there");
    }
    Path folder =
        file ? Optional.ofNullable(circuit.toAbsolutePath().getParent()).orElseThrow() : circuit;
    FunctionProject project = FunctionProject.in(folder);
    Circuits circuits = Circuits.build(List.of(project), new Shared().screen());
    if (!file || circuit.toAbsolutePath().normalize().equals(project.handWritten())) {
      return circuits;
    }
    try {
      List<PipelineReader.Source> sources = new ArrayList<>();
      for (Path each : List.of(project.inferred(), circuit)) {
        if (Files.isRegularFile(each)) {
          sources.add(new PipelineReader.Source(each.toString(), Files.readString(each)));
        }
      }
      Pipeline pipeline = PipelineReader.read(sources.toArray(PipelineReader.Source[]::new));
      return new Circuits(List.of(pipeline), circuits.wirings());
    } catch (IOException e) {
      throw CliException.usage(circuit + " cannot be read: " + e.getMessage());
    }
  }

  private int soak(KoaljaHome home, Circuits circuits) {
    Path lib = home.root().resolve("cli/soak/target/soak/lib");
    if (!Files.isDirectory(lib)) {
      throw CliException.unavailable("not built: " + lib + " is missing; run ./build first");
    }
    try {
      Path file = Files.createTempFile("koalja-soak", ".yaml");
      try {
        Pipeline pipeline = circuits.pipelines().getFirst();
        Files.writeString(file, PipelineWriter.yaml(pipeline));
        return new ProcessBuilder(words(home, lib, file, circuits)).inheritIO().start().waitFor();
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Exit.INTERRUPTED;
    }
  }

  private List<String> words(KoaljaHome home, Path lib, Path file, Circuits circuits)
      throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                Jdk.java().toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-Dkoalja.home=" + home.root(),
                "-cp",
                lib + "/*",
                "dev.koalja.soak.SoakMain",
                "--pipeline=" + file,
                "--rounds=" + rounds,
                "--events=" + events,
                "--seed=" + (seed == null ? new Random().nextInt(1_000_000) : seed)));
    circuits.apps().forEach((name, folder) -> words.add("--app=" + name + "=" + folder));
    if (verbose) {
      Path folder = Files.createTempDirectory("koalja-soak");
      new Shared().screen().note("data and logs are in " + folder);
      words.add("--folder=" + folder);
    }
    if (json != null) {
      words.add("--json=" + json.toAbsolutePath());
    }
    return words;
  }
}
