package dev.koalja.knative.serving.local;

import dev.koalja.knative.serving.Lease;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** A program with a local serving, made to be killed. Prints the process it started. */
public final class ServingMain {
  private ServingMain() {}

  public static void main(String[] args) throws Exception {
    AppCatalog catalog = new AppCatalog();
    catalog.put(LocalServingIT.build("1", Map.of()));
    LocalServing serving = new LocalServing(catalog, Path.of(args[0]));
    Pipeline pipeline =
        PipelineReader.read(
            new PipelineReader.Source(
                "pipeline.yaml",
                """
                apiVersion: koalja.dev/v1alpha1
                kind: Pipeline
                metadata: {name: shop}
                spec:
                  triggers:
                  - {name: t, link: order, webhook: {scheme: none}}
                  tasks:
                  - {name: price, function: {app: prices}, inputs: [{name: o, link: order}]}
                """));
    serving.apply(new Definition(pipeline, 1));
    Lease lease =
        serving.acquire(pipeline.name(), pipeline.tasks().getFirst(), Duration.ofSeconds(60));
    System.out.println(lease.instance());
    Thread.sleep(Duration.ofMinutes(5));
  }
}
