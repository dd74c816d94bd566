package dev.koalja.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Section "Batches" of PROTOCOL.md. */
class ProtocolBatchTest extends ProtocolTest {
  static final String BATCH =
      "Koalja-Invocation: 01J8\nContent-Type: application/cloudevents-batch+json";
  private static final String JSON = "Content-Type: application/json";
  private static final String REFUSED = "422 202 TerminalException: no such word";
  private static final String FAILED = "500 201 IOException: " + "x".repeat(1987) + "…";

  /** A batch of words, each with a key of its own, as the router writes them. */
  private static String batch(String... words) {
    List<String> events = new ArrayList<>();
    for (int i = 0; i < words.length; i++) {
      events.add(
          """
          {"koaljaindex":%d,"koaljainput":"words","koaljaposition":"koalja.shop.word/3/%d",\
          "specversion":"1.0","id":"%d","source":"/s","type":"t","partitionkey":"k%d",\
          "datacontenttype":"application/json","data":"%s"}"""
              .formatted(i, 70 + i, i, i, words[i]));
    }
    return "[" + String.join(",", events) + "]";
  }

  private static Arguments row(String name, String body, Object... rest) {
    List<Object> row = new ArrayList<>(List.of(name, body));
    row.addAll(List.of(rest));
    return Arguments.of(row.toArray());
  }

  static Stream<Arguments> answered() {
    return Stream.of(
        row("no result", batch("silent"), ""),
        row("every event", batch("a", "b", "c"), "A, B, C"),
        row("one event", batch("a"), "A"),
        row("some fail", batch("fail", "b", "refuse"), "B, 0: " + FAILED + ", 2: " + REFUSED),
        row("one alone fails", batch("refuse"), "0: " + REFUSED),
        row("one fails and nothing is made", batch("silent", "refuse"), "1: " + REFUSED),
        row("all fail", batch("refuse", "refuse"), "0: " + REFUSED + ", 1: " + REFUSED),
        row(
            "more fail than results there may be",
            batch(Collections.nCopies(6, "refuse").toArray(String[]::new)),
            IntStream.range(0, 6)
                .mapToObj(i -> i + ": " + REFUSED)
                .collect(Collectors.joining(", "))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void answered(String name, String body, String results) throws Exception {
    RawHttp.Answer answer = post("/store", BATCH, body);

    assertThat(answer.status()).isEqualTo(results.isEmpty() ? 204 : 200);
    assertThat(String.join(", ", results(answer))).isEqualTo(results);
  }

  /** What stands in an answer: results as they are, of failures the index and what is wrong. */
  private static List<String> results(RawHttp.Answer answer) throws Exception {
    List<String> results = new ArrayList<>();
    if (answer.header("Content-Type").startsWith("application/cloudevents-batch+json")) {
      for (JsonNode event : Json.MAPPER.readTree(answer.body())) {
        boolean failure = event.get("type").asText().equals("dev.koalja.failure");
        if (failure) {
          assertThat(event.get("koaljaindex").isInt()).isTrue();
          assertThat(event.get("datacontenttype").asText()).isEqualTo("application/problem+json");
        }
        assertThat(event.get("id").asText()).isEqualTo("01J8." + results.size());
        assertThat(event.get("source").asText()).isEqualTo("/apps/test/store");
        results.add(
            failure
                ? failure(event.get("koaljaindex").asText(), event.get("data"))
                : new String(event.get("data_base64").binaryValue(), StandardCharsets.UTF_8));
      }
    } else if (answer.header("ce-type").equals("dev.koalja.failure")) {
      assertThat(answer.header("ce-id")).isEqualTo("01J8.0");
      assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
      results.add(failure(answer.header("ce-koaljaindex"), Json.MAPPER.readTree(answer.body())));
    } else if (answer.status() == 200) {
      results.add(answer.text());
    }
    return results;
  }

  private static String failure(String index, JsonNode problem) {
    assertThat(problem.get("type").asText()).startsWith("urn:koalja:error:function-");
    assertThat(problem.get("title").asText()).startsWith("function ");
    return "%s: %d %d %s"
        .formatted(
            index,
            problem.get("status").asInt(),
            problem.get("code").asInt(),
            problem.get("detail").asText());
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        row("no event", "[]", 400, 101, "the batch has no event"),
        row(
            "another order",
            batch("a", "b").replace("\"koaljaindex\":1", "\"koaljaindex\":2"),
            400,
            101,
            "event 1 of the batch: its koaljaindex is 2, where 1 is next"),
        row(
            "an input the function does not have",
            batch("a").replace("\"koaljainput\":\"words\"", "\"koaljainput\":\"word\""),
            400,
            101,
            "event 0 of the batch: no input is called \"word\": store reads words"),
        row(
            "data of another type",
            batch("a", "b").replace("json\",\"data\":\"b\"", "csv\",\"data\":\"b\""),
            422,
            210,
            "event 1 of input words: the data is application/csv, the function reads"),
        row(
            "a function that throws",
            batch("refuse", "throw"),
            422,
            202,
            "TerminalException: not even one"),
        row(
            "an event that is not there",
            batch("a", "nobody"),
            500,
            201,
            "IllegalArgumentException: the batch has no event 101, only 0 to 1"),
        row(
            "too many results",
            batch(Collections.nCopies(6, "a").toArray(String[]::new)),
            422,
            207,
            "store made more than 5 results"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refused(String name, String body, int status, int code, String detail) throws Exception {
    assertThat(problem(post("/store", BATCH, body), status, code)).startsWith(detail);
  }

  @Test
  void oneEventInBinaryOrStructuredModeIsABatchOfOne() throws Exception {
    assertThat(post("/store", EVENT + JSON, "\"a\"").text()).isEqualTo("A");
    assertThat(
            post(
                    "/store",
                    "Content-Type: application/cloudevents+json",
                    "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"data\":\"a\"}")
                .text())
        .isEqualTo("A");
  }

  @Test
  void whoSendsOneEventIsToldByTheStatusThatItFailed() throws Exception {
    assertThat(problem(post("/store", EVENT + JSON, "\"refuse\""), 422, 202))
        .isEqualTo("TerminalException: no such word");
    assertThat(problem(post("/store", EVENT + JSON, "\"fail\""), 500, 201))
        .startsWith("IOException: xxx");
  }

  @Test
  void aResultHasAKeyOnlyWhereAllEventsHaveIt() throws Exception {
    assertThat(post("/store", BATCH, batch("a", "silent")).headers())
        .doesNotContainKey("ce-partitionkey");
    assertThat(post("/store", BATCH, batch("a")).header("ce-partitionkey")).isEqualTo("k0");
    assertThat(post("/store", BATCH, batch("refuse")).headers())
        .doesNotContainKey("ce-partitionkey");
  }

  @Test
  void whereThereIsNoBatchNothingOfItFails() throws Exception {
    assertThat(problem(post("/mark", EVENT, "a"), 500, 201))
        .startsWith("IllegalStateException: mark is handed no batch");
  }
}
