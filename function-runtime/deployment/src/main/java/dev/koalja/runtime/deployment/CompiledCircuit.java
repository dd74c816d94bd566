package dev.koalja.runtime.deployment;

import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.runtime.registry.FunctionDescriptor;
import dev.koalja.runtime.registry.FunctionDescriptor.Takes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.jandex.IndexView;

/**
 * What a build would make of compiled classes, without a build: for tests, which come before it.
 *
 * @param pipeline the circuit, the hand-written file heard
 * @param yaml what is inferred from the code alone
 * @param functions the functions
 * @param invokers the classes that call them, by name
 * @param formats the classes of the app's own formats, by content type
 */
public record CompiledCircuit(
    Pipeline pipeline,
    String yaml,
    List<FunctionDescriptor> functions,
    Map<String, byte[]> invokers,
    Map<String, String> formats) {

  /** Copies its collections. */
  public CompiledCircuit {
    functions = List.copyOf(functions);
    invokers = Map.copyOf(invokers);
    formats = Map.copyOf(formats);
  }

  /**
   * Reads an index.
   *
   * @param application the name of the app
   * @param handWritten {@code pipeline.yaml} of the project, when there is one
   * @param validator whether the app has a validator, for constraints on its functions
   * @throws RuntimeException when the circuit is wrong, with every problem, as the build says it
   */
  public static CompiledCircuit of(
      String application,
      IndexView index,
      Optional<PipelineReader.Source> handWritten,
      boolean validator) {
    FunctionScan scan = FunctionScan.of(index);
    InferredPipeline inferred = InferredPipeline.of(application, scan, handWritten);
    if (!inferred.problems().isEmpty()) {
      throw new WrongCircuitException(application, inferred.problems());
    }
    ValidationCheck.Found validation = ValidationCheck.check(index, scan.functions(), validator);
    if (!validation.problems().isEmpty()) {
      throw new WrongCircuitException(
          application, validation.problems().stream().map(BuildProblem::toString).toList());
    }
    Pipeline pipeline =
        PipelineReader.read(
            Stream.concat(
                    Stream.of(new PipelineReader.Source("code", inferred.yaml())),
                    handWritten.stream())
                .toArray(PipelineReader.Source[]::new));
    AppName app = new AppName(application);
    Map<String, byte[]> invokers = new LinkedHashMap<>();
    for (FunctionMethod function : scan.functions()) {
      InvokerGenerator.generate(
          function, (name, bytes) -> invokers.put(name.replace('/', '.'), bytes));
    }
    return new CompiledCircuit(
        pipeline,
        inferred.yaml(),
        scan.functions().stream()
            .map(
                function ->
                    KoaljaProcessor.descriptor(
                        app, function, inferred.takes().getOrDefault(function.task(), Takes.ONE)))
            .toList(),
        invokers,
        scan.formats());
  }
}
