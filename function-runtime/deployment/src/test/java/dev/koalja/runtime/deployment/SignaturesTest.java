package dev.koalja.runtime.deployment;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.function.ObjectStore;
import dev.koalja.function.codec.PayloadCodec;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Output;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.bundle.Bundle;
import dev.koalja.pipeline.bundle.Message;
import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.runtime.FunctionServer;
import dev.koalja.runtime.invoke.InvocationRunner;
import dev.koalja.runtime.registry.FunctionDescriptor;
import dev.koalja.runtime.registry.FunctionDescriptor.Takes;
import dev.koalja.runtime.registry.FunctionRegistry;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.jandex.Index;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a method may take and give, as a table: every function is scanned, its invoker generated,
 * and called over HTTP in every form its events can come in.
 */
class SignaturesTest {
  private static final String JSON = "application/json";
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String BYTES = "application/octet-stream";
  private static final String FORM = "application/x-www-form-urlencoded";
  private static final String BATCH = "application/cloudevents-batch+json";
  private static final String STRUCTURED = "application/cloudevents+json";
  private static final String ORDER = "{\"id\":\"o\",\"amount\":2}";

  private static final Set<String> JOINED = Set.of("left", "right", "third");
  private static final Map<String, Takes> TAKES = new HashMap<>();

  /** The URI of the schema that the pipeline file has of an output, by {@code task/output}. */
  private static final Map<String, String> SCHEMAS = new HashMap<>();

  private static FunctionServer server;
  private static HttpClient http;

  /** How requests come. */
  private enum Form {
    BINARY,
    STRUCTURED,
    BATCH;

    /** An event alone says nothing of which of several inputs it is for. */
    boolean holds(Takes takes, List<Given> events) {
      return this == BATCH
          ? takes != Takes.ONE
          : events.size() == 1 && !JOINED.contains(events.getFirst().input());
    }
  }

  /** An event that is sent; {@code contentType} null: it does not say. */
  private record Given(String input, @Nullable String contentType, String data, String type) {
    Given as(String other) {
      return new Given(input, contentType, data, other);
    }

    Given at(String port) {
      return new Given(port, contentType, data, type);
    }
  }

  private record Sent(String body, Map<String, String> headers) {}

  private record Reply(int status, Map<String, String> headers, byte[] body) {}

