package dev.koalja.runtime.deployment;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.runtime.BuildTimeSettings;
import dev.koalja.runtime.FunctionRecorder;
import dev.koalja.runtime.registry.FunctionDescriptor;
import dev.koalja.runtime.registry.FunctionDescriptor.Takes;
import dev.koalja.runtime.registry.InputDescriptor;
import dev.koalja.runtime.registry.OutputDescriptor;
import io.quarkus.arc.deployment.AdditionalBeanBuildItem;
import io.quarkus.arc.deployment.UnremovableBeanBuildItem;
import io.quarkus.arc.processor.DotNames;
import io.quarkus.deployment.Capabilities;
import io.quarkus.deployment.Capability;
import io.quarkus.deployment.GeneratedClassGizmoAdaptor;
import io.quarkus.deployment.annotations.BuildProducer;
import io.quarkus.deployment.annotations.BuildStep;
import io.quarkus.deployment.annotations.Consume;
import io.quarkus.deployment.annotations.ExecutionTime;
import io.quarkus.deployment.annotations.Record;
import io.quarkus.deployment.builditem.ApplicationArchivesBuildItem;
import io.quarkus.deployment.builditem.ApplicationInfoBuildItem;
import io.quarkus.deployment.builditem.ApplicationStartBuildItem;
import io.quarkus.deployment.builditem.CombinedIndexBuildItem;
import io.quarkus.deployment.builditem.FeatureBuildItem;
import io.quarkus.deployment.builditem.GeneratedClassBuildItem;
import io.quarkus.deployment.builditem.GeneratedResourceBuildItem;
import io.quarkus.deployment.builditem.RunTimeConfigBuilderBuildItem;
import io.quarkus.deployment.builditem.ShutdownContextBuildItem;
import io.quarkus.deployment.pkg.builditem.CurateOutcomeBuildItem;
import io.quarkus.deployment.pkg.builditem.OutputTargetBuildItem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.jandex.Type;
import org.jboss.logging.Logger;

/** The build steps: find the functions, check the circuit, write it down, generate, serve. */
final class KoaljaProcessor {
  private static final Logger LOG = Logger.getLogger(KoaljaProcessor.class);
  private static final String FILE = "koalja/pipeline.yaml";

  /** Says which code this is without it being started. */
  private static final String CODE = "koalja/code-revision";

  /** By name: what it extends is there only with a validator. */
  private static final String EVENT_EXTRACTOR = "dev.koalja.runtime.validation.EventExtractor";

  @BuildStep
  FeatureBuildItem feature() {
    return new FeatureBuildItem("koalja-functions");
  }

  @BuildStep
  RunTimeConfigBuilderBuildItem buildTimeSettings() {
    return new RunTimeConfigBuilderBuildItem(BuildTimeSettings.class.getName());
  }

  @BuildStep
  CircuitBuildItem circuit(
      CombinedIndexBuildItem index,
      ApplicationInfoBuildItem application,
      OutputTargetBuildItem target,
      Capabilities capabilities,
      BuildProducer<GeneratedResourceBuildItem> resources)
      throws IOException {
    FunctionScan scan = FunctionScan.of(index.getComputingIndex(), jsonIsConfigured());
    Path folder = target.getOutputDirectory();
    InferredPipeline inferred =
        InferredPipeline.of(application.getName(), scan, handWritten(folder));
    if (!inferred.problems().isEmpty()) {
      throw new WrongCircuitException(application.getName(), inferred.problems());
    }
    ValidationCheck.Found validation =
        ValidationCheck.check(
            index.getComputingIndex(),
            scan.functions(),
            capabilities.isPresent(Capability.HIBERNATE_VALIDATOR));
    if (!validation.problems().isEmpty()) {
      throw new WrongCircuitException(
          application.getName(),
          validation.problems().stream().map(BuildProblem::toString).toList());
    }
    validation.warnings().forEach(warning -> LOG.warn(warning));
    if (scan.functions().isEmpty()) {
      LOG.warn("No method with @Function was found: this app would answer nothing");
    }
    byte[] yaml = inferred.yaml().getBytes(StandardCharsets.UTF_8);
    Path file = folder.resolve(FILE);
    Files.createDirectories(folder.resolve("koalja"));
    Files.write(file, yaml);
    resources.produce(new GeneratedResourceBuildItem("META-INF/" + FILE, yaml));
    return new CircuitBuildItem(
        new AppName(application.getName()), scan.functions(), scan.formats(), inferred.takes());
  }

  /**
   * A setting may change what is written and what is refused. The defaults, which an app with
   * Quarkus' own mapper has as settings too, write what our mapper writes.
   */
  private static boolean jsonIsConfigured() {
    Config config = ConfigProvider.getConfig();
    return StreamSupport.stream(config.getPropertyNames().spliterator(), false)
        .filter(name -> name.startsWith("quarkus.jackson."))
        .anyMatch(name -> config.getConfigValue(name).getSourceOrdinal() > Integer.MIN_VALUE);
  }

