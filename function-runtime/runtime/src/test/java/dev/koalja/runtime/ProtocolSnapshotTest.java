package dev.koalja.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Snapshots, as section 1 of PROTOCOL.md says, and what is refused of them. */
class ProtocolSnapshotTest extends ProtocolTest {
  private static final String BATCH = "Content-Type: application/cloudevents-batch+json";
  private static final String ORDER = json("order", 0, "{\"id\":\"o-1\",\"skus\":[]}");

  /** An event of a snapshot, as the router writes it. */
  private static String event(String input, int index, String rest) {
    return """
    {"koaljaindex":%d,"koaljainput":"%s","koaljaposition":"koalja.shop.x/0/7","specversion":"1.0",\
    "id":"%s-%d","source":"/s","type":"t"%s}"""
        .formatted(index, input, input, index, rest);
  }

  private static String json(String input, int index, String data) {
    return event(input, index, ",\"datacontenttype\":\"application/json\",\"data\":" + data);
  }

  private static String batch(String... events) {
    return "[" + String.join(",", events) + "]";
  }

  private static Arguments row(Object... values) {
    return Arguments.of(values);
  }

  static Stream<Arguments> accepted() {
    String text = ",\"datacontenttype\":\"text/plain\",\"data\":\"two \\u20ac\"";
    String bytes = ",\"datacontenttype\":\"image/png\",\"data_base64\":\"";
    return Stream.of(
        row(
            "every input",
            "/join",
            batch(
                ORDER,
                event("stock", 0, text),
                event("tags", 0, bytes + "QQ==\""),
                event("tags", 1, bytes + "Qg==\""),
                json("note", 0, "{\"a\":[1.5]}")),
            "o-1 two € [A, B] {\"a\":[1.5]} of 5"),
        row("a partial one", "/join", batch(ORDER), "o-1 none [] null of 1"),
        row(
            "inputs in another order",
            "/join",
            batch(event("tags", 0, bytes + "QQ==\""), ORDER),
            "o-1 none [A] null of 2"),
        row(
            "without indexes and positions",
            "/collect",
            "[{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"data\":1},"
                + "{\"specversion\":\"1.0\",\"id\":\"2\",\"source\":\"/s\",\"type\":\"t\",\"data\":\"x\"}]",
            "[1, \"x\"]"),
        row(
            "white space",
            "/collect",
            " [ "
                + json("last", 0, " -1.50e3 ")
                + " , \n"
                + json("last", 1, "\t{ \"ä\" : [ ] }")
                + " ] ",
            "[-1500.0, {\"ä\":[]}]"),
        row(
            "a type of JSON",
            "/collect",
            batch(
                event(
                    "last",
                    0,
                    ",\"datacontenttype\":\"application/problem+json; charset=utf-8\",\"data\":{}")),
            "[{}]"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void accepted(String name, String path, String body, String answer) throws Exception {
    RawHttp.Answer got = post(path, BATCH, body);

    assertThat(got.text()).isEqualTo(answer);
    assertThat(got.status()).isEqualTo(200);
  }

  static Stream<Arguments> refused() {
    String noBatch = "the body is no batch of CloudEvents in JSON: ";
    return Stream.of(
        row("nothing", "/collect", "", 400, 101, noBatch + "it is no array"),
        row("garbage", "/collect", "[{]", 400, 101, noBatch),
        row("one event", "/collect", json("last", 0, "1"), 400, 101, noBatch + "it is no array"),
        row("no end", "/collect", "[" + json("last", 0, "1"), 400, 101, noBatch),
        row("more", "/collect", batch(json("last", 0, "1")) + "[]", 400, 101, noBatch),
        row("no event", "/collect", "[]", 400, 101, "the batch has no event"),
        row("no object", "/collect", "[1]", 400, 101, "event 0 of the batch is no object"),
        row(
            "an unknown input",
            "/join",
            batch(ORDER, json("stok", 0, "1")),
            400,
            101,
            "event 1 of the batch: no input is called \"stok\": join reads order, stock, tags, note"),
        row(
            "no input",
            "/join",
            "[{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"}]",
            400,
            101,
            "event 0 of the batch: its koaljainput is missing: join reads order, "),
        row(
            "another order",
            "/collect",
            batch(json("last", 0, "1"), json("last", 2, "1")),
            400,
            101,
            "event 1 of the batch: its koaljaindex is 2, where 1 is next"),
        row(
            "no id",
            "/collect",
            "[{\"specversion\":\"1.0\",\"source\":\"/s\",\"type\":\"t\"}]",
            400,
            101,
            "event 0 of the batch: its id is missing"),
        row(
            "an old version",
            "/collect",
            batch(json("last", 0, "1")).replace("1.0", "0.3"),
            400,
            101,
            "event 0 of the batch: specversion is \"0.3\": 1.0 is read here"),
        row(
            "a bad time",
            "/collect",
            batch(event("last", 0, ",\"time\":\"yesterday\"")),
            400,
            101,
            "event 0 of the batch: time is \"yesterday\", which is no RFC 3339 time"),
        row(
            "a bad source",
            "/collect",
            batch(event("last", 0, "").replace("/s", "a b")),
            400,
            101,
            "event 0 of the batch: source is \"a b\", which is no URI"),
        row(
            "a bad name",
            "/collect",
            batch(event("last", 0, ",\"my_ext\":1")),
            400,
            101,
            "event 0 of the batch: \"my_ext\" is no attribute: names have only"),
        row(
            "an attribute with parts",
            "/collect",
            batch(event("last", 0, ",\"ext\":[1]")),
            400,
            101,
            "event 0 of the batch: \"ext\" has a structure: attributes are single values"),
        row(
            "data twice",
            "/collect",
            batch(event("last", 0, ",\"data\":1,\"data_base64\":\"QQ==\"")),
            400,
            101,
            "event 0 of the batch: it has both data and data_base64"),
        row(
            "no base 64",
            "/collect",
            batch(event("last", 0, ",\"data_base64\":\"?\"")),
            400,
            101,
            "event 0 of the batch: its data_base64 is not in base 64"),
        row(
            "an object that is text",
            "/collect",
            batch(event("last", 0, ",\"datacontenttype\":\"text/plain\",\"data\":{}")),
            400,
            101,
            "event 0 of the batch: its data is text/plain and no text"),
        row(
            "a content type of two lines",
            "/collect",
            batch(event("last", 0, ",\"datacontenttype\":\"a/b\\r\\nX: y\",\"data\":\"x\"")),
            400,
            101,
            "the content type of the data is no media type"),
        row(
            "data of another type",
            "/join",
            batch(json("order", 0, "[]")),
            422,
            210,
            "event 0 of input order: the data is no dev.koalja.runtime.TestFunctions.Order: "),
        row(
            "data that is not JSON",
            "/collect",
            batch(
                json("last", 0, "1"),
                event("last", 1, ",\"datacontenttype\":\"text/csv\",\"data\":\"a\"")),
            422,
            210,
            "event 1 of input last: the data is text/csv, the function reads"),
        row(
            "an input too few",
            "/join",
            batch(json("note", 0, "1")),
            422,
            210,
            "input order has no event, and join needs one"),
        row(
            "an event too many",
            "/join",
            batch(ORDER, json("note", 0, "1"), json("note", 1, "1")),
            422,
            210,
            "input note has 2 events, and join reads one"),
        row(
            "a batch for one event",
            "/shout",
            batch(json("input", 0, "1")),
            415,
            112,
            "shout takes one event: send a batch event by event"),
        row(
            "too large",
            "/collect",
            batch(json("last", 0, "\"" + "x".repeat(TestFunctions.MAX_BODY) + "\"")),
            413,
            111,
            "the body is larger than 4096 bytes: "));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refused(String name, String path, String body, int status, int code, String detail)
      throws Exception {
    assertThat(problem(post(path, BATCH, body), status, code)).startsWith(detail);
  }

  @Test
  void oneEventIsASnapshotWhereThereIsOneInput() throws Exception {
    assertThat(post("/collect", EVENT + "Content-Type: application/json", "7").text())
        .isEqualTo("[7]");
    assertThat(
            post(
                    "/collect",
                    "Content-Type: application/cloudevents+json",
                    "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"data\":{}}")
                .text())
        .isEqualTo("[{}]");
    assertThat(problem(post("/join", EVENT, "7"), 415, 112))
        .isEqualTo(
            "join takes snapshots of order, stock, tags, note: send application/cloudevents-batch+json");
    assertThat(
            problem(
                post("/collect", "Content-Type: application/cloudevents-batch+avro", ""), 415, 112))
        .isEqualTo(
            "application/cloudevents-batch+avro is not read here: send application/cloudevents-batch+json");
  }

  @Test
  void eventsAreAsTheyWereOnTheirLink() throws Exception {
    String extensions =
        ",\"partitionkey\":\"k\",\"number\":7,\"large\":12345678901,\"flag\":true,\"none\":null,"
            + "\"subject\":\"s\",\"dataschema\":\"/d\",\"time\":\"2026-01-01T00:00:00.5+01:00\","
            + "\"datacontenttype\":\"application/json\",\"data\":{\"total\":19.9000}";

    RawHttp.Answer answer =
        post(
            "/look",
            "Koalja-Invocation: 01J8\n" + BATCH,
            batch(event("seen", 0, extensions), event("seen", 1, "")));
    JsonNode replied = Json.MAPPER.readTree(answer.body());

    assertThat(answer.text()).contains("\"data\":{\"total\":19.9000}}");
    assertThat(replied.get(0).toString())
        .contains("\"number\":7,", "\"large\":\"12345678901\"", "\"flag\":true")
        .contains("\"time\":\"2026-01-01T00:00:00.5+01:00\"", "\"subject\":\"s\"")
        .contains("\"dataschema\":\"/d\"", "\"id\":\"01J8.0\"")
        .doesNotContain("koaljainput", "koaljaindex", "koaljaposition", "none");
    assertThat(replied.get(1).has("data")).isFalse();
    assertThat(replied.get(1).get("id").asText()).isEqualTo("01J8.1");
  }

  @Test
  void aResultHasTheKeyThatAllEventsHave() throws Exception {
    String ann = ",\"partitionkey\":\"ann\",\"data\":1";
    String bob = ",\"partitionkey\":\"bob\",\"data\":1";

    assertThat(
            post("/collect", BATCH, batch(event("last", 0, ann), event("last", 1, ann)))
                .header("ce-partitionkey"))
        .isEqualTo("ann");
    for (String other : new String[] {bob, ",\"data\":1"}) {
      assertThat(
              post("/collect", BATCH, batch(event("last", 0, ann), event("last", 1, other)))
                  .headers())
          .doesNotContainKey("ce-partitionkey");
    }
  }

  @Test
  void theSameEventsAreTheSameInvocation() throws Exception {
    String both = batch(json("last", 0, "1"), json("last", 1, "1"));
    String first = post("/collect", BATCH, both).header("ce-id");

    assertThat(post("/collect", BATCH, both).header("ce-id")).isEqualTo(first).endsWith(".0");
    assertThat(post("/collect", BATCH, batch(json("last", 0, "1"))).header("ce-id"))
        .isNotEqualTo(first);
  }

  private static RawHttp.Answer remember(String word, String... state) throws Exception {
    String events = json("word", 0, "\"" + word + "\"");
    for (int i = 0; i < state.length; i++) {
      events = json("koalja-state", i, state[i]) + "," + events;
    }
    return post("/remember", "Koalja-Invocation: 01J8\n" + BATCH, "[" + events + "]");
  }

  @Test
  void aStateComesWithTheEventsAndGoesWithTheResults() throws Exception {
    RawHttp.Answer first = remember("a");

    assertThat(first.status()).isEqualTo(200);
    assertThat(first.header("ce-koaljaoutput")).isEqualTo("koalja-state");
    assertThat(first.header("ce-type")).isEqualTo("dev.koalja.state");
    assertThat(first.header("ce-id")).isEqualTo("01J8.0");
    assertThat(first.header("Content-Type")).isEqualTo("application/json");
    assertThat(first.text()).isEqualTo("\"a\"");

    JsonNode second = Json.MAPPER.readTree(remember("b", "\"a\"").body());
    assertThat(second).hasSize(2);
    assertThat(second.get(0).has("koaljaoutput")).isFalse();
    assertThat(second.get(1).get("koaljaoutput").asText()).isEqualTo("koalja-state");
    assertThat(second.get(1).get("id").asText()).isEqualTo("01J8.1");
    assertThat(second.get(1).get("data").asText()).isEqualTo("ab");
  }

  @Test
  void aStateThatDidNotChangeStaysAtHome() throws Exception {
    assertThat(remember("what", "\"a\"").text()).isEqualTo("a");
    assertThat(remember("what").status()).isEqualTo(204);
    assertThat(remember("forget").status()).isEqualTo(204);
    assertThat(problem(remember("fail", "\"a\""), 422, 202)).isEqualTo("TerminalException: no");
  }

  @Test
  void aStateThatIsForgottenHasNoData() throws Exception {
    JsonNode replied = Json.MAPPER.readTree(remember("forget", "\"a\"").body());

    assertThat(replied.get(1).get("koaljaoutput").asText()).isEqualTo("koalja-state");
    assertThat(replied.get(1).has("data")).isFalse();
    assertThat(replied.get(1).has("data_base64")).isFalse();
  }

  @Test
  void aStateNobodyKeepsOrCanReadIsRefused() throws Exception {
    assertThat(
            problem(
                post("/collect", BATCH, batch(json("last", 0, "1"), json("koalja-state", 0, "1"))),
                400,
                101))
        .isEqualTo("event 1 of the batch: no input is called \"koalja-state\": collect reads last");
    assertThat(
            problem(
                post("/sum", BATCH, batch(json("koalja-state", 0, "[]"), json("amount", 0, "1"))),
                422,
                210))
        .startsWith("what is remembered of the key: the data is no java.lang.Integer");
    assertThat(problem(post("/remember", BATCH, batch(json("koalja-state", 0, "1"))), 400, 101))
        .isEqualTo("the batch has no event");
  }
}
