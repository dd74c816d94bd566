package dev.koalja.knative.serving.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.knative.serving.Lease;
import dev.koalja.knative.serving.UnavailableException;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnativeServingTest {
  private static final PipelineName SHOP = new PipelineName("shop");
  private static final String LONG_TASK = "t" + "x".repeat(62);

  private static final Pipeline PIPELINE =
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
                - {name: ship, function: {app: prices, isolated: true}, inputs: [{name: o, link: order}]}
                - {name: audit, container: {image: "registry.example/audit:1"}, inputs: [{name: o, link: order}]}
                - {name: %s, function: {app: prices, isolated: true}, inputs: [{name: o, link: order}]}
              """
                  .formatted(LONG_TASK)));

  private static Task task(String name) {
    return PIPELINE.task(name).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    "price, http://prices.circuits.svc.cluster.local/price",
    "ship, http://prices-ship.circuits.svc.cluster.local/ship",
    "audit, http://shop-audit.circuits.svc.cluster.local/",
  })
  void shouldPointAtTheServiceOfTheTask(String task, URI endpoint) throws Exception {
    try (KnativeServing serving = new KnativeServing("circuits")) {
      serving.apply(new Definition(PIPELINE, 1));
      try (Lease lease = serving.acquire(SHOP, task(task), Duration.ZERO)) {
        assertThat(lease.endpoint()).isEqualTo(endpoint);
        assertThat(lease.coldStart()).isEmpty();
      }
    }
  }

  @Test
  void shouldCutNamesThatKubernetesWouldRefuse() {
    String name = ServiceName.of(SHOP, task(LONG_TASK)).value();
    assertThat(name).hasSize(57).startsWith("prices-txxx");
    assertThat(ServiceName.of(SHOP, task(LONG_TASK)).value()).isEqualTo(name);
  }

  @Test
  void shouldKnowOnlyWhatIsInForce() {
    try (KnativeServing serving = new KnativeServing("circuits")) {
      assertThatThrownBy(() -> serving.acquire(SHOP, task("price"), Duration.ZERO))
          .isInstanceOf(UnavailableException.class);
      serving.apply(new Definition(PIPELINE, 1));
      assertThat(serving.status()).hasSize(4);
      serving.remove("shop");
      assertThat(serving.status()).isEmpty();
    }
  }
}
