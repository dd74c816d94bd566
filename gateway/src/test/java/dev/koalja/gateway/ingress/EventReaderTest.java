package dev.koalja.gateway.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.koalja.gateway.http.Headers;
import dev.koalja.gateway.http.Request;
import dev.koalja.gateway.http.Requests;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import io.cloudevents.CloudEvent;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventReaderTest {
  private static final Map<String, String> BINARY =
      Map.of(
          "ce-id",
          "1",
          "ce-source",
          "/me",
          "ce-type",
          "t",
          "ce-specversion",
          "1.0",
          "Content-Type",
          "application/json");
  private static final String STRUCTURED = "application/cloudevents+json";
  private static final String BATCH = "application/cloudevents-batch+json";
  private static final String REQUIRED =
      "\"id\":\"1\",\"source\":\"/me\",\"type\":\"t\",\"specversion\":\"1.0\"";

  private final EventReader reader = new EventReader(20, 3);

  private static Request binary(Map<String, String> more, String body) {
    Map<String, String> headers = new HashMap<>(BINARY);
    headers.putAll(more);
    return Requests.post(headers, body);
  }

  private static Request structured(String json) {
    return Requests.post(Map.of("Content-Type", STRUCTURED), json);
  }

  private static Request batch(String json) {
    return Requests.post(Map.of("Content-Type", BATCH), json);
  }

  private CloudEvent one(Request request) {
    List<CloudEvent> events = reader.read(request);
    assertThat(events).hasSize(1);
    return events.getFirst();
  }

  private static String data(CloudEvent event) {
    return new String(Objects.requireNonNull(event.getData()).toBytes(), UTF_8);
  }

  private KoaljaException refused(Request request) {
    return catchThrowableOfType(KoaljaException.class, () -> reader.read(request));
  }

  @Test
  void shouldReadBinaryMode() {
    CloudEvent event =
        one(
            binary(
                Map.of(
                    "ce-time", "2026-11-22T12:00:00Z",
                    "ce-subject", "s",
                    "ce-partitionkey", "ann",
                    "ce-count", "7"),
                "{\"a\": 1.10}"));
    assertThat(event.getId()).isEqualTo("1");
    assertThat(event.getSource()).hasToString("/me");
    assertThat(event.getSubject()).isEqualTo("s");
    assertThat(event.getTime()).isNotNull();
    assertThat(event.getDataContentType()).isEqualTo("application/json");
    assertThat(event.getExtension("partitionkey")).isEqualTo("ann");
    assertThat(event.getExtension("count")).isEqualTo("7");
    assertThat(data(event)).isEqualTo("{\"a\": 1.10}");
  }

  @Test
  void shouldBoundTheAttributesOfAnEvent() {
    String many =
        IntStream.range(0, 61)
            .mapToObj(i -> ",\"x%d\":1".formatted(i))
            .collect(Collectors.joining());
    assertThat(refused(structured("{" + REQUIRED + many + "}")))
        .extracting(KoaljaException::code)
        .isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(one(structured("{" + REQUIRED + many.replace(",\"x60\":1", "") + "}"))).isNotNull();
    String large = ",\"subject\":\"" + "s".repeat(16 << 10) + "\"";
    assertThat(refused(batch("[{" + REQUIRED + large + "}]")).code())
        .isEqualTo(ErrorCode.TOO_LARGE);
  }

  @Test
  void shouldReadBinaryModeWithoutData() {
    assertThat(one(binary(Map.of(), "")).getData()).isNull();
  }

  @Test
  void shouldReadAnyBytesAsDataOfOtherTypes() {
    assertThat(data(one(binary(Map.of("Content-Type", "text/plain"), "not json"))))
        .isEqualTo("not json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/cloudevents+json",
        "Application/CloudEvents+JSON",
        "application/cloudevents+json; charset=UTF-8"
      })
  void shouldReadStructuredModeWhateverItsCase(String contentType) {
    CloudEvent event =
        one(
            Requests.post(
                Map.of("content-type", contentType),
                "{" + REQUIRED + ",\"flag\":true,\"n\":-7,\"nothing\":null,\"data\":{\"a\":1}}"));
    assertThat(event.getExtension("flag")).isEqualTo(true);
    assertThat(event.getExtension("n")).isEqualTo(-7);
    assertThat(event.getExtensionNames()).containsExactlyInAnyOrder("flag", "n");
    assertThat(event.getDataContentType()).isEqualTo("application/json");
    assertThat(data(event)).isEqualTo("{\"a\":1}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"price\" : 1.10,\n \"big\":123456789012345678901234567890.10}",
        "1e400",
        "-0.0",
        "true",
        "\"text\\u00e9\"",
        "[1, [2], {}]",
        "12"
      })
  void shouldHandOnJsonDataAsItWasWritten(String json) {
    assertThat(data(one(structured("{\"data\":" + json + " ," + REQUIRED + "}")))).isEqualTo(json);
    assertThat(data(one(structured("{" + REQUIRED + ",\"data\":" + json + "}")))).isEqualTo(json);
  }

  @Test
  void shouldUnwrapTextThatIsNoJson() {
    String json = "{" + REQUIRED + ",\"datacontenttype\":\"text/plain\",\"data\":\"a\\nb\"}";
    assertThat(data(one(structured(json)))).isEqualTo("a\nb");
  }

  @Test
  void shouldDecodeBase64() {
    String json = "{" + REQUIRED + ",\"datacontenttype\":\"image/png\",\"data_base64\":\"AP8=\"}";
    assertThat(Objects.requireNonNull(one(structured(json)).getData()).toBytes())
        .containsExactly(0, 0xff);
  }

  @Test
  void shouldReadABatchInItsOrder() {
    String json =
        IntStream.range(0, 3)
            .mapToObj(i -> "{" + REQUIRED.replace("\"1\"", "\"" + i + "\"") + "}")
            .collect(Collectors.joining(",", "[", "]"));
    assertThat(reader.read(batch(json)))
        .extracting(CloudEvent::getId)
        .containsExactly("0", "1", "2");
    assertThat(reader.read(batch("[]"))).isEmpty();
  }

  @Test
  void shouldNameTheBrokenEventOfABatch() {
    KoaljaException error = refused(batch("[{" + REQUIRED + "},{\"id\":\"2\"}]"));
    assertThat(error.code()).isEqualTo(ErrorCode.MALFORMED_EVENT);
    assertThat(error).hasMessageContaining("event 2 of the batch", "specversion, source, type");
  }

  @Test
  void shouldBoundTheBatch() {
    String four =
        "[" + String.join(",", java.util.Collections.nCopies(4, "{" + REQUIRED + "}")) + "]";
    assertThat(refused(batch(four)).code()).isEqualTo(ErrorCode.TOO_LARGE);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "`{\"id\":`, 1, 7, end of input inside an object",
        "`[1,`, 1, 4, end of input inside an array",
        "`{\"a\":\n  nope}`, 2, 3, Unrecognized token",
        "`{} {}`, 1, 4, more follows",
      })
  void shouldSayWhereDataIsNotJson(String body, int line, int column, String reason) {
    KoaljaException error = refused(binary(Map.of(), body));
    assertThat(error.code()).isEqualTo(ErrorCode.MALFORMED_DATA);
    assertThat(error)
        .hasMessageStartingWith("not JSON at line " + line + " column " + column + ": ")
        .hasMessageContaining(reason);
  }

  @Test
  void shouldBoundNesting() {
    assertThat(refused(binary(Map.of(), "[".repeat(21) + "]".repeat(21))).code())
        .isEqualTo(ErrorCode.MALFORMED_DATA);
    assertThat(one(binary(Map.of(), "[".repeat(20) + "]".repeat(20)))).isNotNull();
  }

  @Test
  void shouldRefuseJsonThatIsNotUtf8() {
    Request request = Requests.post(BINARY, "{\"a\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(refused(request)).hasMessage("not JSON: byte 7 is not UTF-8");
  }

  @ParameterizedTest
  @CsvSource({
    "Euro%20%E2%82%AC%20%F0%9F%98%80, Euro € 😀",
    "a%25b, a%b",
    "%2525, %25",
    "plain, plain",
  })
  void shouldDecodeHeaders(String header, String value) {
    assertThat(one(binary(Map.of("ce-subject", header), "{}")).getSubject()).isEqualTo(value);
  }

  @Test
  void shouldDecodeOldQuotesAndRawUtf8() {
    assertThat(one(binary(Map.of("ce-subject", "\"a \\\"b\\\" c%21\""), "{}")).getSubject())
        .isEqualTo("a \"b\" c!");
    String rawUtf8 = new String("é".getBytes(UTF_8), StandardCharsets.ISO_8859_1);
    assertThat(one(binary(Map.of("ce-subject", rawUtf8), "{}")).getSubject()).isEqualTo("é");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%C0%AF", "%ED%A0%80", "%FF", "%zz", "%4", "100%", "%00", "%C2%85"})
  void shouldRefuseHeadersThatDecodeToNoText(String header) {
    assertThat(refused(binary(Map.of("ce-subject", header), "{}")).code())
        .isEqualTo(ErrorCode.MALFORMED_EVENT);
  }

  @ParameterizedTest
  @CsvSource({
    "ce-specversion, 0.3, specversion is",
    "ce-id, '', missing",
    "ce-source, '', missing",
    "ce-source, 'a b', percent",
    "ce-time, yesterday, RFC 3339",
    "ce-dataschema, '', empty",
    "ce-partitionkey, '', empty",
    "ce-subject, '', empty",
    "ce-bad_name, x, no attribute name",
    "ce-, x, no attribute name",
    "ce-data, x, cannot be an attribute",
    "ce-datacontenttype, application/json, must not be sent",
  })
  void shouldRefuseAttributes(String name, String value, String reason) {
    KoaljaException error = refused(binary(Map.of(name, value), "{}"));
    if (reason.equals("percent")) {
      assertThat(error).hasMessageContaining("must be a URI");
    } else {
      assertThat(error).hasMessageContaining(reason);
    }
    assertThat(error.code()).isEqualTo(ErrorCode.MALFORMED_EVENT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "1",
        "{\"id\":1}",
        "{" + REQUIRED + ",\"nested\":{}}",
        "{" + REQUIRED + ",\"list\":[]}",
        "{" + REQUIRED + ",\"n\":1.5}",
        "{" + REQUIRED + ",\"n\":2147483648}",
        "{" + REQUIRED + ",\"id\":\"2\"}",
        "{" + REQUIRED + ",\"UPPER\":\"x\"}",
        "{" + REQUIRED + ",\"data\":1,\"data\":2}",
        "{" + REQUIRED + ",\"data\":1,\"data_base64\":\"AA==\"}",
        "{" + REQUIRED + ",\"data_base64\":\"?\"}",
        "{" + REQUIRED + ",\"time\":5}",
      })
  void shouldRefuseStructuredEvents(String json) {
    assertThat(refused(structured(json)).code()).isEqualTo(ErrorCode.MALFORMED_EVENT);
  }

  @Test
  void shouldSayWhichHeadersAPlainPostMisses() {
    KoaljaException error =
        refused(Requests.post(Map.of("Content-Type", "application/json"), "{}"));
    assertThat(error.code()).isEqualTo(ErrorCode.MALFORMED_EVENT);
    assertThat(error).hasMessageContaining("missing ce-specversion, ce-id, ce-source, ce-type");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/cloudevents+avro",
        "application/cloudevents+protobuf",
        "application/cloudevents-batch+xml",
        "application/cloudevents+json; charset=utf-16",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
      })
  void shouldRefuseMediaTypes(String contentType) {
    assertThat(refused(Requests.post(Map.of("Content-Type", contentType), "x")).code())
        .isEqualTo(ErrorCode.UNSUPPORTED_MEDIA_TYPE);
  }

  @Test
  void shouldRefuseCompressedBodies() {
    assertThat(refused(binary(Map.of("Content-Encoding", "gzip"), "{}")).code())
        .isEqualTo(ErrorCode.UNSUPPORTED_MEDIA_TYPE);
  }

  @Test
  void shouldRefuseAnAttributeThatCameTwice() {
    Map<String, List<String>> fields = new HashMap<>();
    BINARY.forEach((name, value) -> fields.put(name, List.of(value)));
    fields.put("ce-subject", List.of("a", "b"));
    Request request =
        new Request("POST", "/", Map.of(), Map.of(), new Headers(fields), new byte[0], "");
    assertThatThrownBy(() -> reader.read(request)).hasMessageContaining("subject is there twice");
  }
}
