package dev.koalja.builder;

import io.quarkus.bootstrap.resolver.maven.BootstrapMavenContext;
import io.quarkus.bootstrap.resolver.maven.BootstrapMavenException;
import io.quarkus.bootstrap.resolver.maven.workspace.LocalProject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.maven.model.Model;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.model.Resource;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.jspecify.annotations.Nullable;

/**
 * What the effective POM of a project says about its build, as far as it matters here: how to
 * compile, which resources to copy, what to tell Quarkus. A project that does more is for Maven.
 *
 * @param folder of the project
 * @param maven its settings, its local repository, and the project itself
 * @param model the effective POM
 * @param resources folders whose files are copied as they are
 * @param compilerOptions options of the compiler
 */
record Pom(
    Path folder,
    BootstrapMavenContext maven,
    Model model,
    List<Path> resources,
    List<String> compilerOptions) {
  private static final String COMPILER = "maven-compiler-plugin";

  /** They make the app, in ways known here, or only look at it. */
  private static final Set<String> KNOWN =
      Set.of(
          COMPILER,
          "maven-resources-plugin",
          "maven-jar-plugin",
          "maven-surefire-plugin",
          "maven-failsafe-plugin",
          "maven-enforcer-plugin",
          "maven-clean-plugin",
          "maven-install-plugin",
          "maven-deploy-plugin",
          "maven-site-plugin",
          "maven-source-plugin",
          "maven-javadoc-plugin",
          "maven-checkstyle-plugin",
          "maven-pmd-plugin",
          "spotless-maven-plugin",
          "formatter-maven-plugin",
          "impsort-maven-plugin",
          "sortpom-maven-plugin",
          "jacoco-maven-plugin",
          "spotbugs-maven-plugin",
          "quarkus-maven-plugin");

  /** Settings of the compiler that are obeyed, or change nothing of what it makes. */
  private static final Set<String> COMPILER_SETTINGS =
      Set.of(
          "release",
          "source",
          "target",
          "parameters",
          "encoding",
          "debug",
          "showWarnings",
          "showDeprecation",
          "failOnWarning",
          "fork",
          "useIncrementalCompilation",
          "compilerArgs");

  /** As {@link #COMPILER_SETTINGS}, as properties; and those of tests, which are not built here. */
  private static final Set<String> COMPILER_PROPERTIES =
      Set.of(
          "release",
          "source",
          "target",
          "parameters",
          "debug",
          "showWarnings",
          "showDeprecation",
          "failOnWarning",
          "fork",
          "useIncrementalCompilation",
          "testRelease",
          "testSource",
          "testTarget");

  private static final String COMPILER_PROPERTY = "maven.compiler.";

  private static final List<String> OTHER_LANGUAGES =
      List.of("kotlin", "scala", "groovy", "proto", "avro", "codegen");

  Pom {
    resources = List.copyOf(resources);
    compilerOptions = List.copyOf(compilerOptions);
  }

  /**
   * Reads it, its parents and its profiles, as Maven would.
   *
   * @throws ForMavenException when it cannot be read offline, or does what only Maven can do
   */
  static Pom read(Path folder) throws ForMavenException {
    BootstrapMavenContext maven = maven(folder.resolve("pom.xml"));
    LocalProject project = maven.getCurrentProject();
    if (project == null || project.getModelBuildingResult() == null) {
      throw new ForMavenException("its effective POM is not known");
    }
    Model model = project.getModelBuildingResult().getEffectiveModel();
    for (String language : OTHER_LANGUAGES) {
      if (Files.isDirectory(folder.resolve("src/main").resolve(language))) {
        throw new ForMavenException("src/main/" + language + " is not Java");
      }
    }
    String sources = model.getBuild().getSourceDirectory();
    if (sources != null && !folder.resolve(sources).equals(folder.resolve("src/main/java"))) {
      throw new ForMavenException("its sources are in " + sources);
    }
    for (Plugin plugin : model.getBuild().getPlugins()) {
      requireKnown(plugin);
    }
    return new Pom(folder, maven, model, resources(folder, model), compilerOptions(model));
  }

  private static BootstrapMavenContext maven(Path pom) throws ForMavenException {
    try {
      return new BootstrapMavenContext(
          BootstrapMavenContext.config()
              .setCurrentProject(pom.toString())
              .setEffectiveModelBuilder(true)
              .setPreferPomsFromWorkspace(true)
              .setOffline(true));
    } catch (BootstrapMavenException e) {
      throw new ForMavenException("its POM cannot be read offline: " + e.getMessage(), e);
    }
  }

  private static void requireKnown(Plugin plugin) throws ForMavenException {
    if (!KNOWN.contains(plugin.getArtifactId()) && !plugin.getExecutions().isEmpty()) {
      throw new ForMavenException("its build uses " + plugin.getArtifactId());
    }
    if (plugin.getArtifactId().equals("maven-resources-plugin") && !own(plugin).isEmpty()) {
      throw new ForMavenException("it copies resources in a way of its own");
    }
    if (plugin.getArtifactId().equals("quarkus-maven-plugin")
        && settings(plugin).anyMatch(each -> each.getChildCount() > 0)) {
      throw new ForMavenException("its quarkus-maven-plugin has settings");
    }
  }

  /** Executions that are not those of every Maven project. */
  private static List<PluginExecution> own(Plugin plugin) {
    return plugin.getExecutions().stream()
        .filter(each -> !each.getId().startsWith("default"))
        .toList();
  }

  private static Stream<Xpp3Dom> settings(Plugin plugin) {
    return Stream.concat(
            Stream.of(Optional.ofNullable(plugin.getConfiguration())),
            plugin.getExecutions().stream()
                .filter(each -> !each.getId().equals("default-testCompile"))
                .map(each -> Optional.ofNullable(each.getConfiguration())))
        .flatMap(Optional::stream)
        .map(Xpp3Dom.class::cast);
  }

  private static List<Path> resources(Path folder, Model model) throws ForMavenException {
    List<Path> folders = new ArrayList<>();
    for (Resource resource : model.getBuild().getResources()) {
      if (resource.isFiltering()
          || resource.getTargetPath() != null
          || !resource.getIncludes().isEmpty()
          || !resource.getExcludes().isEmpty()) {
        throw new ForMavenException("it filters or chooses its resources");
      }
      folders.add(folder.resolve(resource.getDirectory()));
    }
    return folders;
  }

  private static List<String> compilerOptions(Model model) throws ForMavenException {
    Optional<Plugin> compiler =
        model.getBuild().getPlugins().stream()
            .filter(each -> each.getArtifactId().equals(COMPILER))
            .findFirst();
    List<Xpp3Dom> settings = compiler.map(Pom::settings).orElse(Stream.empty()).toList();
    List<String> options = new ArrayList<>(List.of("-g", "-proc:none", "-nowarn"));
    if (compiler.isPresent() && !own(compiler.get()).isEmpty()) {
      throw new ForMavenException("it compiles in a way of its own");
    }
    for (Xpp3Dom each : settings) {
      for (Xpp3Dom setting : each.getChildren()) {
        if (!COMPILER_SETTINGS.contains(setting.getName())
            || (setting.getName().equals("compilerArgs") && setting.getChildCount() > 0)) {
          throw new ForMavenException("its compiler is told " + setting.getName());
        }
      }
    }
    for (String property : model.getProperties().stringPropertyNames()) {
      if (property.startsWith(COMPILER_PROPERTY)) {
        String name = property.substring(COMPILER_PROPERTY.length());
        // a version is somebody's own, for the plugin
        if (!COMPILER_PROPERTIES.contains(name) && !name.endsWith("version")) {
          throw new ForMavenException("its compiler is told " + name);
        }
      }
    }
    String release = setting(model, settings, "release", "maven.compiler.release");
    if (release != null) {
      options.addAll(List.of("--release", release));
    } else {
      String source = setting(model, settings, "source", "maven.compiler.source");
      String target = setting(model, settings, "target", "maven.compiler.target");
      if (source != null && target != null) {
        options.addAll(List.of("-source", source, "-target", target));
      }
    }
    if ("true".equals(setting(model, settings, "parameters", "maven.compiler.parameters"))) {
      options.add("-parameters");
    }
    String encoding = setting(model, settings, "encoding", "project.build.sourceEncoding");
    options.addAll(List.of("-encoding", encoding == null ? "UTF-8" : encoding));
    return options;
  }

  private static @Nullable String setting(
      Model model, List<Xpp3Dom> settings, String name, String property) {
    for (Xpp3Dom each : settings) {
      Xpp3Dom child = each.getChild(name);
      if (child != null && child.getValue() != null) {
        return child.getValue();
      }
    }
    return model.getProperties().getProperty(property);
  }

  /** What Quarkus is told of the project, as its Maven plugin tells it. */
  Properties quarkusProperties() {
    Properties told = new Properties();
    Properties all = model.getProperties();
    for (String name : all.stringPropertyNames()) {
      if (name.startsWith("quarkus.")) {
        told.setProperty(name, all.getProperty(name));
      }
    }
    told.putIfAbsent("quarkus.application.name", model.getArtifactId());
    told.putIfAbsent("quarkus.application.version", version());
    return told;
  }

  String version() {
    return Objects.requireNonNull(model.getVersion(), "an effective POM has a version");
  }

  /** The name of its jar, without the ending. */
  String finalName() {
    String name = model.getBuild().getFinalName();
    return name != null ? name : model.getArtifactId() + "-" + version();
  }

  /** Where its Java sources are. */
  Path sources() {
    return folder.resolve("src/main/java");
  }
}
