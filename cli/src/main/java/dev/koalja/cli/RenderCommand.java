package dev.koalja.cli;

import dev.koalja.cli.project.Circuits;
import dev.koalja.cli.project.FunctionProject;
import dev.koalja.knative.render.ManifestRenderer;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.error.Suggestion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code koalja render}. */
@Command(
    name = "render",
    description = "Print the Knative Services of a project's pipeline, for kn, kubectl or GitOps.",
    footer = {
      "",
      "Examples:",
      "  koalja render shop > deploy/shop.yaml",
      "  koalja render shop --image shop=registry.example/shop:1.3.0"
    })
final class RenderCommand implements Runnable {
  @Mixin Shared shared = new Shared();

  @Parameters(
      paramLabel = "DIR",
      arity = "0..1",
      defaultValue = "",
      description = "The project; by default the folder one stands in.")
  Path folder = Path.of("");

  @Option(
      names = "--image",
      paramLabel = "APP=IMAGE",
      description = "The image of an app; by default the app's name and the project's version.")
  Map<String, String> images = new LinkedHashMap<>();

  @Option(
      names = "--version",
      description = "The tag of images not named; by default the version in the project's POM.")
  @Nullable String version;

  @Override
  public void run() {
    shared.screen().resultsOnly(); // what a build says is no part of a manifest
    FunctionProject project = FunctionProject.in(folder);
    Circuits circuits = Circuits.build(List.of(project), shared.screen());
    Map<AppName, String> references = references(project, circuits.apps().keySet());
    List<String> manifests = new ArrayList<>();
    for (Pipeline pipeline : circuits.pipelines()) {
      manifests.add(ManifestRenderer.render(pipeline, references).stripTrailing());
    }
    String yaml = String.join("\n---\n", manifests);
    if (shared.json) {
      List<Object> documents = new ArrayList<>();
      new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(yaml).forEach(documents::add);
      shared.print(Json.MAPPER.valueToTree(documents));
    } else {
      shared.screen().line(yaml);
    }
  }

  private Map<AppName, String> references(FunctionProject project, Set<String> apps) {
    for (String app : images.keySet()) {
      if (!apps.contains(app)) {
        String meant = Suggestion.didYouMean(app, apps);
        throw CliException.usage(
            "--image: no app is called \"%s\"%s"
                .formatted(
                    app,
                    !meant.isEmpty() || apps.isEmpty()
                        ? meant
                        : ": there are " + String.join(", ", new TreeSet<>(apps))));
      }
    }
    Map<AppName, String> references = new LinkedHashMap<>();
    for (String app : new TreeSet<>(apps)) {
      // a POM need not say its version when every image is named
      String image = Optional.ofNullable(images.get(app)).orElseGet(() -> app + ":" + tag(project));
      references.put(new AppName(app), image);
    }
    return references;
  }

  private String tag(FunctionProject project) {
    return Optional.ofNullable(version).orElseGet(project::version);
  }
}
