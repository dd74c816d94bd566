package dev.koalja.pipeline.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.koalja.pipeline.Backoff;
import dev.koalja.pipeline.Delivery;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Link;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Rate;
import dev.koalja.pipeline.StartPosition;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TriggerKind;
import dev.koalja.pipeline.schema.Notation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

class PipelineReaderTest {
  private static final String SHOP =
      """
      apiVersion: koalja.dev/v1alpha1
      kind: Pipeline
      metadata: {name: shop}
      spec:
        triggers:
        - name: pushes
          link: order
          webhook: {scheme: github, secretRef: shop-secret}
        - name: files
          link: stock
          bucket: {url: "s3://warehouse/stock/", events: [created]}
        tasks:
        - name: price
          function: {app: shop, scale: {max: 2, idle: 5s}}
          inputs: [{name: order, link: order, from: latest}]
          outputs: [{name: result, link: priced, type: shop.Priced}]
          delivery: {order: ordered, attempts: 7, backoff: {policy: linear, delay: 2s, max: 1m}, timeout: 10s, maxInFlight: 5}
        - name: audit
          container: {image: "registry.example/audit:1.4"}
          inputs: [{name: priced, link: priced, type: shop.Priced, schema: '{"type":"object","properties":{"id":{"type":"string"}}}'}]
        links:
        - {name: order, retention: 1d, partitions: 3}
        types:
        - {name: shop.Priced, schema: schemas/priced.json}
      """;

  private static Pipeline read(String yaml) {
    return PipelineReader.read(new PipelineReader.Source("pipeline.yaml", yaml));
  }

  @Test
  void shouldReadEverythingTheFileSays() {
    Pipeline pipeline = read(SHOP);
    Task price = pipeline.task("price").orElseThrow();
    assertThat(price.delivery().attempts()).isEqualTo(7);
    assertThat(price.delivery().backoff())
        .isEqualTo(
            new Backoff(Backoff.Policy.LINEAR, Duration.ofSeconds(2), Duration.ofMinutes(1)));
    assertThat(price.inputs().getFirst().from()).isEqualTo(new StartPosition.Latest());
    assertThat(pipeline.links().stream().map(link -> link.name().value()))
        .containsExactly("order", "stock", "priced");
    assertThat(pipeline.link("order").orElseThrow().partitions()).isEqualTo(3);
    assertThat(pipeline.link("stock")).hasValue(Link.implied(pipeline.link("stock").get().name()));
    assertThat(pipeline.trigger("files").orElseThrow().kind())
        .isInstanceOfSatisfying(
            TriggerKind.Bucket.class,
            bucket -> assertThat(bucket.events()).containsExactly(TriggerKind.Change.CREATED));
    assertThat(pipeline.readers()).hasSize(2);
  }

  @Test
  void shouldReadBackWhatItWrites() {
    Pipeline pipeline = read(SHOP);
    String written = PipelineWriter.yaml(pipeline);
    assertThat(read(written)).isEqualTo(pipeline);
    assertThat(PipelineWriter.yaml(read(written))).isEqualTo(written);
  }

  @Test
  void shouldLayAHandWrittenFileOverAnInferredOne() {
    Pipeline pipeline =
        PipelineReader.read(
            new PipelineReader.Source("inferred", SHOP),
            new PipelineReader.Source(
                "pipeline.yaml",
                """
                spec:
                  tasks:
                  - name: price
                    delivery: {attempts: 2}
                  links:
                  - {name: priced, partitions: 1}
                """));
    Task price = pipeline.task("price").orElseThrow();
    assertThat(price.delivery().attempts()).isEqualTo(2);
    assertThat(price.delivery().maxInFlight()).isEqualTo(5);
    assertThat(pipeline.link("priced").orElseThrow().partitions()).isEqualTo(1);
    assertThat(pipeline.link("order").orElseThrow().partitions()).isEqualTo(3);
  }

  @Test
  void shouldNameTheFileAProblemIsInAfterAMerge() {
    assertThatThrownBy(
            () ->
                PipelineReader.read(
                    new PipelineReader.Source("inferred", SHOP),
                    new PipelineReader.Source(
                        "pipeline.yaml",
                        "spec:\n  tasks:\n  - name: price\n    delivery: {attempts: 0}\n")))
        .hasMessageStartingWith("pipeline.yaml:4:26  spec.tasks.price.delivery.attempts");
  }

