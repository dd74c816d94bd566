package dev.koalja.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.pipeline.event.Ulid;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Section 1 of PROTOCOL.md, and what is refused, as a table of messages over real HTTP. */
class ProtocolInTest extends ProtocolTest {
  static Stream<Arguments> accepted() {
    String json = "Content-Type: application/json";
    return Stream.of(
        row("text as it is", "/shout", EVENT + "Content-Type: text/plain", "ann", "ANN"),
        row("a JSON string's value", "/shout", EVENT + json, "\"ann\"", "ANN"),
        row("no content type", "/shout", EVENT, "ann", "ANN"),
        row("upper-case header names", "/shout", EVENT.replace("ce-id", "CE-ID"), "ann", "ANN"),
        row("bytes", "/measure", EVENT + "Content-Type: image/png", "1234567", "\7"),
        row("no data", "/measure", EVENT, "", "\0"),
        row(
            "a record from JSON",
            "/price",
            EVENT + json,
            "{\"id\":\"o-1\",\"skus\":[\"A\"]}",
            "{\"id\":\"o-1\",\"total\":1}"),
        row(
            "a charset",
            "/shout",
            EVENT + "Content-Type: text/plain; charset=utf-16be",
            "\0a\0n\0n",
            "ANN"),
        row(
            "structured mode",
            "/shout",
            "Content-Type: application/cloudevents+json; charset=UTF-8",
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"data\":\"ann\"}",
            "ANN"),
        row(
            "structured mode, text",
            "/shout",
            "Content-Type: application/cloudevents+json",
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"datacontenttype\":\"text/plain\",\"data\":\"\\\"ann\"}",
            "\"ANN"),
        row(
            "structured mode, base 64",
            "/measure",
            "Content-Type: application/cloudevents+json",
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"data_base64\":\"AQID\"}",
            "\3"),
        row(
            "structured mode, an object",
            "/price",
            "Content-Type: APPLICATION/CLOUDEVENTS+JSON",
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"data\":{\"id\":\"o\",\"skus\":[]}}",
            "{\"id\":\"o\",\"total\":0}"),
        row(
            "structured mode, JSON of a type of its own",
            "/price",
            "Content-Type: application/cloudevents+json",
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"datacontenttype\":\"application/vnd.github.v3+json\",\"data\":{\"id\":\"o\",\"skus\":[]}}",
            "{\"id\":\"o\",\"total\":0}"),
        row(
            "structured mode, numbers with all their digits",
            "/pass",
            "Content-Type: application/cloudevents+json",
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"data\":[19.90,123456789012345678901234567890.10]}",
            "[19.90,123456789012345678901234567890.10]"),
        row(
            "headers of the router",
            "/context",
            EVENT
                + """
                Koalja-Invocation: 01J8
                Koalja-Attempt: 3
                Koalja-Deadline: 2026-01-01T12:00:00.5+01:00
                Koalja-Task: context
                traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
                """,
            "",
            "{\"task\":\"context\",\"invocation\":\"01J8\",\"attempt\":3,\"deadline\":\"2026-01-01T11:00:00.500Z\",\"traceparent\":\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\",\"current\":true}"),
        row(
            "none of them, and a trace context that is none",
            "/context",
            EVENT + "ce-time: 2026-01-01T00:00:00Z\ntraceparent: 00-zz-1-01",
            "",
            "{\"task\":\"context\",\"invocation\":\""
                + Ulid.derived(Instant.parse("2026-01-01T00:00:00Z"), "context", "/test", "1")
                + "\",\"attempt\":1,\"deadline\":null,\"traceparent\":null,\"current\":true}"));
  }

