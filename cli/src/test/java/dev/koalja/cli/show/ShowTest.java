package dev.koalja.cli.show;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShowTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Screen terminal = screen(true);
  private final Screen pipe = screen(false);

  private Screen screen(boolean terminal) {
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    return new Screen(stream, stream, terminal, false, 120);
  }

  @ParameterizedTest
  @CsvSource({
    "8, 8 ms",
    "999, 999 ms",
    "1234, 1.2 s",
    "252000, 4 m 12 s",
    "7500000, 2 h 5 m",
    "273600000, 3 d 4 h"
  })
  void shouldSayDurationsWithUnits(long millis, String words) {
    assertThat(Words.duration(Duration.ofMillis(millis))).isEqualTo(words);
  }

  @ParameterizedTest
  @CsvSource({"0, 0 B", "999, 999 B", "2100, 2.1 KB", "999960, 1.0 MB", "3400000000, 3.4 GB"})
  void shouldSaySizesWithUnits(long bytes, String words) {
    assertThat(Words.size(bytes)).isEqualTo(words);
  }

  @Test
  void shouldAlignColumnsWithoutTrailingSpaces() {
    assertThat(new Table("TASK", "LAG").row("price", "0").row("ship", "12").lines())
        .containsExactly("TASK   LAG", "price  0", "ship   12");
  }

  @Test
  void shouldShortenIdsOnlyForPeopleAndOnlyWhileTheyStayDifferent() {
    String id = "01J8ZZZZZZZZZZZZZZZZZ7QK3M";
    assertThat(ShortIds.of(terminal).show(id)).isEqualTo("01J8…7QK3M");
    assertThat(ShortIds.of(pipe).show(id)).isEqualTo(id);
    assertThat(ShortIds.of(terminal).show(id + ".11")).isEqualTo("01J8…7QK3M.11");
    String other = "01J8AAAAAAAAAAAAAAAAAA7QK3M";
    assertThat(ShortIds.of(terminal, List.of(id, other)).show(id)).isEqualTo("01J8…Z7QK3M");
    assertThat(ShortIds.of(terminal).show("o-1")).isEqualTo("o-1");
  }

  private static Pipeline pipeline(String spec) {
    return PipelineReader.read(
        new PipelineReader.Source(
            "test",
            """
            apiVersion: koalja.dev/v1alpha1
            kind: Pipeline
            metadata: {name: test}
            spec:
            """
                + spec.indent(2)));
  }

  private static final String DIGEST =
      """
      triggers:
      - {name: github, link: push, webhook: {scheme: github, secretRef: s}}
      tasks:
      - {name: split, function: {app: a}, inputs: [{name: push, link: push}], outputs: [{name: r, link: commit}]}
      - {name: classify, function: {app: a}, inputs: [{name: c, link: commit}], outputs: [{name: r, link: classified}]}
      - {name: digest, function: {app: a}, inputs: [{name: push, link: push}], outputs: [{name: r, link: report}]}
      """;

  @Test
  void shouldDrawACircuitFromLeftToRight() {
    assertThat(CircuitText.lines(pipeline(DIGEST)))
        .containsExactly(
            "webhook github ─▶ push ┬▶ split ─▶ commit ─▶ classify ─▶ classified",
            "                       └▶ digest ─▶ report");
  }

  @Test
  void shouldDrawALinkThatSeveralWriteOnlyOnce() {
    String fanIn =
        """
        tasks:
        - {name: a, function: {app: a}, inputs: [{name: i, link: work}], outputs: [{name: r, link: done}]}
        - {name: b, function: {app: a}, inputs: [{name: i, link: work}], outputs: [{name: r, link: done}]}
        """;
    assertThat(CircuitText.lines(pipeline(fanIn)))
        .containsExactly("http ─▶ work ┬▶ a ─▶ done", "             └▶ b ─▶ done ↑");
  }

  private static final String JOIN =
      """
      tasks:
      - {name: ship, function: {app: a}, inputs: [{name: p, link: priced}, {name: s, link: stock}], outputs: [{name: r, link: shipment}]}
      - {name: report, function: {app: a}, inputs: [{name: last, link: shipment, length: 100, slide: 10}], outputs: [{name: r, link: reports}]}
      """;

  @Test
  void shouldDrawAJoinOnceWithAllItReads() {
    assertThat(CircuitText.lines(pipeline(JOIN)))
        .containsExactly(
            "http ─▶ priced ─▶ ship(priced, stock) ─▶ shipment ─▶ report(shipment[100/10]) ─▶ reports",
            "http ─▶ stock ─▶ ship ↑");
    assertThat(CircuitMermaid.lines(pipeline(JOIN)))
        .contains(
            "  task-ship{{\"ship\"}}",
            "  link-priced --> task-ship",
            "  link-stock --> task-ship",
            "  link-shipment -->|\"[100/10]\"| task-report");
  }

  @Test
  void shouldTellATaskFromTheLinkOfTheSameName() {
    String same =
        """
        tasks:
        - {name: bill, function: {app: a}, inputs: [{name: i, link: bill}], outputs: [{name: r, link: paid}]}
        - {name: ship, function: {app: a}, inputs: [{name: p, link: paid}, {name: s, link: stock}], outputs: [{name: r, link: ship}]}
        """;
    assertThat(CircuitText.lines(pipeline(same)))
        .containsExactly(
            "http ─▶ bill ─▶ bill(bill) ─▶ paid ─▶ ship(paid, stock) ─▶ ship",
            "http ─▶ stock ─▶ ship(…) ↑");
  }

  @Test
  void shouldDrawAMermaidChart() {
    assertThat(CircuitMermaid.lines(pipeline(DIGEST)))
        .startsWith("flowchart LR", "  trigger-github>\"webhook github\"] --> link-push")
        .contains("  link-push --> task-split", "  task-split --> link-commit");
  }

  @Test
  void shouldShowAnEventInOneLine() throws Exception {
    JsonNode event =
        Json.MAPPER.readTree(
            """
            {"id":"01J8ZZZZZZZZZZZZZZZZZ7QK3M","time":"2020-01-01T00:00:00Z","key":"ann",
             "datacontenttype":"application/json","data":{"id":"o-1","total":19.90},
             "producer":{"task":"price","revision":1,"tookMs":8,"coldStartMs":163}}""");
    assertThat(new EventLine(terminal).of(event))
        .endsWith(
            "  01J8…7QK3M  key ann  {\"id\":\"o-1\",\"total\":19.9}  price@1  8 ms  (cold 163 ms)");
  }

  @Test
  void shouldShowTextWithoutQuotesAndBytesBySize() throws Exception {
    assertThat(
            EventLine.data(
                Json.MAPPER.readTree("{\"datacontenttype\":\"text/plain\",\"data\":\"hi\"}")))
        .isEqualTo("hi");
    assertThat(
            EventLine.data(
                Json.MAPPER.readTree(
                    "{\"datacontenttype\":\"image/png\",\"data_base64\":\"AAAA\"}")))
        .isEqualTo("3 B of image/png");
  }

  @Test
  void shouldGrowATraceFromTheValueBackToItsOrigin() throws Exception {
    JsonNode trace =
        Json.MAPPER.readTree(
            """
            {"event":{"id":"S1","source":"/price","type":"t","link":"shipment","size":2100,"sha256":"9c41aaaaaaaa"},
             "madeBy":{"task":"ship","revision":2,"outcome":"SUCCEEDED","executed":"PT0.011S",
               "endedAt":"2020-01-01T00:00:00Z","instance":"process 3127","attempts":[{}],
               "inputs":[
                 {"link":"priced","id":"M1","trace":{"event":{"id":"M1","link":"priced"},
                   "madeBy":{"task":"price","revision":2,"executed":"PT0.008S","endedAt":"2020-01-01T00:00:00Z",
                     "attempts":[{},{},{}],
                     "inputs":[{"link":"order","id":"K1","trace":{"event":{"id":"K1","link":"order","origin":"POST /events/order, 127.0.0.1"}}}]}}},
                 {"link":"stock","id":"Q1","source":"s3"}]},
             "consumedBy":[{"task":"audit","revision":2,"outcome":"DEAD_LETTERED","executed":"PT1S",
               "endedAt":"2020-01-01T00:00:00Z","attempts":[{}],"outputs":[],"error":{"code":"x","cause":"no ink"}}],
             "cut":true}""");

    List<String> lines = TraceTree.lines(pipe, trace);

    assertThat(lines.get(0)).isEqualTo("shipment S1  2.1 KB  sha256 9c41aaaaaaaa");
    assertThat(lines.get(1)).startsWith("└─ ship@2").endsWith("11 ms, attempt 1, process 3127");
    assertThat(lines.get(2)).isEqualTo("   ├─ priced M1");
    assertThat(lines.get(3)).startsWith("   │  └─ price@2").endsWith("8 ms, attempt 3");
    assertThat(lines.get(4)).isEqualTo("   │     └─ order K1  from POST /events/order, 127.0.0.1");
    assertThat(lines.get(5)).isEqualTo("   └─ stock Q1  from s3");
    assertThat(lines.get(6)).isEqualTo("read by");
    assertThat(lines.get(7)).contains("audit@2").endsWith("dead-lettered: no ink");
    assertThat(lines.get(8)).contains("and others");
  }

  @Test
  void shouldShowAnInvocationInOneLine() throws Exception {
    JsonNode record =
        Json.MAPPER.readTree(
            """
            {"task":"split","outcome":"SUCCEEDED","executed":"PT0.02S","endedAt":"2020-01-01T00:00:00Z",
             "inputs":[{"link":"push","id":"P1"}],"attempts":[{}],"coldStart":"PT0.171S",
             "outputs":[{"link":"commit"},{"link":"commit"}]}""");
    assertThat(new InvocationLine(pipe).of(record))
        .endsWith("  push P1 ─▶ split ─▶ 2 commit  20 ms  (cold 171 ms)");
  }

  @Test
  void shouldShowEveryInputOfAnInvocationAndWhyItWasNone() throws Exception {
    JsonNode joined =
        Json.MAPPER.readTree(
            """
            {"task":"ship","outcome":"SUCCEEDED","executed":"PT0.01S","endedAt":"2020-01-01T00:00:00Z",
             "inputs":[{"link":"priced","id":"P1"},{"link":"stock","id":"S1"}],"attempts":[{}],
             "outputs":[{"link":"shipment"}]}""");
    assertThat(new InvocationLine(pipe).of(joined))
        .contains("  priced P1, stock S1 ─▶ ship ─▶ shipment  10 ms");
    JsonNode window =
        Json.MAPPER.readTree(
            """
            {"task":"report","outcome":"EXPIRED","executed":"PT0S","endedAt":"2020-01-01T00:00:00Z",
             "inputs":[{"link":"shipment","id":"1"},{"link":"shipment","id":"2"}],"attempts":[],
             "outputs":[],"error":{"code":"late","cause":"3 s too late"}}""");
    assertThat(new InvocationLine(pipe).of(window))
        .contains("  2 shipment ─▶ report expired: 3 s too late");
  }

  @Test
  void shouldSayWhatASnapshotWaitsFor() throws Exception {
    java.time.Instant now = java.time.Instant.parse("2026-01-01T00:04:12Z");
    WaitingSnapshot ann =
        new WaitingSnapshot(
            Json.MAPPER.readTree(
                """
                {"pipeline":"shop","task":"ship","key":"ann","missing":["stock"],
                 "inputs":[{"input":"priced","have":1,"of":1,"oldest":[{"id":"01J8A","source":"s"}]},
                           {"input":"stock","have":0,"of":1,"oldest":[]}],
                 "since":"2026-01-01T00:00:00Z","givesUp":"2026-01-01T01:00:00Z"}"""));
    ShortIds ids = ShortIds.of(pipe);
    assertThat(ann.sentence(ids, now))
        .isEqualTo("has priced 01J8A, misses stock for key ann, 4 m 12 s, gives up in 55 m 48 s");
    assertThat(List.of(ann.key(), ann.has(ids), ann.missing(), ann.since(now), ann.givesUp(now)))
        .containsExactly("ann", "priced 01J8A", "stock", "4 m 12 s", "in 55 m 48 s");
    WaitingSnapshot window =
        new WaitingSnapshot(
            Json.MAPPER.readTree(
                """
                {"task":"report","key":"","missing":[],"since":"2026-01-01T00:00:00Z",
                 "notBefore":"2026-01-01T00:04:13Z",
                 "inputs":[{"input":"last","have":7,"of":5,"oldest":[]}]}"""));
    assertThat(window.incomplete()).isFalse();
    assertThat(window.sentence(ids, now)).isEqualTo("has last 7 of 5, 4 m 12 s, fires in 1.0 s");
    assertThat(List.of(window.key(), window.missing(), window.givesUp(now)))
        .containsExactly("–", "only time", "never");
  }

  @Test
  void shouldUseNoColourInAPipe() {
    Screen colourful = new Screen(new PrintStream(out), new PrintStream(out), false, true, 80);
    assertThat(colourful.red("x")).isEqualTo("x");
    assertThat(new Screen(new PrintStream(out), new PrintStream(out), true, true, 80).red("x"))
        .isEqualTo("\u001b[31mx\u001b[0m");
  }

  @Test
  void shouldSayWhyAFileCannotBeUsedWithoutTheNameOfAClass(@TempDir Path dir) throws IOException {
    Path file = Files.createFile(dir.resolve("file"));

    assertThat(reason(() -> Files.readString(dir.resolve("gone"))))
        .isEqualTo("there is no " + dir.resolve("gone"));
    assertThat(reason(() -> Files.createFile(file))).isEqualTo(file + " is there already");
    assertThat(reason(() -> Files.newDirectoryStream(file).close()))
        .isEqualTo(file + " is no folder");
    assertThat(reason(() -> Files.delete(dir))).isEqualTo(dir + " is not empty");
    assertThat(Words.reason(new AccessDeniedException("/data")))
        .isEqualTo("no permission for /data");
    assertThat(Words.reason(new FileSystemException("/data"))).isEqualTo("/data cannot be used");
    assertThat(Words.reason(new FileSystemException("/data", null, "No space left on device")))
        .isEqualTo("/data: No space left on device");
    assertThat(Words.reason(new IOException())).isEqualTo("the system says no more");
  }

  private static String reason(ThrowingCallable what) {
    return Words.reason(catchThrowableOfType(IOException.class, what));
  }
}