  private static Optional<PipelineReader.Source> handWritten(Path target) throws IOException {
    Path file = target.resolveSibling("pipeline.yaml");
    return Files.isRegularFile(file)
        ? Optional.of(new PipelineReader.Source("pipeline.yaml", Files.readString(file)))
        : Optional.empty();
  }

  @BuildStep
  void beans(
      CircuitBuildItem circuit,
      BuildProducer<AdditionalBeanBuildItem> beans,
      BuildProducer<UnremovableBeanBuildItem> unremovable) {
    AdditionalBeanBuildItem.Builder builder =
        AdditionalBeanBuildItem.builder().setUnremovable().setDefaultScope(DotNames.SINGLETON);
    circuit.functions().stream()
        .map(function -> function.method().declaringClass().name().toString())
        .distinct()
        .forEach(builder::addBeanClass);
    circuit.formats().values().stream().distinct().sorted().forEach(builder::addBeanClass);
    beans.produce(builder.build());
    unremovable.produce(UnremovableBeanBuildItem.beanTypes(ObjectMapper.class));
  }

  @BuildStep
  void validation(Capabilities capabilities, BuildProducer<AdditionalBeanBuildItem> beans) {
    if (capabilities.isPresent(Capability.HIBERNATE_VALIDATOR)) {
      beans.produce(
          AdditionalBeanBuildItem.builder()
              .addBeanClass(EVENT_EXTRACTOR)
              .setUnremovable()
              .setDefaultScope(DotNames.SINGLETON)
              .build());
    }
  }

  @BuildStep
  void invokers(CircuitBuildItem circuit, BuildProducer<GeneratedClassBuildItem> classes) {
    GeneratedClassGizmoAdaptor output = new GeneratedClassGizmoAdaptor(classes, true);
    circuit.functions().forEach(function -> InvokerGenerator.generate(function, output));
  }

  @BuildStep
  @Record(ExecutionTime.STATIC_INIT)
  void warmUp(FunctionRecorder recorder) {
    recorder.warmUp();
  }

  @BuildStep
  CodeRevision revision(
      ApplicationInfoBuildItem application,
      ApplicationArchivesBuildItem archives,
      CurateOutcomeBuildItem outcome) {
    return archives
        .getRootArchive()
        .apply(
            files ->
                CodeRevision.of(
                    application.getVersion(),
                    files,
                    outcome.getApplicationModel().getRuntimeDependencies()));
  }

  @BuildStep
  GeneratedResourceBuildItem code(CodeRevision revision) {
    return new GeneratedResourceBuildItem(
        "META-INF/" + CODE, revision.name().getBytes(StandardCharsets.UTF_8));
  }

  @BuildStep
  @Record(ExecutionTime.RUNTIME_INIT)
  @Consume(ApplicationStartBuildItem.class)
  void serve(
      FunctionRecorder recorder,
      CircuitBuildItem circuit,
      CodeRevision revision,
      ShutdownContextBuildItem shutdown) {
    recorder.serve(
        circuit.app().value(),
        revision.name(),
        circuit.functions().stream()
            .map(function -> descriptor(circuit.app(), function, circuit.takes(function)))
            .toList(),
        circuit.formats(),
        shutdown);
  }

  /** What the process is told of a function. */
  static FunctionDescriptor descriptor(AppName app, FunctionMethod function, Takes takes) {
    return new FunctionDescriptor(
        function.task().value(),
        function.where(),
        InvokerGenerator.name(function),
        function.inputs().stream().map(KoaljaProcessor::input).toList(),
        takes,
        function.state().map(state -> JavaNames.jackson(state.element())).orElse(""),
        function.outputs().stream().map(output -> output(app, function, output)).toList(),
        function.several());
  }

  private static InputDescriptor input(InputPort input) {
    return new InputDescriptor(
        input.name().value(),
        JavaNames.jackson(input.element()),
        input.shape(),
        input.nullable() && input.element().kind() != Type.Kind.PRIMITIVE,
        input.attributed());
  }

  private static OutputDescriptor output(AppName app, FunctionMethod function, OutputPort output) {
    // the schema is that of the pipeline file, which knows nothing of a type chosen for the events
    String data =
        JavaNames.wireType(output.element())
            .orElse(app + "." + function.task() + "." + output.name());
    return new OutputDescriptor(
        output.name().value(),
        output.eventType().orElse(data),
        JavaNames.jackson(output.element()),
        output.contentType(),
        output.schema().map(schema -> schema.uri(data)).orElse(""),
        output.attributed());
  }
}
