package dev.koalja.pipeline.schema;

import static dev.koalja.pipeline.schema.Notation.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.koalja.pipeline.Json;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataSchemaTest {
  private static final DataSchema ORDER =
      schema(
          "{id!: text(uuid), state!: OPEN|PAID?, lines!: [{n!: int}], by: <num>, note: text?, more:"
              + " *}");

  @Test
  void shouldBeJsonSchema() {
    assertThat(ORDER.json())
        .isEqualTo(
            "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\","
                + "\"properties\":{\"id\":{\"type\":\"string\",\"format\":\"uuid\"},\"state\":"
                + "{\"enum\":[\"OPEN\",\"PAID\",null]},\"lines\":{\"type\":\"array\",\"items\":"
                + "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}},\"required\":"
                + "[\"n\"]}},\"by\":{\"type\":\"object\",\"additionalProperties\":{\"type\":"
                + "\"number\"}},\"note\":{\"type\":[\"string\",\"null\"]},\"more\":{}},"
                + "\"required\":[\"id\",\"state\",\"lines\"]}");
  }

  /** What is written means to a validator what it means here. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          {"id":"x","state":"OPEN","lines":[{"n":1}]}               ; true
          {"id":"x","state":null,"lines":[],"note":null,"more":[1]} ; true
          {"id":"x","state":"LOST","lines":[]}                      ; false
          {"id":"x","state":"OPEN","lines":[{}]}                    ; false
          {"id":"x","state":"OPEN","lines":[{"n":1.5}]}             ; false
          {"id":"x","state":"OPEN","lines":[],"by":{"a":1.5}}       ; true
          {"id":"x","state":"OPEN","lines":[],"by":{"a":"b"}}       ; false
          {"state":"OPEN","lines":[]}                               ; false
          """)
  void shouldMeanTheSameToAValidator(String data, boolean valid) throws JsonProcessingException {
    JsonSchema validator =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(ORDER.json());

    assertThat(validator.validate(Json.MAPPER.readTree(data)).isEmpty()).isEqualTo(valid);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          true                                                    ; *
          {}                                                      ; *
          {"title":"x","type":"string","pattern":"a+"}            ; text
          {"type":["string","null"]}                              ; text?
          {"type":["null","integer","number"]}                    ; num?
          {"type":["string","integer"]}                           ; *
          {"type":"null"}                                         ; *
          {"oneOf":[{"type":"string"}]}                           ; *
          {"type":"object","properties":{},"allOf":[{}]}          ; *
          {"enum":["A",null]}                                     ; A?
          {"enum":[1,2]}                                          ; *
          {"type":"string","enum":["A","B"]}                      ; A|B
          {"type":"object"}                                       ; <*>
          {"type":"object","additionalProperties":{"type":"integer"}} ; <int>
          {"type":"object","required":["a"]}                      ; {a!: *}
          {"type":"array"}                                        ; [*]
          {"type":"array","prefixItems":[{"type":"string"}],"items":false} ; [*]
          {"$ref":"https://example.com/order.json"}               ; *
          {"$ref":"#"}                                            ; *
          """)
  void shouldReadWhatOthersWrite(String json, String expected) throws JsonProcessingException {
    assertThat(DataSchema.read(Json.MAPPER.readTree(json))).isEqualTo(schema(expected));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          []                                              ; schema # must be an object
          {"type":"strin"}                                ; schema #/type is "strin", which is no type of JSON Schema
          {"type":7}                                      ; schema #/type is 7, which is no type of JSON Schema
          {"type":"array","items":3}                      ; schema #/items must be an object
          {"type":"object","properties":[]}               ; schema #/properties must be an object
          {"type":"object","properties":{"a":1}}          ; schema #/properties/a must be an object
          {"type":"object","required":"a"}                ; schema #/required must be a list of names
          {"enum":[]}                                     ; schema #/enum must be a list with at least one value
          {"$ref":"#/$defs/x"}                            ; "x" is not defined
          {"$ref":"#/$defs/x","$defs":{"x":{"$ref":"#/$defs/x"}}} ; "x" is defined by itself alone
          {"$ref":5}                                      ; schema #/$ref must be text
          """)
  void shouldSayWhereItIsNoSchema(String json, String problem) throws JsonProcessingException {
    var node = Json.MAPPER.readTree(json);

    assertThatThrownBy(() -> DataSchema.read(node))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(problem);
  }

  @Test
  void shouldBeBounded() throws JsonProcessingException {
    var deep =
        Json.MAPPER.readTree(
            "{\"type\":\"array\",\"items\":".repeat(DataSchema.MAX_DEPTH + 1)
                + "{}"
                + "}".repeat(DataSchema.MAX_DEPTH + 1));
    var large = Json.MAPPER.readTree("{\"title\":\"" + "x".repeat(DataSchema.MAX_BYTES) + "\"}");

    assertThatThrownBy(() -> DataSchema.read(deep)).hasMessageContaining("deeper than 64 levels");
    assertThatThrownBy(() -> DataSchema.read(large)).hasMessageContaining("more than 65536");
    assertThat(ORDER.bounded()).contains(ORDER);
    assertThat(new DataSchema(new Shape.Choice(List.of("x".repeat(70_000)))).bounded()).isEmpty();
  }

  @Test
  void shouldKeepDefinitionsThatContainThemselves() throws JsonProcessingException {
    Shape tree =
        new Shape.Fields(
            Map.of(
                "left/~", new Shape.Field(new Shape.OrNull(new Shape.Named("my/tree~")), false)));
    DataSchema schema =
        new DataSchema(new Shape.Named("my/tree~"), new TreeMap<>(Map.of("my/tree~", tree)));

    assertThat(DataSchema.read(Json.MAPPER.readTree(schema.json()))).isEqualTo(schema);
  }

  @Test
  void shouldHaveAnotherUriWhenItIsAnotherSchema() {
    String uri = schema("{id!: text}").uri("shop.Order");

    assertThat(uri).matches("urn:koalja:schema:shop\\.Order:[0-9a-f]{16}");
    assertThat(schema("{id!: text}").uri("shop.Order")).isEqualTo(uri);
    assertThat(schema("{id!: int}").uri("shop.Order")).isNotEqualTo(uri);
    assertThat(schema("{id: text}").uri("shop.Order")).isNotEqualTo(uri);
    assertThat(schema("{id!: text}").uri("a b<ü>")).startsWith("urn:koalja:schema:a-b---:");
  }

  @Test
  void shouldSayItInShort() {
    assertThat(SchemaText.lines(ORDER))
        .containsExactly(
            "id: uuid",
            "state?: OPEN | PAID",
            "lines: list of object",
            "  n: integer",
            "by?: map of number",
            "note?: text",
            "more?: anything");
    assertThat(SchemaText.lines(schema("[num?]"))).containsExactly("list of number or null");
  }
}