  @BeforeAll
  static void serve() throws Exception {
    FunctionScan scan =
        FunctionScan.of(
            Index.of(
                Signatures.One.class,
                Signatures.LaterOn.class,
                Signatures.Formats.class,
                Signatures.Many.class,
                Signatures.Csv.class,
                Signatures.Order.class,
                Signatures.Priced.class,
                Signatures.Shipped.class,
                Signatures.Sorted.class));
    String links =
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: table}
        spec:
          links: [{name: in}, {name: a}, {name: b}, {name: c}]
        """;
    InferredPipeline inferred =
        InferredPipeline.of(
            "table", scan, Optional.of(new PipelineReader.Source("pipeline.yaml", links)));
    assertThat(inferred.problems()).isEmpty();
    schemas(
        PipelineReader.read(
            new PipelineReader.Source("code", inferred.yaml()),
            new PipelineReader.Source("pipeline.yaml", links)));
    List<FunctionDescriptor> descriptors = new ArrayList<>();
    for (FunctionMethod function : scan.functions()) {
      List<byte[]> code = new ArrayList<>();
      InvokerGenerator.generate(function, (_, bytes) -> code.add(bytes));
      MethodHandles.lookup().defineClass(code.getFirst());
      Takes takes = inferred.takes().getOrDefault(function.task(), Takes.ONE);
      TAKES.put(function.task().value(), takes);
      descriptors.add(KoaljaProcessor.descriptor(new AppName("table"), function, takes));
    }
    assertThat(scan.formats().keySet()).containsExactly("+csv", "text/csv");
    Signatures.Csv csv = new Signatures.Csv();
    server =
        FunctionServer.start(
            new FunctionServer.Settings(
                "table",
                "1",
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                100_000,
                100,
                100_000,
                ObjectStore.none(),
                Duration.ofSeconds(10)),
            new FunctionRegistry(descriptors, SignaturesTest::create),
            new PayloadCodec(Json.MAPPER, Map.of("text/csv", csv, "+csv", csv)),
            InvocationRunner.Scope.NONE);
    http = HttpClient.newHttpClient();
  }

  private static void schemas(Pipeline pipeline) {
    for (Task task : pipeline.tasks()) {
      for (Output output : task.outputs()) {
        String type = output.type().orElse("table.%s.%s".formatted(task.name(), output.name()));
        output
            .schema()
            .ifPresent(schema -> SCHEMAS.put(task.name() + "/" + output.name(), schema.uri(type)));
      }
    }
  }

  private static Object create(Class<?> type) {
    try {
      return type.getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterAll
  static void stop() {
    http.close();
    server.close();
  }

  static Stream<Arguments> table() {
    return Stream.of(one(), later(), formats(), many()).flatMap(each -> each);
  }

  private static Stream<Arguments> one() {
    Given order = json(ORDER);
    return Stream.of(
        row("text-to-text", text("ann"), TEXT + " ANN"),
        row("text-to-text", json("\"ann\""), TEXT + " ANN"),
        row("text-to-text", given(null, "ann"), TEXT + " ANN"),
        row("text-to-text", given("text/markdown", "# ann"), TEXT + " # ANN"),
        row("bytes-to-bytes", given("image/png", "12345"), BYTES + " \5"),
        row("bytes-to-bytes", json("{}"), BYTES + " \2"),
        row("stream-to-stream", given("image/png", "png"), BYTES + " png!"),
        row("stream-to-stream", json("[1]"), BYTES + " [1]!"),
        row(
            "record-to-record",
            order,
            JSON
                + " {\"customer\":\"ann\",\"order\":\"o\",\"total\":2} partitionkey=ann subject=o type=Priced"),
        row("record-to-self", order, JSON + " " + ORDER + " type=Order"),
        row(
            "record-to-self",
            given("application/problem+json", ORDER),
            JSON + " " + ORDER + " type=Order"),
        row(
            "record-to-self",
            json("{\"id\":3,\"amount\":\"many\"}"),
            "422 unreadable-data: the data is no Signatures.Order at amount: Cannot deserialize value of type `int` from String \"many\": not a valid `int` value"),
        row(
            "record-to-self",
            given("application/pdf", "%PDF"),
            "422 unreadable-data: the data is application/pdf, the function reads Signatures.Order from JSON"),
        row(
            "class-to-class",
            json("{\"greeting\":\"Hi\"}"),
            JSON + " {\"greeting\":\"Hi!\"} type=Plain"),
        row("tree-to-tree", json("[1,{\"a\":2}]"), JSON + " {\"was\":[1,{\"a\":2}]}"),
        row("map-to-map", json("{\"a\":[1,2]}"), JSON + " {\"a\":2}"),
        row("int-to-int", json("41"), JSON + " 42"),
        row("long-to-long", json("21"), JSON + " 42"),
        row("boolean-to-boolean", json("true"), JSON + " false"),
        row("decimal-to-decimal", json("1.75"), JSON + " 2.75"),
        row("enum-to-enum", json("\"SMALL\""), JSON + " \"LARGE\" type=Size"),
        row("date-to-date", json("\"2026-12-31\""), JSON + " \"2027-01-01\""),
        row("record-to-interface", json("3"), JSON + " {\"radius\":3} type=Shape"),
        row(
            "event-to-event",
            text("as it is").as("kept"),
            "text/plain as it is color=red subject=about type=kept"),
        row(
            "text-to-event",
            text("me"),
            "application/xml <a/> partitionkey=k subject=me type=com.example.made"),
        row(
            "typed-to-typed",
            order,
            JSON
                + " {\"customer\":\"ann\",\"order\":\"o\",\"total\":2} color=red partitionkey=ann subject=o type=Priced"),
        row("typed-unchanged", order, JSON + " " + ORDER + " color=red subject=about type=test"),
        row("typed-attributes", text("x"), TEXT + " x 1 /test test about key red"),
        row(
            "builder",
            order,
            JSON
                + " "
                + ORDER
                + " color=blue dataschema=urn:order express=true partitionkey=k subject=about time=1970-01-01T00:00:00Z type=com.example.order weight=5"),
        row(
            "builder-over-annotation",
            text("x"),
            "text/markdown x subject=here tenant=acme type=com.example.constant"),
        row("constants", text("x"), TEXT + " x subject=always tenant=acme"),
        row(
            "components",
            order,
            JSON
                + " {\"number\":7,\"kind\":\"com.example.o\",\"at\":\"1970-01-01T00:00:00Z\",\"schema\":\"urn:x\",\"express\":true} dataschema=urn:x express=true partitionkey=7 time=1970-01-01T00:00:00Z type=com.example.o"),
        row("typed-tree", json("{\"a\":[1]}"), JSON + " [1] color=red subject=about"),
        row("array-as-one-event", json("[1,2,3]"), JSON + " [3,2,1] color=red subject=about"),
        row("typed-bytes", text("png"), "image/png png color=red subject=about"),
        row("typed-stream", text("file"), BYTES + " file color=red subject=about"),
        row("nothing", order),
        row("null-result", order),
        row("optional", order, JSON + " " + ORDER + " type=Order"),
        row("optional", json("{\"id\":\"o\"}")),
        row(
            "list",
            order,
            JSON + " " + ORDER + " type=Order",
            JSON + " {\"id\":\"o'\",\"amount\":-2} type=Order"),
        row("empty-list", order),
        row("set", text("a b a"), TEXT + " a", TEXT + " b"),
        row("collection", json("1"), JSON + " 1", JSON + " 2", JSON + " 3"),
        row(
            "stream",
            order,
            JSON
                + " {\"customer\":\"ann\",\"order\":\"o\",\"total\":10} partitionkey=ann subject=o type=Priced",
            JSON
                + " {\"customer\":\"bob\",\"order\":\"o\",\"total\":10} partitionkey=bob subject=o type=Priced"),
        row(
            "events",
            text("t").as("first"),
            "text/plain t color=red subject=about type=first",
            "text/plain t color=red subject=about type=second"),
        row("typed-many", text("ab"), TEXT + " a partitionkey=ka", TEXT + " b partitionkey=kb"),
        row(
            "anything",
            order,
            TEXT + " text",
            JSON + " 1",
            JSON + " " + ORDER,
            BYTES + " !",
            TEXT + " e subject=s"),
        row("several", order, several()),
        row("several-or-nothing", order));
  }

  private static String[] several() {
    String shared = " partitionkey=s2 tenant=acme";
    return new String[] {
      JSON + " " + ORDER + " koaljaoutput=lines" + shared + " type=Order",
      JSON + " " + ORDER + " koaljaoutput=lines" + shared + " type=Order",
      JSON + " 2 koaljaoutput=total" + shared + " type=com.example.total",
      JSON + " " + ORDER + " koaljaoutput=event partitionkey=own tenant=other type=Order",
      BYTES + " file koaljaoutput=file" + shared
    };
  }

  private static Stream<Arguments> later() {
    Given order = json(ORDER);
    String result = JSON + " " + ORDER + " type=Order";
    return Stream.of(
        row("uni", text("a"), TEXT + " a!"),
        row("uni-list", order, result, result),
        row("uni-nothing", text("a")),
        row("uni-several", order, several()),
        row("uni-failure", text("a"), "422 function-refused: TerminalException: no a"),
        row("stage", order, result),
        row("future", order, JSON + " " + ORDER + " color=red subject=about type=later"),
        row("future-optional", text("a"), TEXT + " a"),
        row("future-optional", text("")),
        row("future-nothing", text("a")),
        row("no-future", text("a")),
        row("future-failure", text("a"), "422 function-refused: TerminalException: no a"),
        row("future-broken", text("a"), "500 function-failed: IllegalStateException: broken a"));
  }

  private static Stream<Arguments> formats() {
    String csv = "id,amount\no,2";
    return Stream.of(
        row(
            "form",
            given(FORM, "name=Zo%C3%AB+B&age=41&tag=x&tag=y"),
            FORM + " name=Zo%C3%AB+B+%26+Co&age=42&tag=x&tag=y type=Form"),
        row(
            "form",
            given(FORM + "; charset=iso-8859-1", "name=Zo%EB&age=1&tag=x&more"),
            FORM + " name=Zo%C3%AB+%26+Co&age=2&tag=x type=Form"),
        row(
            "form",
            json("{\"name\":\"A\",\"age\":1,\"tag\":[]}"),
            FORM + " name=A+%26+Co&age=2 type=Form"),
        row(
            "form",
            given(FORM, "name=A&age=old"),
            "422 unreadable-data: the data is no Signatures.Form at age: Cannot deserialize value of type `int` from String \"old\": not a valid `int` value"),
        row(
            "form",
            given(FORM, "name=%zz"),
            "422 unreadable-data: the data is no form: a % is not followed by two hexadecimal digits"),
        row("form-to-map", given(FORM, "a=1&b="), JSON + " {\"a\":\"1\",\"b\":\"\"}"),
        row(
            "form-to-tree",
            given(FORM, "a=1&b=2&a=3"),
            JSON + " {\"a\":[\"1\",\"3\"],\"b\":\"2\"}"),
        row("form-to-text", given(FORM, "a=1"), TEXT + " a=1"),
        row("csv", given("text/csv", csv), "text/csv " + csv + " type=Order"),
        row("csv", json(ORDER), "text/csv " + csv + " type=Order"),
        row(
            "csv",
            given("text/csv", "nothing"),
            "422 unreadable-data: the data is no Signatures.Order in text/csv: there is no second line"),
        row(
            "csv",
            json("{\"id\":\"o\",\"amount\":-1}"),
            "422 bad-reply: Order cannot be written as text/csv: no amount is below zero"),
        row(
            "csv-suffix",
            given("application/vnd.other+csv; a=b", csv),
            "application/vnd.example+csv; header=present "
                + csv
                + " color=red subject=about type=Order"),
        row("csv-chosen", json(ORDER), "text/csv " + csv + " type=Order"),
        row(
            "unknown-chosen",
            json(ORDER),
            "422 bad-reply: Order cannot be written as application/pdf: no format writes it"),
        row("json-chosen", json(ORDER), "application/vnd.example+json " + ORDER + " type=Order"),
        row("characters", text("ab"), TEXT + " ba"),
        row(
            "schema-annotated",
            json(ORDER),
            JSON + " " + ORDER + " dataschema=urn:example:order type=Order"),
        row(
            "schema-chosen",
            json(ORDER),
            JSON + " " + ORDER + " dataschema=urn:example:chosen type=Order"),
        row("html", text("Zoë"), "text/html; charset=iso-8859-1 <p>Zoë</p>"),
        row("json-text", text("a"), JSON + " {\"as\":\"it is\"}"),
        row("png", given("image/png", "png"), "image/png png"),
        row(
            "json-of-its-own",
            json(ORDER),
            "application/vnd.example+json " + ORDER + " type=Order"));
  }

  private static Stream<Arguments> many() {
    Given order = json(ORDER).as("first");
    Given owes = json("{\"id\":\"p\",\"amount\":-3}").as("last");
    Given left = order.at("left");
    Given right = text("text").at("right").as("second");
    Given third = given("image/png", "png").at("third").as("third");
    return Stream.of(
        row("join", List.of(left, right, third), TEXT + " otextsecondthird3"),
        row("window", all("orders", order, order, owes), JSON + " 1"),
        row("window", all("orders", order), JSON + " 2"),
        row("window-typed", all("orders", order, owes), TEXT + " firsto", TEXT + " lastp"),
        row("partial", List.of(left, right, third), TEXT + " otextpng"),
        row("partial", List.of(right), TEXT + " -text-"),
        row("partial", List.of(third), TEXT + " --png"),
        row(
            "remember",
            all("order", order),
            JSON + " 2 color=red subject=about",
            JSON + " 2 koaljaoutput=koalja-state type=dev.koalja.state"),
        row("store", all("orders", order), TEXT + " o color=red subject=about"),
        row(
            "store",
            all("orders", order, owes, order),
            TEXT + " o color=red subject=about",
            TEXT + " o color=red subject=about",
            "application/problem+json {\"type\":\"urn:koalja:error:function-refused\",\"title\":\"function refused\",\"status\":422,\"detail\":\"TerminalException: owes\",\"code\":202} koaljaindex=1 type=dev.koalja.failure"),
        row("store-later", all("files", text("text"), json("123")), JSON + " 7"));
  }

  private static List<Given> all(String port, Given... events) {
    return Stream.of(events).map(each -> each.at(port)).toList();
  }

  private static Given json(String data) {
    return given(JSON, data);
  }

  private static Given text(String data) {
    return given("text/plain", data);
  }

  private static Given given(@Nullable String contentType, String data) {
    return new Given("", contentType, data, "test");
  }

  private static Arguments row(String task, Given event, String... results) {
    return row(task, List.of(event), results);
  }

  private static Arguments row(String task, List<Given> events, String... results) {
    String what =
        events.stream()
            .map(each -> each.contentType() + " " + each.data())
            .collect(Collectors.joining(", "));
    return Arguments.of(task + " of " + what, task, events, List.of(results));
  }

  @Test
  void hasMoreThanSixtySignatures() {
    List<String> inTable =
        table()
            .map(row -> row.get()[1].toString())
            .filter(task -> !task.equals("never"))
            .distinct()
            .toList();

    assertThat(inTable).hasSizeGreaterThan(60);
    assertThat(TAKES.keySet()).containsAll(inTable).hasSize(inTable.size() + 1).contains("never");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("table")
  void isTheSameInEveryForm(String name, String task, List<Given> events, List<String> results)
      throws Exception {
    List<Form> forms =
        Stream.of(Form.values()).filter(form -> form.holds(TAKES.get(task), events)).toList();
    assertThat(forms).isNotEmpty();
    for (Form form : forms) {
      Sent sent = sent(form, events);
      assertThat(results(task, alone(task, sent))).as("%s alone", form).isEqualTo(results);
      assertThat(results(task, inABundle(task, sent)))
          .as("%s in a bundle", form)
          .isEqualTo(results);
    }
  }

  @Test
  void namesTheSchemaOfThePipelineFile() throws Exception {
    // what the rows leave out
    assertThat(SCHEMAS.keySet())
        .contains("record-to-record/result", "int-to-int/result", "several/lines", "several/total")
        .contains("json-of-its-own/result", "window/result", "uni-several/event")
        .doesNotContain("text-to-text/result", "bytes-to-bytes/result", "stream-to-stream/result")
        .doesNotContain("event-to-event/result", "tree-to-tree/result", "anything/result")
        .doesNotContain("form/result", "csv/result", "characters/result", "several/file");

    Sent sent = sent(Form.BINARY, List.of(json(ORDER)));

    assertThat(alone("record-to-self", sent).headers().get("ce-dataschema"))
        .isEqualTo(SCHEMAS.get("record-to-self/result"))
        .matches(
            "urn:koalja:schema:dev\\.koalja\\.runtime\\.deployment\\.Signatures\\.Order:[0-9a-f]{16}");
  }

  @Test
  void whatIsWaitedForIsCancelledWhenNobodyWaitsAnyMore() throws Exception {
    Sent sent = sent(Form.BINARY, List.of(text("a")));
    sent.headers().put("koalja-deadline", Instant.now().plusMillis(200).toString());

    assertThat(results("never", alone("never", sent)))
        .containsExactly("504 function-timeout: interrupted, as its caller no longer waits");
    assertThat(Signatures.LaterOn.CANCELLED.await(20, TimeUnit.SECONDS)).isTrue();
  }

  private static Sent sent(Form form, List<Given> events) throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("koalja-invocation", "call");
    switch (form) {
      case BINARY -> {
        Given event = events.getFirst();
        attributes(event).forEach((name, value) -> headers.put("ce-" + name, value));
        if (event.contentType() != null) {
          headers.put("content-type", event.contentType());
        }
        return new Sent(event.data(), headers);
      }
      case STRUCTURED -> {
        headers.put("content-type", STRUCTURED);
        return new Sent(tree(events.getFirst()).toString(), headers);
      }
      case BATCH -> {
        headers.put("content-type", BATCH);
        ArrayNode batch = Json.MAPPER.createArrayNode();
        Map<String, Integer> next = new HashMap<>();
        for (Given event : events) {
          int index = next.merge(event.input(), 1, Integer::sum) - 1;
          batch.add(
              tree(event)
                  .put("koaljainput", event.input())
                  .put("koaljaindex", index)
                  .put("koaljaposition", "topic/0/" + batch.size()));
        }
        return new Sent(batch.toString(), headers);
      }
    }
    throw new IllegalStateException();
  }

  private static ObjectNode tree(Given event) throws IOException {
    ObjectNode tree = Json.MAPPER.createObjectNode();
    attributes(event).forEach(tree::put);
    if (event.contentType() != null) {
      tree.put("datacontenttype", event.contentType());
    }
    if (event.contentType() != null && event.contentType().endsWith("json")) {
      tree.set("data", Json.MAPPER.readTree(event.data()));
    } else {
      tree.put("data_base64", Base64.getEncoder().encodeToString(event.data().getBytes(UTF_8)));
    }
    return tree;
  }

  private static Map<String, String> attributes(Given event) {
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("specversion", "1.0");
    attributes.put("id", "1");
    attributes.put("source", "/test");
    attributes.put("type", event.type());
    attributes.put("subject", "about");
    attributes.put("partitionkey", "key");
    attributes.put("color", "red");
    return attributes;
  }

  private static Reply alone(String task, Sent sent) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(task)).POST(HttpRequest.BodyPublishers.ofString(sent.body()));
    sent.headers().forEach(request::header);
    HttpResponse<byte[]> answer =
        http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    Map<String, String> headers = new HashMap<>();
    answer.headers().map().forEach((name, values) -> headers.put(name, values.getFirst()));
    return new Reply(answer.statusCode(), headers, answer.body());
  }

  private static Reply inABundle(String task, Sent sent) throws Exception {
    byte[] message = new Message(0, 0, sent.headers(), sent.body().getBytes(UTF_8)).encode();
    HttpRequest request =
        HttpRequest.newBuilder(uri(task))
            .header("content-type", Bundle.MEDIA_TYPE)
            .POST(HttpRequest.BodyPublishers.ofByteArray(message))
            .build();
    HttpResponse<byte[]> answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    Message only = Bundle.read(answer.body()).getFirst();
    Map<String, String> headers = new HashMap<>();
    only.headers()
        .forEach((name, value) -> headers.put(name.toLowerCase(java.util.Locale.ROOT), value));
    return new Reply(only.status(), headers, only.body());
  }

  private static URI uri(String task) {
    return URI.create("http://127.0.0.1:" + server.port() + "/" + task);
  }

  /** The results, or what went wrong, a line each; their ids and sources are checked here. */
  private static List<String> results(String task, Reply reply) throws IOException {
    if (reply.status() != 200 && reply.status() != 204) {
      JsonNode problem = Json.MAPPER.readTree(reply.body());
      String word = problem.path("type").asText().substring("urn:koalja:error:".length());
      return List.of(
          "%d %s: %s".formatted(reply.status(), word, shortened(problem.path("detail").asText())));
    }
    List<Map<String, String>> events = new ArrayList<>();
    List<String> data = new ArrayList<>();
    if (BATCH.equals(reply.headers().get("content-type"))) {
      for (JsonNode each : Json.MAPPER.readTree(reply.body())) {
        Map<String, String> attributes = new TreeMap<>();
        each.properties().forEach(one -> attributes.put(one.getKey(), one.getValue().asText()));
        attributes.remove("data");
        attributes.remove("data_base64");
        events.add(attributes);
        data.add(
            each.has("data_base64")
                ? text(
                    each.path("data_base64").binaryValue(), each.path("datacontenttype").asText())
                : each.path("data").toString());
      }
    } else if (reply.headers().containsKey("ce-id")) {
      Map<String, String> attributes = new TreeMap<>();
      reply
          .headers()
          .forEach(
              (name, value) -> {
                if (name.startsWith("ce-")) {
                  attributes.put(name.substring(3), value);
                }
              });
      String contentType = reply.headers().getOrDefault("content-type", "");
      attributes.put("datacontenttype", contentType);
      events.add(attributes);
      data.add(text(reply.body(), contentType));
    } else {
      assertThat(reply.body()).isEmpty();
    }
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      Map<String, String> attributes = events.get(i);
      assertThat(attributes.remove("id")).isEqualTo("call." + i);
      assertThat(attributes.remove("source")).isEqualTo("/apps/table/" + task);
      lines.add(line(task, attributes, data.get(i)));
    }
    return lines;
  }

  private static String text(byte[] data, String contentType) {
    return new String(data, contentType.contains("8859") ? ISO_8859_1 : UTF_8);
  }

  /** What is as for every result is left out. */
  private static String line(String task, Map<String, String> attributes, String data) {
    String contentType = String.valueOf(attributes.remove("datacontenttype"));
    StringBuilder line = new StringBuilder(contentType + " " + data);
    String port = attributes.getOrDefault("koaljaoutput", "result");
    @Nullable String schema = contentType.contains("json") ? SCHEMAS.get(task + "/" + port) : null;
    if (schema != null && !attributes.containsKey("dataschema")) {
      line.append(" no dataschema");
    }
    attributes.forEach(
        (name, value) -> {
          boolean usual =
              name.equals("specversion")
                  || name.equals("dataschema") && value.equals(schema)
                  || name.equals("time") && !value.startsWith("1970")
                  || name.equals("partitionkey") && value.equals("key")
                  || name.equals("type") && value.equals("table." + task + "." + port);
          if (!usual) {
            line.append(" ").append(name).append("=").append(shortened(value));
          }
        });
    return line.toString();
  }

  private static String shortened(String text) {
    return text.replaceFirst("^dev\\.koalja\\.runtime\\.deployment\\.Signatures\\.", "")
        .replace("dev.koalja.runtime.deployment.", "");
  }
}
