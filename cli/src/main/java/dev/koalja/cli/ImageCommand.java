package dev.koalja.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.cli.project.Circuits;
import dev.koalja.cli.project.FunctionProject;
import dev.koalja.cli.show.Screen;
import dev.koalja.cli.show.Words;
import dev.koalja.knative.image.BuiltImage;
import dev.koalja.knative.image.ImageBuilder;
import dev.koalja.knative.image.ImageRequest;
import dev.koalja.knative.image.ImageSource;
import dev.koalja.knative.image.InvalidImageException;
import dev.koalja.knative.image.Registries;
import dev.koalja.knative.serving.local.AppDoesNotStartException;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.yaml.PipelineWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code koalja image}. */
@Command(
    name = "image",
    description = "Build the image of a project's functions, without Docker.",
    footer = {
      "",
      "Examples:",
      "  koalja image shop",
      "  koalja image shop --push registry.example/shop:1.3.0",
      "  koalja image shop --base debian:stable-slim --label team=checkout",
      "",
      "The same sources give the same digest. Into a registry go credentials that docker login",
      "keeps, or --username and the environment variable KOALJA_REGISTRY_PASSWORD."
    })
final class ImageCommand implements Runnable {
  @Mixin Shared shared = new Shared();

  @Parameters(
      paramLabel = "DIR",
      arity = "0..1",
      defaultValue = "",
      description = "The function project; by default the folder one stands in.")
  Path folder = Path.of("");

  @Option(
      names = "--version",
      description = "The image's tag; by default the version in the project's POM.")
  @Nullable String version;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Where the image is written; by default target of the project.")
  @Nullable Path output;

  @Option(
      names = "--push",
      paramLabel = "IMAGE",
      description = "Put it into a registry, too, under this name and tag.")
  @Nullable String push;

  @Option(
      names = "--base",
      paramLabel = "IMAGE",
      description =
          "Build on another image: a file, an OCI layout, or one in a registry. By default with"
              + " nothing but C library and JRE of this machine, which works offline.")
  @Nullable String base;

  @Option(
      names = "--label",
      paramLabel = "NAME=VALUE",
      description = "A label of the image; may be given several times.")
  Map<String, String> labels = new LinkedHashMap<>();

  @Mixin RegistryOptions registry = new RegistryOptions();

  @Override
  public void run() {
    Screen screen = shared.screen();
    if (shared.json) {
      screen.resultsOnly();
    }
    FunctionProject project = FunctionProject.in(folder);
    if (!project.hasFunctions()) {
      throw CliException.usage(
          project.name() + " has no functions, so there is nothing to put in an image");
    }
    if (registry.username != null && push == null) {
      throw CliException.usage(
          "--username is for the registry of --push; for that of --base, docker login keeps one");
    }
    Optional<String> target = Optional.ofNullable(push).map(this::target);
    Optional<ImageSource> below = Optional.ofNullable(base).map(word -> source("--base", word));
    Circuits circuits = Circuits.build(List.of(project), screen);
    List<String> apps = circuits.apps().keySet().stream().sorted().toList();
    if (target.isPresent() && apps.size() != 1) {
      throw CliException.usage(
          "--push names one image, and %s has the apps %s"
              .formatted(project.name(), String.join(", ", apps)));
    }
    for (String app : apps) {
      BuiltImage image = build(project, circuits, app, below);
      Optional<String> pushed = target.map(reference -> push(image, reference));
      if (shared.json) {
        ObjectNode json = Json.MAPPER.valueToTree(image);
        pushed.ifPresent(reference -> json.put("pushed", reference));
        shared.print(json);
        continue;
      }
      String layers =
          image.layers().stream()
              .map(layer -> layer.name() + " " + Words.size(layer.size()))
              .collect(Collectors.joining(", "));
      String digest = screen.terminal() ? Words.clip(image.digest(), 12) : image.digest();
      screen.line(
          "%s  %s  %s (%s)".formatted(image.reference(), digest, Words.size(image.size()), layers));
      screen.line(
          "written to %s and %s, what is in it to %s"
              .formatted(shown(image.archive()), shown(image.layout()), shown(image.sbom())));
      pushed.ifPresent(reference -> screen.line("pushed to " + reference));
    }
  }

  /** A word that names a place in a registry, before anything is built for it. */
  private String target(String word) {
    ImageSource source = source("--push", word);
    if (!(source instanceof ImageSource.Registry)) {
      throw CliException.usage(
          "--push %s is a file: name an image in a registry, such as registry.example/shop:1.3.0"
              .formatted(word));
    }
    try {
      Registries.requirePushable(source.toString(), registry.access());
    } catch (IllegalArgumentException e) {
      throw CliException.usage("--push: " + e.getMessage());
    }
    return source.toString();
  }

  private static ImageSource source(String option, String word) {
    try {
      return ImageSource.of(word);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(option + ": " + e.getMessage());
    }
  }

  private String push(BuiltImage image, String reference) {
    shared.screen().doing("Pushing to " + reference + " …");
    try {
      Registries.push(image, reference, registry.access());
      return reference;
    } catch (IllegalArgumentException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw CliException.unavailable(
          "%s was built and not pushed: %s".formatted(image.reference(), e.getMessage()));
    }
  }

  private BuiltImage build(
      FunctionProject project, Circuits circuits, String app, Optional<ImageSource> below) {
    String tag = Optional.ofNullable(version).orElseGet(project::version);
    Path target = project.folder().resolve("target");
    shared.screen().doing("Building the image of " + app + " …");
    try {
      ImageRequest request =
          ImageRequest.of(
                  new AppName(app),
                  tag,
                  project.packaged(),
                  Optional.ofNullable(output).orElse(target))
              .withWork(target.resolve("koalja-image"))
              .withPipeline(PipelineWriter.yaml(circuits.pipelines().getFirst()))
              .withLabels(labels);
      return ImageBuilder.build(
          below.map(image -> request.onBase(image, registry.insecure)).orElse(request));
    } catch (IllegalArgumentException | InvalidImageException | AppDoesNotStartException e) {
      throw CliException.usage("no image of " + app + ": " + e.getMessage());
    } catch (UnsupportedOperationException | IOException | UncheckedIOException e) {
      throw CliException.unavailable("no image of " + app + ": " + innermost(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CliException.unavailable("interrupted");
    }
  }

  /** What was wrong in the first place; those around it only say what could not be done then. */
  static String innermost(Throwable e) {
    String message = words(e);
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause.getMessage() != null) {
        message = words(cause);
      }
    }
    return message;
  }

  private static String words(Throwable e) {
    return e instanceof IOException file ? Words.reason(file) : String.valueOf(e.getMessage());
  }

  private static String shown(Path path) {
    Path here = Path.of("").toAbsolutePath();
    return path.startsWith(here) ? here.relativize(path).toString() : path.toString();
  }
}
