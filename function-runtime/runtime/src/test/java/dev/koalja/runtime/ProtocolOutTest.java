package dev.koalja.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Section 2 of PROTOCOL.md over real HTTP. */
class ProtocolOutTest extends ProtocolTest {
  private static RawHttp.Answer ask(String task, String headers, String body) throws Exception {
    return post("/" + task, "Koalja-Invocation: 01J8\n" + EVENT + headers, body);
  }

  @Test
  void nothingIs204() throws Exception {
    RawHttp.Answer answer = ask("swallow", "", "x");

    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.body()).isEmpty();
    assertThat(answer.headers()).doesNotContainKey("ce-id");
    assertThat(answer.header("Koalja-Code-Revision")).isEqualTo("1.0+abc");
    assertThat(ask("lines", "", "{\"id\":\"o\",\"skus\":[]}").status()).isEqualTo(204);
    assertThat(ask("sort", "", "{\"id\":\"o\",\"skus\":[]}").status()).isEqualTo(204);
  }

  @Test
  void oneResultIsInBinaryMode() throws Exception {
    RawHttp.Answer answer = ask("shout", "ce-partitionkey: ann smith", "ann");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("ANN");
    assertThat(answer.header("ce-specversion")).isEqualTo("1.0");
    assertThat(answer.header("ce-id")).isEqualTo("01J8.0");
    assertThat(answer.header("ce-source")).isEqualTo("/apps/test/shout");
    assertThat(answer.header("ce-type")).isEqualTo("test.shout.result");
    assertThat(answer.header("ce-partitionkey")).isEqualTo("ann%20smith");
    assertThat(answer.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
    assertThat(answer.headers()).doesNotContainKeys("ce-koaljaoutput", "ce-datacontenttype");
    assertThat(Instant.parse(answer.header("ce-time"))).isBefore(Instant.now().plusSeconds(60));
  }

  @Test
  void theResultsOwnKeyGoesBeforeTheInputs() throws Exception {
    RawHttp.Answer answer =
        ask("price", "ce-partitionkey: ann", "{\"id\":\"o-1\",\"skus\":[\"A\"]}");

    assertThat(answer.header("ce-partitionkey")).isEqualTo("o-1");
    assertThat(answer.header("ce-type")).isEqualTo("shop.Priced");
    assertThat(ask("price", "ce-partitionkey: ann", "{\"skus\":[]}").header("ce-partitionkey"))
        .isEqualTo("ann");
    assertThat(ask("shout", "", "ann").headers()).doesNotContainKey("ce-partitionkey");
  }

  @Test
  void manyResultsAreABatchInOrder() throws Exception {
    RawHttp.Answer answer =
        ask("lines", "ce-partitionkey: k", "{\"id\":\"o\",\"skus\":[\"A\",\"B\"]}");

    assertThat(answer.header("Content-Type")).isEqualTo("application/cloudevents-batch+json");
    JsonNode batch = Json.MAPPER.readTree(answer.body());
    assertThat(batch).hasSize(2);
    assertThat(batch.get(1).get("id").asText()).isEqualTo("01J8.1");
    assertThat(batch.get(1).get("source").asText()).isEqualTo("/apps/test/lines");
    assertThat(batch.get(1).get("type").asText()).isEqualTo("shop.Line");
    assertThat(batch.get(1).get("partitionkey").asText()).isEqualTo("k");
    assertThat(batch.get(1).get("datacontenttype").asText()).isEqualTo("application/json");
    assertThat(batch.get(1).get("data").toString()).isEqualTo("{\"order\":\"o\",\"sku\":\"B\"}");
    assertThat(batch.get(1).has("koaljaoutput")).isFalse();
  }

  @Test
  void severalOutputsAreNamed() throws Exception {
    JsonNode batch =
        Json.MAPPER.readTree(
            ask("sort", "ce-partitionkey: k", "{\"id\":\"o\",\"skus\":[\"A\"]}").body());

    assertThat(batch).hasSize(2);
    assertThat(batch.get(0).get("koaljaoutput").asText()).isEqualTo("lines");
    assertThat(batch.get(0).get("partitionkey").asText()).isEqualTo("o");
    assertThat(batch.get(1).get("id").asText()).isEqualTo("01J8.1");
    assertThat(batch.get(1).get("koaljaoutput").asText()).isEqualTo("count");
    assertThat(batch.get(1).get("partitionkey").asText()).isEqualTo("shared");
    assertThat(batch.get(1).get("type").asText()).isEqualTo("test.sort.count");
    assertThat(batch.get(1).get("data").asInt()).isEqualTo(1);
  }

  @Test
  void aReturnedEventKeepsEverythingButItsIdentity() throws Exception {
    RawHttp.Answer answer =
        ask(
            "pass",
            "ce-subject: s\nce-partitionkey: k\nce-koaljaoutput: x\nContent-Type: text/csv",
            "a,b");

    assertThat(answer.header("ce-id")).isEqualTo("01J8.0");
    assertThat(answer.header("ce-source")).isEqualTo("/apps/test/pass");
    assertThat(answer.header("ce-type")).isEqualTo("test");
    assertThat(answer.header("ce-subject")).isEqualTo("s");
    assertThat(answer.header("ce-partitionkey")).isEqualTo("k");
    assertThat(answer.header("Content-Type")).isEqualTo("text/csv");
    assertThat(answer.headers()).doesNotContainKey("ce-koaljaoutput");
    assertThat(answer.text()).isEqualTo("a,b");
  }

  @Test
  void anEventWithoutDataIsAResultToo() throws Exception {
    RawHttp.Answer answer = post("/pass", EVENT.replace("ce-type: test", "ce-type: bare"), "");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("ce-type")).isEqualTo("bare");
    assertThat(answer.body()).isEmpty();
  }

  @ParameterizedTest(name = "{0} of {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "fail  | terminal | 422 | 202 | TerminalException: unknown sku Z",
        "fail  | checked  | 500 | 201 | IOException: disk full",
        "fail  | silent   | 500 | 201 | IllegalStateException",
        "fail  | error    | 500 | 201 | StackOverflowError: too deep",
        "flood | endless  | 422 | 207 | flood made more than 5 results in one call: make fewer, or raise koalja.max-results",
        "flood | heavy    | 422 | 206 | flood made results of more than 1000 bytes in one call: keep large data in an object store, or raise koalja.max-result-bytes",
      })
  void failuresAreProblems(String task, String body, int status, int code, String detail)
      throws Exception {
    assertThat(problem(ask(task, "", body), status, code)).isEqualTo(detail);
  }

  @ParameterizedTest(name = "{0} as {1}")
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "1},{\"id\":\"forged\"        | application/json",
        "1},{\"id\":\"forged\"        | none",
        "{}                           | none",
        "{}{}                         | application/json",
        "{                            | application/json",
        "''                           | application/json",
        "''                           | none",
        "{}                           | application/json; charset=utf-16",
        "1,2                          | application/problem+json",
        "a,b                          | text/csv",
        "{}                           | text/plain",
        "1                            | text/x+json+not",
      })
  void dataThatIsNotOneValueOfJsonIsBytesInABatch(String data, @Nullable String contentType)
      throws Exception {
    TestFunctions.Craft.contentType = contentType;
    JsonNode batch = Json.MAPPER.readTree(ask("craft", "", data).body());

    assertThat(batch).hasSize(2);
    for (JsonNode event : batch) {
      assertThat(event.has("data")).isFalse();
      assertThat(event.get("data_base64").binaryValue())
          .isEqualTo(data.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(batch.get(1).get("id").asText()).isEqualTo("01J8.1");
  }

  @ParameterizedTest(name = "{0} as {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\":[1]} | application/json",
        "\"x\"       | application/json; charset=UTF-8",
        "null          | application/problem+json",
      })
  void jsonStaysJsonInABatch(String data, String contentType) throws Exception {
    TestFunctions.Craft.contentType = contentType;
    JsonNode batch = Json.MAPPER.readTree(ask("craft", "", data).body());

    assertThat(batch).hasSize(2);
    assertThat(batch.get(0).get("data")).isEqualTo(Json.MAPPER.readTree(data));
  }

  @Test
  void noDigitOfANumberIsLostInABatch() throws Exception {
    TestFunctions.Craft.contentType = "application/json";
    String number = "123456789012345678901234567890.10";

    assertThat(ask("craft", "", number).text()).contains("\"data\":" + number + "}");
  }

  @Test
  void aContentTypeThatNoHeaderCanHoldIsABadReply() throws Exception {
    TestFunctions.Craft.contentType = "a/b\r\nX: y";

    assertThat(problem(ask("craft", "", "x"), 422, 205)).contains("is no media type");
  }

  @Test
  void attributesHaveTheirCanonicalText() throws Exception {
    RawHttp.Answer answer = ask("pass", "ce-time: 2026-01-01T10:00:00Z", "x");

    assertThat(answer.header("ce-time")).isEqualTo("2026-01-01T10:00:00Z");
    assertThat(post("/pass", EVENT.replace("type: test", "type: binary"), "").header("ce-bytes"))
        .isEqualTo("AQI=");
  }

  @Test
  void streamsAreClosedAndNotBuffered() throws Exception {
    assertThat(problem(ask("flood", "", "nested"), 422, 207)).startsWith("flood made more than 5");
    assertThat(TestFunctions.Flood.closed).isTrue();
    assertThat(problem(ask("streams", "", "x"), 422, 207)).startsWith("streams made more than 5");
    assertThat(TestFunctions.Streams.closed).isTrue();
  }

  @Test
  void aLongDetailIsCut() throws Exception {
    assertThat(problem(ask("fail", "", "long"), 500, 201)).hasSize(2001).endsWith("x…");
  }

  @Test
  void whateverTheRuntimeDoesWrongIsAnswered() throws Exception {
    assertThat(problem(ask("fail", "", "message"), 500, 901))
        .isEqualTo("the runtime failed, its log says why");
  }

  @Test
  void whatCannotBeWrittenIsABadReplyThatIsNotTriedAgain() throws Exception {
    RawHttp.Answer answer = ask("flood", "", "unwritable");

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.text())
        .contains("urn:koalja:error:bad-reply", "java.lang.Object cannot be written as JSON");
  }

  @Test
  void asManyResultsAsAllowedAreSent() throws Exception {
    assertThat(Json.MAPPER.readTree(ask("flood", "", "many").body())).hasSize(5);
  }
}
