package dev.koalja.knative.render;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ManifestRendererTest {
  static final AppName PRICES = new AppName("prices");

  static final Map<AppName, String> IMAGES =
      Map.of(PRICES, "registry.example/prices@sha256:" + "0".repeat(64));

  static final Map<AppName, List<SecretReference>> SECRETS =
      Map.of(PRICES, List.of(SecretReference.named("tax.table"), SecretReference.named("api-key")));

  static Pipeline pipeline() {
    return read(
        """
        - {name: tax, function: {app: prices, scale: {min: 1, max: 9, concurrency: 5, idle: 10m}}, inputs: [{name: o, link: order}]}
        - {name: price, function: {app: prices, scale: {min: 1, max: 9, concurrency: 5, idle: 10m}}, inputs: [{name: o, link: order}], delivery: {timeout: 90s}}
        - {name: ship, function: {app: prices, isolated: true, scale: {idle: 10s}}, inputs: [{name: o, link: order}]}
        - {name: audit, container: {image: "registry.example/audit:1.4", port: 9090}, inputs: [{name: o, link: order}]}
        """);
  }

  private static Pipeline read(String tasks) {
    return PipelineReader.read(
        new PipelineReader.Source(
            "pipeline.yaml",
            """
            apiVersion: koalja.dev/v1alpha1
            kind: Pipeline
            metadata: {name: shop}
            spec:
              triggers:
              - {name: t, link: order, webhook: {scheme: github, secretRef: github-secret}}
              tasks:
            """
                + tasks.indent(2)));
  }

  static List<JsonNode> documents(String yaml) throws IOException {
    YAMLMapper mapper = new YAMLMapper();
    return mapper.readerFor(JsonNode.class).<JsonNode>readValues(yaml).readAll();
  }

  private static JsonNode service(String name) throws IOException {
    return documents(ManifestRenderer.render(pipeline(), IMAGES, SECRETS)).stream()
        .filter(document -> document.at("/metadata/name").asText().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldRenderOneServiceForEachAppIsolatedFunctionAndContainer() throws IOException {
    assertThat(documents(ManifestRenderer.render(pipeline(), IMAGES)))
        .extracting(document -> document.at("/metadata/name").asText())
        .containsExactly("prices", "prices-ship", "shop-audit");
  }

  @Test
  void shouldGiveTheSameBytesTwice() {
    assertThat(ManifestRenderer.render(pipeline(), IMAGES, SECRETS))
        .isEqualTo(ManifestRenderer.render(pipeline(), IMAGES, SECRETS));
  }

  @Test
  void shouldScaleAsTheFunctionsSay() throws IOException {
    JsonNode template = service("prices").at("/spec/template");
    assertThat(template.at("/spec/containerConcurrency").asInt()).isEqualTo(5);
    assertThat(template.at("/spec/timeoutSeconds").asInt()).isEqualTo(95);
    JsonNode annotations = template.at("/metadata/annotations");
    assertThat(annotations.get("autoscaling.knative.dev/min-scale").textValue()).isEqualTo("1");
    assertThat(annotations.get("autoscaling.knative.dev/max-scale").textValue()).isEqualTo("9");
    assertThat(annotations.get("autoscaling.knative.dev/target").textValue()).isEqualTo("5");
    assertThat(annotations.get("autoscaling.knative.dev/window").textValue()).isEqualTo("60s");
    assertThat(
            annotations
                .get("autoscaling.knative.dev/scale-to-zero-pod-retention-period")
                .textValue())
        .isEqualTo("540s");
    assertThat(
            service("prices-ship")
                .at("/spec/template/metadata/annotations")
                .get("autoscaling.knative.dev/window")
                .textValue())
        .isEqualTo("10s");
  }

  @Test
  void shouldConfineFunctions() throws IOException {
    JsonNode container = service("prices").at("/spec/template/spec/containers/0");
    JsonNode security = container.get("securityContext");
    assertThat(security.get("runAsNonRoot").asBoolean()).isTrue();
    assertThat(security.get("readOnlyRootFilesystem").asBoolean()).isTrue();
    assertThat(security.get("allowPrivilegeEscalation").asBoolean(true)).isFalse();
    assertThat(security.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
    assertThat(security.at("/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
    assertThat(container.at("/readinessProbe/httpGet/path").asText()).isEqualTo("/health/ready");
    assertThat(container.at("/livenessProbe/httpGet/path").asText()).isEqualTo("/health/live");
    assertThat(container.at("/ports/0/containerPort").asInt()).isEqualTo(8080);
    assertThat(
            service("prices")
                .at("/metadata/labels")
                .get("networking.knative.dev/visibility")
                .asText())
        .isEqualTo("cluster-local");
  }

  @Test
  void shouldNameSecretsAndNeverHoldThem() throws IOException {
    JsonNode env = service("prices").at("/spec/template/spec/containers/0/env");
    assertThat(env).hasSize(2);
    assertThat(env.at("/0/name").asText()).isEqualTo("KOALJA_SECRET_API_KEY");
    assertThat(env.at("/0/valueFrom/secretKeyRef/name").asText()).isEqualTo("api-key");
    assertThat(env.at("/1/name").asText()).isEqualTo("KOALJA_SECRET_TAX_TABLE");
    assertThat(env.findValues("value")).isEmpty();
  }

  @Test
  void shouldLeaveTheHabitsOfAContainerAlone() throws IOException {
    JsonNode container = service("shop-audit").at("/spec/template/spec/containers/0");
    assertThat(container.get("image").asText()).isEqualTo("registry.example/audit:1.4");
    assertThat(container.at("/ports/0/containerPort").asInt()).isEqualTo(9090);
    assertThat(container.has("readinessProbe")).isFalse();
    assertThat(container.at("/securityContext").has("runAsNonRoot")).isFalse();
    assertThat(container.at("/securityContext/capabilities/drop/0").asText()).isEqualTo("ALL");
  }

  @Test
  void shouldNameEveryAppWithoutImage() {
    assertThatThrownBy(() -> ManifestRenderer.render(pipeline(), Map.of()))
        .isInstanceOf(KoaljaException.class)
        .hasMessageContaining("prices")
        .hasMessageContaining("koalja image");
  }

  @Test
  void shouldRefuseTwoServicesOfOneName() {
    Pipeline clash =
        read(
            """
            - {name: b, function: {app: a, isolated: true}, inputs: [{name: o, link: order}]}
            - {name: c, function: {app: a-b}, inputs: [{name: o, link: order}]}
            """);
    assertThatThrownBy(
            () ->
                ManifestRenderer.render(
                    clash, Map.of(new AppName("a"), "a:1", new AppName("a-b"), "b:1")))
        .isInstanceOf(KoaljaException.class)
        .hasMessageContaining("rename one");
  }
}