  @Test
  void shouldWriteEverySettingOfDeliveryAsItWasRead() {
    Pipeline pipeline =
        read(
            task(
                """
                    delivery:
                      order: unordered
                      timeout: 10s
                      deadline: 1h
                      maxInFlightBytes: 1536KiB
                      rate: 90/m
                      deduplicate: 10m
                      maxHops: 9
                      deadLetter: failures
                      batch: {max: 50, linger: 20ms}
                """));
    assertThat(pipeline.link("failures")).isPresent();
    assertThat(read(PipelineWriter.yaml(pipeline)).tasks()).isEqualTo(pipeline.tasks());
    assertThat(pipeline.task("a").orElseThrow().delivery())
        .satisfies(
            delivery -> {
              assertThat(delivery.deadline()).contains(Duration.ofHours(1));
              assertThat(delivery.maxInFlightBytes()).isEqualTo(1536 * 1024);
              assertThat(delivery.rate()).contains(new Rate(90, Duration.ofMinutes(1)));
              assertThat(delivery.batch()).contains(new Delivery.Batch(50, Duration.ofMillis(20)));
            });
  }

  @Test
  void shouldLetNoCallTakeLongerThanThereIsTimeInAll() {
    Pipeline pipeline = read(task("    delivery: {deadline: 10s}\n"));
    Delivery delivery = pipeline.task("a").orElseThrow().delivery();
    assertThat(delivery.timeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(read(PipelineWriter.yaml(pipeline)).tasks()).isEqualTo(pipeline.tasks());
  }

  /** What follows from other settings follows from them once they are overlaid, too. */
  @Test
  void shouldLayADeadlineAndABatchOverAnInferredDelivery() {
    String inferred = PipelineWriter.yaml(read(task("    delivery: {attempts: 3}\n")));
    Pipeline pipeline =
        PipelineReader.read(
            new PipelineReader.Source("inferred", inferred),
            new PipelineReader.Source(
                "pipeline.yaml",
                """
                spec:
                  tasks:
                  - name: a
                    delivery: {deadline: 10s, batch: {max: 500}}
                """));
    Delivery delivery = pipeline.task("a").orElseThrow().delivery();
    assertThat(delivery.attempts()).isEqualTo(3);
    assertThat(delivery.timeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(delivery.maxInFlight()).isEqualTo(500);
  }

  private static String task(String body) {
    return """
    apiVersion: koalja.dev/v1alpha1
    kind: Pipeline
    metadata: {name: p}
    spec:
      tasks:
      - name: a
        function: {app: x}
        inputs: [{name: in, link: orders}]
        outputs: [{name: result, link: done}]
    """
        + body;
  }

  static Stream<Arguments> broken() {
    String head = "apiVersion: koalja.dev/v1alpha1\nkind: Pipeline\nmetadata: {name: p}\nspec:\n";
    return Stream.of(
        Arguments.of("empty", "", "1:1  the file is empty"),
        Arguments.of("no YAML", "spec: [", "1:8  not YAML"),
        Arguments.of("a list", "- a", "1:1  must be a mapping with apiVersion, kind, spec"),
        Arguments.of(
            "other version",
            head.replace("v1alpha1", "v2") + "  tasks: []\n",
            "1:13  apiVersion  is \"koalja.dev/v2\", must be koalja.dev/v1alpha1"),
        Arguments.of(
            "other kind",
            head.replace("Pipeline", "Task") + "  tasks: []\n",
            "2:7  kind  is \"Task\""),
        Arguments.of(
            "no spec",
            "apiVersion: koalja.dev/v1alpha1\nkind: Pipeline\nmetadata: {name: p}\n",
            "1:1  \"spec\" is missing"),
        Arguments.of(
            "bad pipeline name",
            head.replace("name: p", "name: P_1") + "  tasks: []\n",
            "3:18  metadata.name  \"P_1\" is no pipeline name"),
        Arguments.of(
            "misspelt field",
            head + "  task: []\n",
            "5:3  spec  unknown field \"task\": did you mean \"tasks\"?"),
        Arguments.of(
            "misspelt link",
            task("  - name: b\n    function: {app: x}\n    inputs: [{name: in, link: dome}]\n"),
            "12:31  tasks.b.inputs.in  no link is called \"dome\": did you mean \"done\"?"),
        Arguments.of("key twice", task("    outputs: []\n"), "10:5  \"outputs\" stands here twice"),
        Arguments.of(
            "task twice",
            task("  - name: a\n    function: {app: x}\n    inputs: [{name: in, link: orders}]\n"),
            "10:11  tasks.a  is defined twice, first at line 6"),
        Arguments.of(
            "no kind",
            head + "  tasks:\n  - name: a\n    inputs: [{name: in, link: l}]\n",
            "needs a kind: one of function, container"),
        Arguments.of(
            "two kinds",
            task("    container: {image: y}\n"),
            "has 2 kinds, function and container: keep one"),
        Arguments.of(
            "no input",
            head + "  tasks:\n  - name: a\n    function: {app: x}\n",
            "inputs  is missing: nothing would ever start this task"),
        Arguments.of(
            "an empty list of inputs",
            task("").replace("[{name: in, link: orders}]", "[]"),
            "8:13  spec.tasks.a.inputs  is empty: nothing would ever start this task"),
        Arguments.of(
            "a character that cannot be stored",
            task("").replace("link: done}", "link: done, type: \"a\\x7f\"}"),
            "9:48  spec.tasks.a.outputs.result.type  has a control character"),
        Arguments.of(
            "two lines",
            task("").replace("link: done}", "link: done, type: \"a\\nb\"}"),
            "type  has a control character"),
        Arguments.of(
            "half a character",
            task("").replace("link: done}", "link: done, type: \"\\ud800\"}"),
            "type  has a control character"),
        Arguments.of(
            "output twice",
            task("").replace("link: done}]", "link: done}, {name: result, link: other}]"),
            "the task has an output \"result\" already"),
        Arguments.of(
            "attempts out of range",
            task("    delivery: {attempts: 101}\n"),
            "10:26  spec.tasks.a.delivery.attempts  \"101\" is no whole number from 1 to 100"),
        Arguments.of(
            "no duration",
            task("    delivery: {timeout: soon}\n"),
            "\"soon\" is no duration: write a number and ms, s, m, h or d, such as 30s"),
        Arguments.of(
            "duration out of range",
            task("    delivery: {timeout: 25h}\n"),
            "\"25h\" is outside 1ms to 1d"),
        Arguments.of(
            "deadline out of range",
            task("    delivery: {deadline: 31d}\n"),
            "10:26  spec.tasks.a.delivery.deadline  \"31d\" is outside 1ms to 30d"),
        Arguments.of(
            "deadline below timeout",
            task("    delivery: {deadline: 10s, timeout: 1m}\n"),
            "deadline  is 10s, less than timeout, which is 1m"),
        Arguments.of(
            "a filter with what only calls have",
            task("    delivery: {attempts: 2}\n")
                .replace("function: {app: x}", "filter: [{exact: {type: a}}]"),
            "attempts and backoff are for a function"),
        Arguments.of(
            "more bytes than a number can say",
            task("    delivery: {maxInFlightBytes: 17179869185GiB}\n"),
            "\"17179869185GiB\" is more than a number can say"),
        Arguments.of(
            "bytes out of range",
            task("    delivery: {maxInFlightBytes: 512}\n"),
            "maxInFlightBytes  \"512\" is outside 1KiB to 1GiB"),
        Arguments.of(
            "no size",
            task("    delivery: {maxInFlightBytes: much}\n"),
            "\"much\" is no size: write a number and KiB, MiB or GiB, such as 16MiB"),
        Arguments.of(
            "no rate",
            task("    delivery: {rate: 100}\n"),
            "rate  \"100\" is no rate: write a number from 1 to 1000000 and /s, /m or /h, such as 100/s"),
        Arguments.of(
            "rate of nothing",
            task("    delivery: {rate: 0/s}\n"),
            "\"0/s\" is no rate: write a number from 1 to 1000000"),
        Arguments.of(
            "deduplicate out of range",
            task("    delivery: {deduplicate: 8d}\n"),
            "deduplicate  \"8d\" is outside 1ms to 7d"),
        Arguments.of(
            "deduplicate longer than kept",
            task("    delivery: {deduplicate: 2d}\n  links:\n  - {name: orders, retention: 1d}\n"),
            "tasks.a.delivery.deduplicate  is 2d, longer than link orders keeps its events, which is 1d"),
        Arguments.of(
            "hops out of range",
            task("    delivery: {maxHops: 0}\n"),
            "maxHops  \"0\" is no whole number from 1 to 10000"),
        Arguments.of(
            "no link for dead letters",
            task("    delivery: {deadLetter: Bad Name}\n"),
            "spec.tasks.a.delivery.deadLetter"),
        Arguments.of(
            "dead letters come back",
            task("    delivery: {deadLetter: orders}\n"),
            "is part of a loop, in which events would run for ever: a ─▶ a"),
        Arguments.of(
            "batch too small",
            task("    delivery: {batch: {max: 1}}\n"),
            "batch.max  \"1\" is no whole number from 2 to 1000"),
        Arguments.of(
            "batch larger than what may be in flight",
            task("    delivery: {maxInFlight: 50, batch: {max: 51}}\n"),
            "maxInFlight  is 50, less than batch.max, which is 51"),
        Arguments.of(
            "linger too long",
            task("    delivery: {batch: {linger: 2m}}\n"),
            "batch.linger  \"2m\" is outside 0s to 1m"),
        Arguments.of(
            "batch in order",
            task("    delivery: {order: ordered, batch: {max: 10}}\n"),
            "batch  cannot keep order: ordered"),
        Arguments.of(
            "batch of snapshots",
            task("    delivery: {batch: {max: 10}}\n    snapshot: {policy: AllNew}\n"),
            "batch is for a function with one input that takes events as they come"),
        Arguments.of(
            "unknown order",
            task("    delivery: {order: keys}\n"),
            "\"keys\" is unknown: did you mean \"key\"? (one of key, ordered, unordered)"),
        Arguments.of(
            "longest wait below first",
            task("    delivery: {backoff: {delay: 10s, max: 1s}}\n"),
            "max is 1s, less than delay, which is 10s"),
        Arguments.of(
            "scale upside down",
            task("").replace("{app: x}", "{app: x, scale: {min: 3, max: 2}}"),
            "is 2, less than min, which is 3"),
        Arguments.of(
            "loop",
            task(
                "  - name: b\n    function: {app: x}\n    inputs: [{name: in, link: done}]\n"
                    + "    outputs: [{name: result, link: orders}]\n"),
            "tasks.a  is part of a loop, in which events would run for ever: a ─▶ b ─▶ a"),
        Arguments.of(
            "types that do not fit",
            task("  - name: b\n    function: {app: x}\n    inputs: [{name: in, link: done, type: Order}]\n")
                .replace("link: done}]\n  - ", "link: done, type: Priced}]\n  - "),
            "links.done  written by a as Priced, read by b as Order"),
        Arguments.of(
            "trigger without kind",
            head + "  triggers:\n  - {name: t, link: l}\n",
            "needs a kind: one of webhook, bucket"),
        Arguments.of(
            "unknown scheme",
            head + "  triggers:\n  - {name: t, link: l, webhook: {scheme: githob, secretRef: s}}\n",
            "\"githob\" is unknown: did you mean \"github\"?"),
        Arguments.of(
            "webhook without secret",
            head + "  triggers:\n  - {name: t, link: l, webhook: {scheme: github}}\n",
            "secretRef  is missing: without it no signature can be verified"),
        Arguments.of(
            "secret in the file",
            head
                + "  triggers:\n  - {name: t, link: l, webhook: {scheme: github, secretRef: \"Pa$$word\"}}\n",
            "must be the name of a secret"),
        Arguments.of(
            "no bucket",
            head + "  triggers:\n  - {name: t, link: l, bucket: {url: \"http://x/\"}}\n",
            "\"http://x/\" is no bucket: write s3://bucket or s3://bucket/prefix"),
        Arguments.of(
            "no change of a bucket",
            head + "  triggers:\n  - {name: t, link: l, bucket: {url: \"s3://abc\", events: []}}\n",
            "events  is empty, so nothing would ever come"),
        Arguments.of(
            "a time that RFC 3339 cannot write",
            task("").replace("link: orders}", "link: orders, from: \"+12026-01-01T00:00:00Z\"}"),
            "\"+12026-01-01T00:00:00Z\" is outside the years 0000 to 9999"),
        Arguments.of(
            "partitions out of range",
            head + "  links:\n  - {name: l, partitions: 0}\n",
            "\"0\" is no whole number from 1 to 1000"),
        Arguments.of(
            "start position",
            task("").replace("link: orders}", "link: orders, from: yesterday}"),
            "\"yesterday\" is neither earliest, latest nor a time"),
        Arguments.of(
            "apps that share a process with two scales",
            task(
                "  - name: b\n    function: {app: x, scale: {max: 9}}\n    inputs: [{name: in, link: done}]\n"),
            "differs from that of a, with which it shares the processes of app x"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("broken")
  void shouldRefuseABrokenFileWithItsPlaceAndAMend(String name, String yaml, String expected) {
    InvalidPipelineException refused =
        catchThrowableOfType(InvalidPipelineException.class, () -> read(yaml));
    assertThat(refused).as("refused").isNotNull();
    assertThat(refused.problems().stream().map(Problem::toString))
        .allSatisfy(problem -> assertThat(problem).startsWith("pipeline.yaml:"))
        .anySatisfy(problem -> assertThat(problem).contains(expected));
  }

  @Test
  void shouldReportEveryProblemAtOnceInTheOrderOfTheFile() {
    String yaml =
        task("    delivery: {attempts: 0, order: keys}\n  links:\n  - {name: l, partitions: 0}\n");
    InvalidPipelineException refused =
        catchThrowableOfType(InvalidPipelineException.class, () -> read(yaml));
    assertThat(refused.problems().stream().map(problem -> problem.location().line()))
        .containsExactly(10, 10, 12);
  }

  @Test
  void shouldKeepLinksApartThatAreDeclaredAndThatAreMentioned() {
    Pipeline pipeline = read(task("  links:\n  - {name: done}\n"));
    String written = PipelineWriter.yaml(pipeline);
    assertThat(read(written)).isEqualTo(pipeline);
    assertThat(new Yaml().<Map<String, Map<String, Object>>>load(written).get("spec").get("links"))
        .isEqualTo(List.of(Map.of("name", "done")));
    assertThat(pipeline.links().stream().filter(Link::declared).map(link -> link.name().value()))
        .containsExactly("done");
  }

  @Test
  void shouldAcceptAgainWhatWasAccepted() {
    String slip =
        task("  - name: b\n    function: {app: x}\n    inputs: [{name: in, link: dome}]\n");
    assertThatThrownBy(() -> read(slip)).hasMessageContaining("did you mean \"done\"");
    assertThat(PipelineReader.readAccepted(new PipelineReader.Source("stored", slip)).links())
        .hasSize(3);
  }

  /** Filters could once have settings without effect. */
  @Test
  void shouldAcceptAFilterThatWasAcceptedWithWhatOnlyCallsHave() {
    String filter =
        task("    delivery: {attempts: 2}\n")
            .replace("function: {app: x}", "filter: [{exact: {type: a}}]");
    assertThatThrownBy(() -> read(filter)).hasMessageContaining("a filter calls none");
    assertThat(PipelineReader.readAccepted(new PipelineReader.Source("stored", filter)).tasks())
        .hasSize(1);
  }

  @Test
  void shouldReportANameThatOneOfTheFilesGivesTwice() {
    String twice =
        """
        spec:
          tasks:
          - name: price
            delivery: {attempts: 2}
          - name: price
            function: {app: shop}
            inputs: [{name: order, link: order}]
        """;
    assertThatThrownBy(
            () ->
                PipelineReader.read(
                    new PipelineReader.Source("inferred", SHOP),
                    new PipelineReader.Source("pipeline.yaml", twice)))
        .hasMessageContaining("pipeline.yaml:5:11  tasks.price  is defined twice");
    assertThatThrownBy(
            () ->
                PipelineReader.read(
                    new PipelineReader.Source(
                        "inferred", SHOP.replace("  links:\n", "  links:\n  - {name: order}\n")),
                    new PipelineReader.Source(
                        "pipeline.yaml", "spec:\n  links:\n  - {name: stock}\n")))
        .hasMessageContaining("links.order  is defined twice");
  }

  @Test
  void shouldStopAliasesThatMultiply() {
    StringBuilder bomb = new StringBuilder("a: &a [x,x,x,x,x,x,x,x,x]\n");
    for (char c = 'b'; c < 'k'; c++) {
      bomb.append("%c: &%c [%s]\n".formatted(c, c, ("*" + (char) (c - 1) + ",").repeat(9)));
    }
    assertThatThrownBy(() -> read(bomb.toString()))
        .isInstanceOf(InvalidPipelineException.class)
        .hasMessageContaining("aliases");
  }

  @Test
  void shouldBoundNestingAndSize() {
    assertThatThrownBy(() -> read("[".repeat(100_000)))
        .isInstanceOf(InvalidPipelineException.class)
        .hasMessageContaining("Nesting Depth");
    assertThatThrownBy(() -> read("#".repeat(5_000_000))).hasMessageContaining("larger than 4 MiB");
  }

  @Test
  void shouldStopAtAHundredProblems() {
    String yaml = task("  types:\n" + "  - {name: T, shcema: x}\n".repeat(1000));
    InvalidPipelineException refused =
        catchThrowableOfType(InvalidPipelineException.class, () -> read(yaml));
    assertThat(refused.problems()).hasSizeBetween(100, 101);
    assertThat(refused.problems().getLast().message())
        .isEqualTo("reading stopped here: mend these problems first");
  }

  @Test
  void shouldNotRepeatHugeWords() {
    String yaml = task("    delivery: {order: \"" + "x".repeat(100_000) + "\"}\n");
    assertThatThrownBy(() -> read(yaml))
        .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(3000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"types", "tasks", "links", "triggers"})
  void shouldNotConvertMoreElementsThanAllowed(String list) {
    String yaml =
        task("") + (list.equals("tasks") ? "" : "  " + list + ":\n") + "  - {}\n".repeat(10_001);
    InvalidPipelineException refused =
        catchThrowableOfType(InvalidPipelineException.class, () -> read(yaml));
    assertThat(refused.problems()).hasSize(1);
    assertThat(refused.problems().getFirst().message()).isEqualTo("has more than 10000 elements");
  }

  @Test
  @Timeout(20)
  void shouldReadManyThatMeetAtOneLink() {
    StringBuilder yaml = new StringBuilder(task(""));
    String outputs =
        IntStream.range(0, 300)
            .mapToObj(i -> "{name: o%d, link: hub, type: T}".formatted(i))
            .collect(Collectors.joining(","));
    for (int i = 0; i < 100; i++) {
      yaml.append(
              "  - {name: w%d, function: {app: x}, inputs: [{name: in, link: done}],".formatted(i))
          .append(" outputs: [")
          .append(outputs)
          .append("]}\n");
    }
    for (int i = 0; i < 5000; i++) {
      yaml.append(
          "  - {name: r%d, function: {app: x}, inputs: [{name: in, link: hub, type: T}]}\n"
              .formatted(i));
    }
    assertThat(read(yaml.toString()).tasks()).hasSize(5101);
  }

  @Test
  void shouldNameOnlySomeTasksOfALongLoop() {
    StringBuilder yaml = new StringBuilder(task("").replace("link: orders", "link: l500"));
    yaml.append(
        "  - {name: b0, function: {app: x}, inputs: [{name: in, link: done}], outputs: [{name: o, link: l0}]}\n");
    for (int i = 1; i <= 500; i++) {
      yaml.append(
          "  - {name: b%d, function: {app: x}, inputs: [{name: in, link: l%d}], outputs: [{name: o, link: l%d}]}\n"
              .formatted(i, i - 1, i));
    }
    assertThatThrownBy(() -> read(yaml.toString()))
        .hasMessageContaining("for ever: a ─▶ b0 ─▶ b1")
        .hasMessageContaining("b8 ─▶ … ─▶ a")
        .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(300));
  }

  @Test
  void shouldSuggestOnlyForTheFirstUnknownLinks() {
    StringBuilder yaml = new StringBuilder(task("").replace("link: orders", "link: link-1"));
    for (int i = 0; i < 50; i++) {
      yaml.append(
          "  - {name: b%d, function: {app: x}, inputs: [{name: in, link: lnik-%d}], outputs: [{name: o, link: link-%d}]}\n"
              .formatted(i, i, i));
    }
    InvalidPipelineException refused =
        catchThrowableOfType(InvalidPipelineException.class, () -> read(yaml.toString()));
    assertThat(refused.problems())
        .hasSize(20)
        .allSatisfy(problem -> assertThat(problem.message()).contains("did you mean"));
  }

  @Test
  void shouldPublishASchemaThatAcceptsWhatTheReaderAccepts() throws IOException {
    JsonSchema schema = schema();
    Object tree = new Yaml().load(SHOP);
    assertThat(schema.validate(Json.MAPPER.valueToTree(tree))).isEmpty();
    assertThat(schema.validate(Json.MAPPER.valueToTree(PipelineWriter.tree(read(SHOP))))).isEmpty();
    for (String wrong :
        List.of("attempts: 7", "order: ordered", "scheme: github", "app: shop", "partitions: 3")) {
      Object broken = new Yaml().load(SHOP.replace(wrong, wrong.replaceAll(": .*", ": [1]")));
      assertThat(schema.validate(Json.MAPPER.valueToTree(broken))).as(wrong).isNotEmpty();
    }
  }

  private static JsonSchema schema() throws IOException {
    try (InputStream in = Pipeline.class.getResourceAsStream("pipeline.schema.json")) {
      return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
          .getSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @ParameterizedTest(name = "{0} {1} -> {2} {3}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          a.Order ; {id!: text}   ; a.Order ; {id!: text}           ; fine
          a.Order ; {id!: text}   ; a.Order ; {id!: text, more: int} ; fine
          a.Order ; {id!: text}   ; b.Order ; {id!: text}           ; fine
          a.Order ; {id!: text}   ; b.Order ; {more: int?}          ; fine
          a.Order ; {id!: text}   ; b.Order ; {more: int}           ; written by price (app shop) as a.Order, read by ship (app ware) as b.Order: "more" is read by the consumer, and the producer, whose type has another name, does not write it: read the producer's type, remove the field, or say that it may be null
          a.Order ; {id: text}    ; a.Order ; {id!: text}           ; written by price (app shop) as a.Order, read by ship (app ware) as a.Order: "id" is required by the consumer, and optional at the producer: always write it, or let the consumer do without it
          a.Order ;               ; a.Order ; {id!: text}           ; fine
          a.Order ; {id!: text}   ; b.Order ;                       ; written by price as a.Order, read by ship as b.Order
          a.Order ;               ; b.Order ; {id!: text}           ; written by price as a.Order, read by ship as b.Order
                  ; {id!: text}   ;         ; {id!: int}            ; written by price (app shop), read by ship (app ware): "id" is text at the producer and an integer at the consumer: give both the same type
          """)
  void shouldCompareWhatMeetsOnALink(
      String written, String producer, String read, String consumer, String expected) {
    String yaml =
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: shop}
        spec:
          tasks:
          - name: price
            function: {app: shop}
            inputs: [{name: in, link: order}]
            outputs:
            - {name: result, link: priced%s}
          - name: ship
            function: {app: ware}
            inputs:
            - {name: in, link: priced%s}
        """
            .formatted(typed(written, producer), typed(read, consumer));

    assertThat(problems(yaml))
        .isEqualTo(expected.equals("fine") ? "" : "links.priced  " + expected);
    // what is in force stays readable when the rules become stricter
    if (producer != null && consumer != null) {
      assertThat(PipelineReader.readAccepted(new PipelineReader.Source("stored", yaml)).tasks())
          .hasSize(2);
    }
  }

  private static String problems(String yaml) {
    try {
      Pipeline pipeline = read(yaml);
      assertThat(read(PipelineWriter.yaml(pipeline))).isEqualTo(pipeline);
      return "";
    } catch (InvalidPipelineException e) {
      return e.problems().stream()
          .map(problem -> problem.path() + "  " + problem.message())
          .collect(Collectors.joining("\n"));
    }
  }

  private static String typed(@Nullable String type, @Nullable String schema) {
    return (type == null ? "" : ", type: " + type)
        + (schema == null ? "" : ", schema: '" + Notation.schema(schema).json() + "'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          {"type":      ; schema is no JSON
          {} {}         ; schema is no JSON
          {"type":"x"}  ; schema #/type is "x", which is no type of JSON Schema
          """)
  void shouldSayWhereASchemaIsNone(String schema, String reason) {
    String yaml = SHOP.replace("type: shop.Priced, schema: '{", "schema: '" + schema + "', x: '{");

    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(InvalidPipelineException.class)
        .hasMessageContaining("spec.tasks.audit.inputs.priced.schema")
        .hasMessageContaining(reason);
  }

  @Test
  void shouldBeTheSameToWhoeverOnlyMovesEvents() {
    String other = SHOP.replace("\"id\":{\"type\":\"string\"}", "\"id\":{\"type\":\"integer\"}");

    assertThat(read(other)).isNotEqualTo(read(SHOP));
    assertThat(read(other).withoutSchemas()).isEqualTo(read(SHOP).withoutSchemas());
    assertThat(PipelineWriter.yaml(read(SHOP).withoutSchemas()))
        .isEqualTo(PipelineWriter.yaml(read(SHOP)).replaceAll("(?m)^ *schema: '.*\\R", ""));
  }
}
