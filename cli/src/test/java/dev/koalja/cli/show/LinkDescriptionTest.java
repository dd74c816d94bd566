package dev.koalja.cli.show;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.yaml.PipelineReader;
import org.junit.jupiter.api.Test;

class LinkDescriptionTest {
  private static final Pipeline SHOP =
      PipelineReader.read(
          new PipelineReader.Source(
              "pipeline.yaml",
              """
              apiVersion: koalja.dev/v1alpha1
              kind: Pipeline
              metadata: {name: shop}
              spec:
                triggers:
                - {name: files, link: priced, bucket: {url: "s3://photos"}}
                tasks:
                - name: price
                  function: {app: shop}
                  inputs: [{name: order, link: order}]
                  outputs:
                  - name: result
                    link: priced
                    type: shop.Priced
                    schema: '{"type":"object","properties":{"id":{"type":"string","format":"uuid"},"note":{"type":["string","null"]}},"required":["id"]}'
                - name: ship
                  function: {app: ware}
                  inputs:
                  - {name: priced, link: priced, schema: '{"type":"object","properties":{"id":{"type":"string"}}}'}
                - name: audit
                  container: {image: "registry.example/audit:1.4"}
                  inputs: [{name: priced, link: priced}]
              """));

  private static LinkDescription describe(String link) {
    return new LinkDescription(SHOP, SHOP.link(link).orElseThrow());
  }

  @Test
  void shouldSayWhatEachSideKnows() {
    assertThat(String.join("\n", describe("priced").lines()))
        .isEqualTo(
            """
            shop/priced
            written by
              trigger files
                nothing is known of its data
              price/result (app shop) as shop.Priced
                id: uuid
                note?: text
            read by
              ship/priced (app ware)
                id?: text
              audit/priced
                nothing is known of its data""");
    assertThat(describe("order").lines())
        .containsExactly(
            "shop/order",
            "written by nobody",
            "read by",
            "  price/order (app shop)",
            "    nothing is known of its data");
  }

  @Test
  void shouldGiveProgramsTheSchemas() {
    assertThat(describe("priced").json().at("/producers/1/schema/properties/id/format").asText())
        .isEqualTo("uuid");
    assertThat(describe("priced").json().at("/producers/1/dataschema").asText())
        .matches("urn:koalja:schema:shop\\.Priced:[0-9a-f]{16}");
    assertThat(describe("priced").json().at("/consumers/0/app").asText()).isEqualTo("ware");
    assertThat(describe("priced").json().at("/consumers/0").has("dataschema")).isFalse();
    assertThat(describe("priced").json().at("/consumers/1").has("schema")).isFalse();
  }
}
