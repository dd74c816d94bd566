package dev.koalja.function.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.type.TypeFactory;
import dev.koalja.pipeline.Json;
import java.io.ByteArrayInputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadCodecTest {
  record Item(String sku, int quantity) {}

  record Order(String id, Item item, Optional<String> note, Instant at) {}

  private final PayloadCodec codec = new PayloadCodec(Json.MAPPER);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "application/json                 | \"Ann\"   | Ann",
        "application/json; charset=UTF-8  |  \"Ann\"  | Ann",
        "application/problem+json         | \"Zo\\u00eb\" | Zoë",
        "                                 | \"Ann\"   | Ann",
        "                                 | Ann       | Ann",
        "application/json                 | {\"a\":1} | {\"a\":1}",
        "application/json                 | 12        | 12",
        "text/plain                       | \"Ann\"   | \"Ann\"",
        "text/markdown                    | # Ann     | # Ann",
        "application/xml                  | <a/>      | <a/>",
      })
  void readsText(String contentType, String data, String text) {
    assertThat(codec.read(payload(data, contentType), String.class)).isEqualTo(text);
  }

  @Test
  void readsTextInTheCharsetItIsIn() {
    byte[] latin = "Zoë".getBytes(StandardCharsets.ISO_8859_1);

    assertThat(codec.read(new Payload(latin, "text/plain; charset=iso-8859-1"), String.class))
        .isEqualTo("Zoë");
    assertThat(codec.read(new Payload(latin, "text/plain; charset=\"ISO-8859-1\""), String.class))
        .isEqualTo("Zoë");
    assertThatThrownBy(() -> codec.read(new Payload(latin, "text/plain"), String.class))
        .isInstanceOf(UnreadableDataException.class)
        .hasMessage("the data is no text in UTF-8");
    assertThatThrownBy(
            () -> codec.read(new Payload(latin, "text/plain; charset=klingon"), String.class))
        .hasMessage("the charset \"klingon\" of the data is not known");
  }

  @ParameterizedTest
  @CsvSource({"UTF-8", "UTF-16", "UTF-16BE", "UTF-32", "ISO-8859-1", "windows-1252"})
  void readsJsonInTheCharsetItIsIn(String charset) {
    byte[] data = "{\"sku\":\"Zoë\",\"quantity\":2}".getBytes(Charset.forName(charset));

    assertThat(codec.read(new Payload(data, "application/json; charset=" + charset), Item.class))
        .isEqualTo(new Item("Zoë", 2));
  }

  @Test
  void readsRecordsTreesMapsAndBytes() {
    String json =
        """
        {"id": "o-1", "item": {"sku": "A", "quantity": 2}, "at": "2026-01-01T00:00:00Z", "new": 1}""";

    assertThat(codec.read(payload(json, "application/json"), Order.class))
        .isEqualTo(
            new Order(
                "o-1", new Item("A", 2), Optional.empty(), Instant.parse("2026-01-01T00:00:00Z")));
    assertThat(codec.read(payload(json, "application/json"), JsonNode.class))
        .isEqualTo(Json.MAPPER.valueToTree(Json.MAPPER.convertValue(tree(json), Map.class)));
    assertThat(
            codec.read(
                payload("{\"a\":1}", "application/json"),
                TypeFactory.defaultInstance()
                    .constructFromCanonical("java.util.Map<java.lang.String,java.lang.Long>")))
        .isEqualTo(Map.of("a", 1L));
    assertThat((byte[]) codec.read(payload(json, "application/json"), byte[].class))
        .isEqualTo(json.getBytes(StandardCharsets.UTF_8));
  }

  private JsonNode tree(String json) {
    return (JsonNode) codec.read(payload(json, "application/json"), JsonNode.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "{\"sku\":               | the data is not JSON at line 1 column 8: Unexpected end-of-input within/between Object entries",
        "{\"sku\":\"A\"} rest    | the data is not JSON at line 1 column 13: Unrecognized token 'rest': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
        "{\"quantity\":\"many\"} | the data is no dev.koalja.function.codec.PayloadCodecTest.Item at quantity: Cannot deserialize value of type `int` from String \"many\": not a valid `int` value",
        "null                    | the data is JSON null, no dev.koalja.function.codec.PayloadCodecTest.Item",
        "^^                      | the event has no data, the function reads dev.koalja.function.codec.PayloadCodecTest.Item from JSON",
      })
  void saysWhereDataCannotBeRead(String data, String message) {
    assertThatThrownBy(() -> codec.read(payload(data, "application/json"), Item.class))
        .isInstanceOf(UnreadableDataException.class)
        .hasMessage(message);
  }

  @Test
  void doesNotGuessThatOtherDataIsJson() {
    assertThatThrownBy(() -> codec.read(payload("a: 1", "application/yaml"), Item.class))
        .hasMessage(
            "the data is application/yaml, the function reads dev.koalja.function.codec.PayloadCodecTest.Item from JSON");
  }

  @ParameterizedTest
  @ValueSource(strings = {";", ";;", "; charset=utf-8", " "})
  void takesAContentTypeThatNamesNothingForNone(String contentType) {
    assertThat(codec.read(payload("{\"sku\":\"A\"}", contentType), Item.class))
        .isEqualTo(new Item("A", 0));
  }

  @Test
  void writesByTypeOfTheValue() {
    assertThat(codec.write("Zoë").contentType()).contains("text/plain; charset=utf-8");
    assertThat(codec.write("Zoë").data()).isEqualTo("Zoë".getBytes(StandardCharsets.UTF_8));
    assertThat(codec.write(new byte[] {1}).contentType()).contains("application/octet-stream");
    assertThat(codec.write(new Item("A", 2)).contentType()).contains("application/json");
    assertThat(codec.write(new Item("A", 2)).data())
        .asString()
        .isEqualTo("{\"sku\":\"A\",\"quantity\":2}");
    assertThat(codec.write(12).data()).asString().isEqualTo("12");
  }

  @ParameterizedTest
  @CsvSource({
    "application/json, true",
    "text/json, true",
    "Application/vnd.example+JSON; charset=utf-8, true",
    "'', true",
    "text/plain; charset=utf-8, false",
    "text/csv, false",
    "application/json-seq, false",
  })
  void knowsJson(String contentType, boolean json) {
    assertThat(payload("{}", contentType).isJson()).isEqualTo(json);
    assertThat(new Payload(new byte[0], Optional.empty()).isJson()).isTrue();
  }

  @Test
  void saysWhatCannotBeWritten() {
    assertThatThrownBy(() -> codec.write(new Object()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("java.lang.Object cannot be written as JSON: ");
  }

  record Name(String name) {}

  @ParameterizedTest
  @CsvSource({
    "application/json; charset=iso-8859-1, Zoë ☃",
    "application/json; charset=utf-16, Zoë ☃",
    "application/x-www-form-urlencoded; charset=iso-8859-1, Zoë & co",
    "text/plain; charset=iso-8859-1, Zoë",
    "text/plain; charset=utf-16le, Zoë ☃",
  })
  void writesInTheCharsetThatIsNamed(String contentType, String text) {
    Object value = contentType.startsWith("text/") ? text : new Name(text);

    assertThat(codec.read(codec.write(value, contentType), value.getClass())).isEqualTo(value);
  }

  @Test
  void losesNoCharactersThatACharsetDoesNotHave() {
    assertThatThrownBy(() -> codec.write("☃", "text/plain; charset=iso-8859-1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the text has characters that ISO-8859-1 does not have");
  }

  @Test
  void readsAndWritesForms() {
    assertThat(
            codec.read(
                payload("sku=A%26B&quantity=2", "application/x-www-form-urlencoded"), Item.class))
        .isEqualTo(new Item("A&B", 2));
    assertThat(codec.write(new Item("A&B", 2), "application/x-www-form-urlencoded").data())
        .asString()
        .isEqualTo("sku=A%26B&quantity=2");
  }

  @Test
  void saysWhatAFormCannotHold() {
    Order nested = new Order("o", new Item("A", 1), Optional.empty(), Instant.EPOCH);

    assertThatThrownBy(() -> codec.write(nested, "application/x-www-form-urlencoded"))
        .hasMessage("field item has a structure, which a form cannot hold");
    assertThatThrownBy(() -> codec.write(12, "application/x-www-form-urlencoded"))
        .hasMessage("java.lang.Integer cannot be written as a form: it has no fields");
  }

  /** Knows a value by its length. */
  @ContentTypes({"text/length", "+length"})
  static class Length implements DataFormat {
    @Override
    public Object read(Payload payload, JavaType type) {
      if (payload.data().length == 0) {
        throw new IllegalStateException();
      }
      return new Item(type.getRawClass().getSimpleName(), payload.data().length);
    }

    @Override
    public byte[] write(Object value, String contentType) {
      return (contentType + ((Item) value).quantity()).getBytes(StandardCharsets.UTF_8);
    }
  }

  @Test
  void asksAFormatOfItsContentTypeOrSuffix() {
    Length length = new Length();
    PayloadCodec more =
        new PayloadCodec(Json.MAPPER, Map.of("text/length", length, "+length", length));

    assertThat(more.read(payload("four", "text/length; a=b"), Item.class))
        .isEqualTo(new Item("Item", 4));
    assertThat(more.read(payload("four", "application/x+length"), Item.class))
        .isEqualTo(new Item("Item", 4));
    assertThat(more.read(payload("four", "text/length"), String.class)).isEqualTo("four");
    assertThat(more.write(new Item("A", 2), "text/length; a=b").data())
        .asString()
        .isEqualTo("text/length; a=b2");
    assertThatThrownBy(() -> more.read(payload("", "text/length"), Item.class))
        .isInstanceOf(UnreadableDataException.class)
        .hasMessage(
            "the data is no dev.koalja.function.codec.PayloadCodecTest.Item in text/length: IllegalStateException");
    assertThatThrownBy(() -> more.read(payload("four", "text/other"), Item.class))
        .isInstanceOf(UnreadableDataException.class);
  }

  @Test
  void writesTextAndBytesAsTheyAreWhateverTheyAreCalled() {
    assertThat(codec.write("Zoë", "text/html; charset=iso-8859-1").data())
        .isEqualTo("Zoë".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(codec.write("{}", "application/json").data()).asString().isEqualTo("{}");
    assertThat(codec.write(new byte[] {1}, "image/png").contentType()).contains("image/png");
    assertThat(codec.write(new ByteArrayInputStream(new byte[] {1}), "image/png").data())
        .containsExactly(1);
  }

  private static Payload payload(String data, String contentType) {
    return new Payload(data.getBytes(StandardCharsets.UTF_8), Optional.ofNullable(contentType));
  }
}