  static Stream<Arguments> refused() {
    String structured = "Content-Type: application/cloudevents+json";
    String missing =
        "is missing: send a CloudEvent in binary mode (ce-specversion, ce-id, ce-source, ce-type) or as application/cloudevents+json";
    return Stream.of(
        row(
            "no event at all",
            "/shout",
            "X: y",
            "hi",
            400,
            101,
            "the header ce-specversion " + missing),
        row("no id", "/shout", without("id"), "hi", 400, 101, "the header ce-id " + missing),
        row(
            "no source",
            "/shout",
            without("source"),
            "hi",
            400,
            101,
            "the header ce-source " + missing),
        row("no type", "/shout", without("type"), "hi", 400, 101, "the header ce-type " + missing),
        row("an empty id", "/shout", without("id") + "ce-id:", "hi", 400, 101, "ce-id is empty"),
        row("two ids", "/shout", EVENT + "ce-id: 2", "hi", 400, 101, "ce-id stands there 2 times"),
        row(
            "an old version",
            "/shout",
            EVENT.replace("1.0", "0.3"),
            "hi",
            400,
            101,
            "ce-specversion is \"0.3\": 1.0 is read here"),
        row(
            "a bad source",
            "/shout",
            EVENT.replace("/test", "a b:%zz|"),
            "hi",
            400,
            101,
            "ce-source is \"a b:%zz|\", which is no URI"),
        row(
            "a bad time",
            "/shout",
            EVENT + "ce-time: yesterday",
            "hi",
            400,
            101,
            "ce-time is \"yesterday\", which is no RFC 3339 time"),
        row(
            "a time after the year 9999",
            "/shout",
            EVENT + "ce-time: +12026-01-01T00:00:00Z",
            "hi",
            400,
            101,
            "ce-time is \"+12026-01-01T00:00:00Z\", which is no RFC 3339 time"),
        row(
            "a time before the year 0",
            "/shout",
            EVENT + "ce-time: -0001-01-01T00:00:00Z",
            "hi",
            400,
            101,
            "ce-time is \"-0001-01-01T00:00:00Z\", which is no RFC 3339 time"),
        row(
            "a deadline after the year 9999",
            "/shout",
            EVENT + "Koalja-Deadline: +999999999-12-31T00:00:00Z",
            "hi",
            400,
            115,
            "Koalja-Deadline is \"+999999999-12-31T00:00:00Z\": an RFC 3339 time is expected"),
        row(
            "a content type that is none",
            "/shout",
            EVENT + "Content-Type: ;",
            "hi",
            400,
            101,
            "the content type of the data is no media type"),
        row(
            "parameters of no content type",
            "/shout",
            EVENT + "Content-Type: ; charset=utf-8",
            "hi",
            400,
            101,
            "the content type of the data is no media type"),
        row(
            "a content type without end",
            "/shout",
            EVENT + "Content-Type: a/" + "b".repeat(300),
            "hi",
            400,
            101,
            "the content type of the data is no media type"),
        row(
            "structured, a content type of two lines",
            "/shout",
            structured,
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"datacontenttype\":\"a/b\\r\\nX: y\",\"data\":\"x\"}",
            400,
            101,
            "the content type of the data is no media type"),
        row(
            "structured, a content type that looks like two lines once it is sent",
            "/shout",
            structured,
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"datacontenttype\":\"a/bčX: y\",\"data\":\"x\"}",
            400,
            101,
            "the content type of the data is no media type"),
        row(
            "structured, a time after the year 9999",
            "/shout",
            structured,
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"time\":\"+12026-01-01T00:00:00Z\"}",
            400,
            101,
            "the body is no CloudEvent in JSON: outside the years 0000 to 9999"),
        row(
            "structured, an attribute with parts",
            "/shout",
            structured,
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"ext\":{\"a\":1}}",
            400,
            101,
            "\"ext\" has a structure: attributes are single values"),
        row(
            "structured, a list of subjects",
            "/shout",
            structured,
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"subject\":[\"a\"]}",
            400,
            101,
            "\"subject\" has a structure: attributes are single values"),
        row(
            "structured, no id but null",
            "/shout",
            structured,
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"id\":null}",
            400,
            101,
            "the body is no CloudEvent in JSON: "),
        row(
            "a bad schema",
            "/shout",
            EVENT + "ce-dataschema: a b",
            "hi",
            400,
            101,
            "ce-dataschema is \"a b\", which is no URI"),
        row(
            "a bad name",
            "/shout",
            EVENT + "ce-my_ext: 1",
            "hi",
            400,
            101,
            "ce-my_ext is no attribute: names have only lower-case letters and digits"),
        row(
            "data as a header",
            "/shout",
            EVENT + "ce-data: x",
            "hi",
            400,
            101,
            "ce-data is no attribute: the body is the data"),
        row(
            "no UTF-8",
            "/shout",
            EVENT + "ce-subject: %FF",
            "hi",
            400,
            101,
            "ce-subject is not UTF-8 once it is percent-decoded"),
        row(
            "no attempt",
            "/shout",
            EVENT + "Koalja-Attempt: 0",
            "hi",
            400,
            115,
            "Koalja-Attempt is \"0\": a number from 1 is expected"),
        row(
            "no deadline",
            "/shout",
            EVENT + "Koalja-Deadline: soon",
            "hi",
            400,
            115,
            "Koalja-Deadline is \"soon\": an RFC 3339 time is expected"),
        row("no JSON", "/shout", structured, "{", 400, 101, "the body is no CloudEvent in JSON: "),
        row(
            "an array",
            "/shout",
            structured,
            "[]",
            400,
            101,
            "the body is no CloudEvent in JSON: "),
        row(
            "structured without id",
            "/shout",
            structured,
            "{\"specversion\":\"1.0\",\"source\":\"/s\",\"type\":\"t\"}",
            400,
            101,
            "the body is no CloudEvent in JSON: "),
        row(
            "structured, empty id",
            "/shout",
            structured,
            "{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"/s\",\"type\":\"t\"}",
            400,
            101,
            "id, source and type must not be empty"),
        row(
            "structured, old version",
            "/shout",
            structured,
            "{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"}",
            400,
            101,
            "specversion is \"0.3\": 1.0 is read here"),
        row(
            "a batch",
            "/shout",
            "Content-Type: application/cloudevents-batch+json",
            "[]",
            415,
            112,
            "shout takes one event: send a batch event by event"),
        row(
            "another format",
            "/shout",
            "Content-Type: application/cloudevents+avro",
            "x",
            415,
            112,
            "application/cloudevents+avro is not read here: send application/cloudevents+json or binary mode"),
        row(
            "another charset",
            "/shout",
            structured + "; charset=klingon",
            "{}",
            415,
            112,
            "the charset \"klingon\" is not known"),
        row(
            "no such function",
            "/nothing",
            EVENT,
            "hi",
            404,
            209,
            "no function \"nothing\" here: this process runs collect, context, "),
        row(
            "a path below a function",
            "/shout/x",
            EVENT,
            "hi",
            404,
            209,
            "no function \"shout/x\" here: "),
        row(
            "no function named",
            "/",
            EVENT,
            "hi",
            404,
            209,
            "say which function, as POST /<task>: this process runs collect, "),
        row(
            "data of another type",
            "/price",
            EVENT + "Content-Type: application/json",
            "[]",
            422,
            210,
            "the data is no dev.koalja.runtime.TestFunctions.Order: "),
        row(
            "data that is not JSON",
            "/price",
            EVENT + "Content-Type: text/csv",
            "a",
            422,
            210,
            "the data is text/csv, the function reads dev.koalja.runtime.TestFunctions.Order from JSON"),
        row(
            "too large",
            "/shout",
            EVENT,
            "x".repeat(TestFunctions.MAX_BODY + 1),
            413,
            111,
            "the body is larger than 4096 bytes: "));
  }

  private static String without(String attribute) {
    return EVENT.replaceAll("ce-" + attribute + ": .*\n", "");
  }

  private static Arguments row(Object... values) {
    return Arguments.of(values);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void accepted(String name, String path, String headers, String body, String answer)
      throws Exception {
    RawHttp.Answer got = post(path, headers, body);

    assertThat(got.text()).isEqualTo(answer);
    assertThat(got.status()).isEqualTo(200);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refused(
      String name, String path, String headers, String body, int status, int code, String detail)
      throws Exception {
    assertThat(problem(post(path, headers, body), status, code)).startsWith(detail);
  }

  @Test
  void aRefusedRequestIsNoLongerInFlight() throws Exception {
    for (String hostile :
        List.of(
            "Koalja-Deadline: +999999999-01-01T00:00:00Z",
            "Koalja-Deadline: -999999999-01-01T00:00:00Z",
            "ce-time: +999999999-01-01T00:00:00Z")) {
      assertThat(post("/shout", EVENT + hostile, "ann").status()).isEqualTo(400);
    }
    assertThat(post("/fail", EVENT, "message").status()).isEqualTo(500);
    assertThat(metric(server, "koalja_function_in_flight{app=\"test\",task=\"shout\"}"))
        .isEqualTo("0");
    assertThat(metric(server, "koalja_function_in_flight{app=\"test\",task=\"fail\"}"))
        .isEqualTo("0");
  }

  @Test
  void attributesThatAreNullAreNotSet() throws Exception {
    RawHttp.Answer got =
        post(
            "/pass",
            "Content-Type: application/cloudevents+json",
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"subject\":null,\"partitionkey\":null,\"number\":7}");

    assertThat(got.status()).isEqualTo(200);
    assertThat(got.header("ce-number")).isEqualTo("7");
    assertThat(got.headers()).doesNotContainKeys("ce-subject", "ce-partitionkey");
  }

  @Test
  void aSenderThatDoesNotEncodeIsUnderstood() throws Exception {
    RawHttp.Answer got =
        post(
            "/pass",
            EVENT + "ce-dataschema: https://example.org/a%20b\nContent-Type: text/csv",
            "a");

    assertThat(got.header("ce-dataschema")).isEqualTo("https://example.org/a%2520b");
    assertThat(post("/shout", EVENT.replace("/test", "/a%20b"), "ann").text()).isEqualTo("ANN");
  }

  @Test
  void attributesAreDecodedOnce() throws Exception {
    try (RawHttp http = new RawHttp(server.port())) {
      RawHttp.Answer got =
          http.ask(
              "POST /pass HTTP/1.1\n"
                  + EVENT
                  + """
                  ce-subject: "Euro \\"%E2%82%AC%22 %F0%9F%98%80%2525"
                  ce-time: 2026-01-01T00:00:00.123Z
                  ce-dataschema: https://example.org/s
                  ce-partitionkey: Zoë
                  ce-empty:
                  ce-koaljaorigin: test
                  """,
              "x");

      assertThat(got.header("ce-subject")).isEqualTo("Euro%20%22%E2%82%AC%22%20%F0%9F%98%80%2525");
      assertThat(got.header("ce-partitionkey")).isEqualTo("Zo%C3%AB");
      assertThat(got.header("ce-time")).isEqualTo("2026-01-01T00:00:00.123Z");
      assertThat(got.header("ce-dataschema")).isEqualTo("https://example.org/s");
      assertThat(got.header("ce-koaljaorigin")).isEqualTo("test");
      assertThat(got.headers()).doesNotContainKeys("ce-empty", "content-type");
    }
  }

  @Test
  void aChunkedBodyIsReadAndBounded() throws Exception {
    String head =
        ("POST /shout HTTP/1.1\nHost: t\nTransfer-Encoding: chunked\n" + EVENT + "\n")
            .replace("\n", "\r\n");
    try (RawHttp http = new RawHttp(server.port())) {
      http.send(RawHttp.bytes(head + "2\r\nan\r\n1\r\nn\r\n0\r\n\r\n"));
      assertThat(http.answer(false).text()).isEqualTo("ANN");

      String chunk = "1000\r\n" + "x".repeat(4096) + "\r\n";
      http.send(RawHttp.bytes(head + chunk + "1\r\nx\r\n0\r\n\r\n"));
      assertThat(http.answer(false).status()).isEqualTo(413);
    }
  }

  @Test
  void theOnlyFunctionAnswersAtTheRoot() throws Exception {
    try (FunctionServer only = TestFunctions.serveOnly("shout");
        RawHttp http = new RawHttp(only.port())) {
      assertThat(http.ask("POST / HTTP/1.1\n" + EVENT, "ann").text()).isEqualTo("ANN");
      assertThat(http.ask("POST /shout HTTP/1.1\n" + EVENT, "bob").text()).isEqualTo("BOB");
    }
  }

  @Test
  void theSameEventIsTheSameInvocationWhoeverSendsIt() throws Exception {
    try (RawHttp http = new RawHttp(server.port())) {
      String first = http.ask("POST /shout HTTP/1.1\n" + EVENT, "ann").header("ce-id");

      assertThat(http.ask("POST /shout HTTP/1.1\n" + EVENT, "ann").header("ce-id"))
          .isEqualTo(first);
      assertThat(http.ask("POST /measure HTTP/1.1\n" + EVENT, "ann").header("ce-id"))
          .isNotEqualTo(first);
      assertThat(
              http.ask("POST /shout HTTP/1.1\n" + EVENT.replace("id: 1", "id: 2"), "ann")
                  .header("ce-id"))
          .isNotEqualTo(first);
    }
  }

  @Test
  void aBodyThatDoesNotComeWholeIsNoEvent() throws Exception {
    try (FunctionServer only = TestFunctions.serveOnly("shout");
        RawHttp http = new RawHttp(only.port())) {
      http.send(
          RawHttp.bytes(
              ("POST /shout HTTP/1.1\nHost: t\nContent-Length: 10\n" + EVENT + "\nann")
                  .replace("\n", "\r\n")));
      http.endOfInput();

      assertThat(http.closed()).isTrue();
      assertThat(
              metric(
                  only,
                  "koalja_function_invocations_total{app=\"test\",task=\"shout\",outcome=\"succeeded\"}"))
          .isEqualTo("0");
    }
  }
}
