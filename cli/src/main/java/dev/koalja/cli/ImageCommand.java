package dev.koalja.cli;

import dev.koalja.cli.project.Circuits;
import dev.koalja.cli.project.FunctionProject;
import dev.koalja.cli.show.Screen;
import dev.koalja.cli.show.Words;
import dev.koalja.knative.image.BuiltImage;
import dev.koalja.knative.image.ImageBuilder;
import dev.koalja.knative.image.ImageRequest;
import dev.koalja.knative.serving.local.AppDoesNotStartException;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
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
    footer = {"", "Example:", "  koalja image shop"})
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

  @Override
  public void run() {
    Screen screen = shared.screen();
    if (shared.json) {
      screen.resultsOnly();
    }
    FunctionProject project = FunctionProject.in(folder);
    Circuits circuits = Circuits.build(List.of(project), screen);
    for (String app : circuits.apps().keySet().stream().sorted().toList()) {
      BuiltImage image = build(project, app);
      if (shared.json) {
        shared.print(Json.MAPPER.valueToTree(image));
        continue;
      }
      String layers =
          image.layers().stream()
              .map(layer -> layer.name() + " " + Words.size(layer.size()))
              .collect(Collectors.joining(", "));
      String digest = screen.terminal() ? Words.clip(image.digest(), 12) : image.digest();
      screen.line(
          "%s  %s  %s (%s)".formatted(image.reference(), digest, Words.size(image.size()), layers));
      screen.line("written to " + shown(image.archive()) + " and " + shown(image.layout()));
    }
  }

  private BuiltImage build(FunctionProject project, String app) {
    String tag = Optional.ofNullable(version).orElseGet(project::version);
    shared.screen().doing("Building the image of " + app + " …");
    try {
      return ImageBuilder.build(
          ImageRequest.of(
              new AppName(app),
              tag,
              project.folder().resolve("target/quarkus-app"),
              project.folder().resolve("target")));
    } catch (IllegalArgumentException | AppDoesNotStartException e) {
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
    String message = String.valueOf(e.getMessage());
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause.getMessage() != null) {
        message = cause.getMessage();
      }
    }
    return message;
  }

  private static String shown(Path path) {
    Path here = Path.of("").toAbsolutePath();
    return path.startsWith(here) ? here.relativize(path).toString() : path.toString();
  }
}
