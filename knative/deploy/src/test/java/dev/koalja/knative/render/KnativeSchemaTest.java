package dev.koalja.knative.render;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The manifests against Knative's own schema, which is not ours to keep in this repository. */
class KnativeSchemaTest {
  private static final String CRD = "knative-crds/serving/service.yaml";
  private static Optional<JsonSchema> schema = Optional.empty();

  @BeforeAll
  static void readSchema() throws IOException {
    String testdata = System.getProperty("koalja.testdata", "");
    Path crd = Path.of(testdata, CRD);
    if (testdata.isEmpty() || !Files.exists(crd)) {
      assertThat(System.getenv("CI"))
          .as("koalja.testdata must have %s when CI=true", CRD)
          .isNotEqualTo("true");
      return;
    }
    for (JsonNode version : new YAMLMapper().readTree(crd.toFile()).at("/spec/versions")) {
      if (version.get("name").asText().equals("v1")) {
        ObjectNode root = (ObjectNode) version.at("/schema/openAPIV3Schema");
        forbidUnknown(root);
        schema =
            Optional.of(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(root));
      }
    }
    assertThat(schema).as("version v1 of the CRD").isPresent();
  }

  /** A cluster drops unknown fields in silence; here they are errors. */
  private static void forbidUnknown(JsonNode node) {
    if (node instanceof ObjectNode object
        && object.get("properties") instanceof ObjectNode
        && !object.has("additionalProperties")
        && !object.has("x-kubernetes-preserve-unknown-fields")) {
      object.put("additionalProperties", false);
    }
    node.forEach(KnativeSchemaTest::forbidUnknown);
  }

  private static JsonSchema schema() {
    Assumptions.assumeTrue(
        schema.isPresent(),
        "skipped: Knative's schema of services is not there, set koalja.testdata");
    return schema.orElseThrow();
  }

  @Test
  void shouldRenderWhatTheSchemaAllows() throws IOException {
    String yaml =
        ManifestRenderer.render(
            ManifestRendererTest.pipeline(),
            ManifestRendererTest.IMAGES,
            ManifestRendererTest.SECRETS);
    for (JsonNode document : ManifestRendererTest.documents(yaml)) {
      assertThat(schema().validate(document)).as(document.at("/metadata/name").asText()).isEmpty();
    }
  }

  @Test
  void shouldNoticeAWrongManifest() throws IOException {
    String yaml =
        ManifestRenderer.render(ManifestRendererTest.pipeline(), ManifestRendererTest.IMAGES)
            .replace("containerConcurrency: 5", "containerConcurrency: many")
            .replace("timeoutSeconds: 95", "timeoutSecs: 95");
    JsonNode first = ManifestRendererTest.documents(yaml).getFirst();
    assertThat(schema().validate(first))
        .extracting(message -> message.getInstanceLocation().toString())
        .anyMatch(location -> location.contains("containerConcurrency"));
    assertThat(schema().validate(first).toString()).contains("timeoutSecs");
  }
}
