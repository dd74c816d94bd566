package dev.koalja.pipeline.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.pipeline.Correlation;
import dev.koalja.pipeline.Input;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Snapshot;
import dev.koalja.pipeline.Task;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How tasks put events together: what the file says, and what it must not say. */
class SnapshotReaderTest {
  private static String file(String inputs, String snapshot) {
    return """
    apiVersion: koalja.dev/v1alpha1
    kind: Pipeline
    metadata: {name: shop}
    spec:
      tasks:
      - name: ship
        function: {app: shop}
        inputs: [%s]
        snapshot: %s
    """
        .formatted(inputs, snapshot);
  }

  private static Task read(String yaml) {
    Pipeline pipeline = PipelineReader.read(new PipelineReader.Source("pipeline.yaml", yaml));
    String written = PipelineWriter.yaml(pipeline);
    assertThat(PipelineReader.read(new PipelineReader.Source("again", written)))
        .isEqualTo(pipeline);
    return pipeline.tasks().getFirst();
  }

  @Test
  void shouldJoinByKeyUnlessToldOtherwise() {
    Task task =
        read(file("{name: a, link: x}, {name: b, link: y}", "{}").replace("snapshot: {}", ""));

    assertThat(task.snapshot()).hasValue(Snapshot.defaults(2, false));
    assertThat(task.snapshot().orElseThrow().correlate()).isEqualTo(new Correlation.Key());
    assertThat(task.snapshot().orElseThrow().partitions()).isEqualTo(Snapshot.PARTITIONS);
  }

  @Test
  void shouldTakeEventsOneByOneWhenNothingIsSaid() {
    assertThat(read(file("{name: a, link: x}", "{}").replace("snapshot: {}", "")).snapshot())
        .isEmpty();
  }

  @Test
  void shouldReadEverything() {
    Task task =
        read(
            file(
                "{name: a, link: x, min: 2, max: 5, correlate: {pointer: /customer/id}},"
                    + " {name: b, link: y, mergeInto: a, correlate: {attribute: subject}},"
                    + " {name: c, link: z, filters: [{exact: {type: t}}, {not: {sql: \"a = 'b'\"}}]}",
                "{policy: AllNew, correlate: key, timeout: {after: 1h, then: partial},"
                    + " minInterval: 500ms, maxWaiting: 20}"));

    Snapshot snapshot = task.snapshot().orElseThrow();
    assertThat(snapshot.timeout())
        .hasValue(new Snapshot.Timeout(Duration.ofHours(1), Snapshot.Then.PARTIAL));
    assertThat(snapshot.minInterval()).hasValue(Duration.ofMillis(500));
    assertThat(snapshot.maxWaiting()).isEqualTo(20);
    assertThat(task.inputs())
        .extracting(Input::length)
        .containsExactly(new Input.Length(2, 5, 1), Input.Length.ONE, Input.Length.ONE);
    assertThat(task.inputs().get(1).correlate())
        .isEqualTo(Optional.of(new Correlation.Attribute("subject")));
    assertThat(task.inputs().get(2).filters()).hasSize(2);
  }

  @Test
  void shouldSlideWhereASlideIsGiven() {
    Task task =
        read(file("{name: a, link: x, length: 4, slide: 1}", "{}").replace("snapshot: {}", ""));

    Snapshot snapshot = task.snapshot().orElseThrow();
    assertThat(snapshot.policy()).isEqualTo(Snapshot.Policy.SLIDING_WINDOW);
    assertThat(snapshot.correlate()).isEqualTo(new Correlation.None());
    assertThat(snapshot.partitions()).isEqualTo(1);
  }

  @Test
  void shouldReadWindowsOfTime() {
    Snapshot snapshot =
        read(file("{name: a, link: x}", "{window: {size: 1h, grace: 5m}}"))
            .snapshot()
            .orElseThrow();

    assertThat(snapshot.window())
        .hasValue(new Snapshot.Window(Duration.ofHours(1), Duration.ofMinutes(5)));
  }

  @Test
  void shouldHaveAReaderForEachStage() {
    Pipeline pipeline =
        PipelineReader.read(
            new PipelineReader.Source(
                "pipeline.yaml", file("{name: a, link: x}, {name: b, link: y}", "{}")));

    assertThat(pipeline.readers())
        .extracting(Reader::stage)
        .containsExactly(
            Reader.Stage.INTAKE, Reader.Stage.INTAKE, Reader.Stage.ASSEMBLY, Reader.Stage.SNAPSHOT);
    assertThat(pipeline.readers())
        .extracting(Reader::topic)
        .containsExactly(
            "koalja.shop.x",
            "koalja.shop.y",
            "koalja-arrivals.shop.ship",
            "koalja-snapshots.shop.ship");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {name: a, link: x, length: 2, min: 1}                  | {}                                     | keep length, or min and max
          {name: a, link: x, min: 3, max: 2}                     | {}                                     | is 2, less than min, which is 3
          {name: a, link: x, length: 2, slide: 3}                | {}                                     | is 3, more than the 2 events
          {name: a, link: x, length: 0}                          | {}                                     | "0" is no whole number from 1 to 10000
          {name: a, link: x, length: 10001}                      | {}                                     | from 1 to 10000
          {name: a, link: x}                                     | {policy: AllNews}                      | did you mean "AllNew"
          {name: a, link: x}                                     | {policies: AllNew}                     | unknown field "policies"
          {name: a, link: x, length: 2}                          | {policy: SwapNew4Old}                  | SwapNew4Old keeps the latest event
          {name: a, link: x, min: 1, max: 2}                     | {policy: SlidingWindow}                | min and max must be equal
          {name: a, link: x, length: 3, slide: 2}                | {policy: AllNew}                       | slide is for policy SlidingWindow
          {name: a, link: x, length: 30}                         | {maxWaiting: 20}                       | takes 30 events, and only 20 may wait
          {name: a, link: x, mergeInto: b}                       | {}                                     | no input "b" to merge into
          {name: a, link: x, mergeInto: a}                       | {}                                     | "a" is itself merged
          {name: a, link: x, correlate: maybe}                   | {}                                     | neither key, none
          {name: a, link: x, correlate: {pointer: id}}           | {}                                     | pointer
          {name: a, link: x, correlate: {attribute: a, pointer: /b}} | {}                                 | needs one of attribute and pointer
          {name: a, link: x, correlate: key}                     | {correlate: none}                      | correlates where the task does not
          {name: arrivals, link: x}                              | {}                                     | the name is taken
          {name: a, link: x}                                     | {timeout: {then: drop}}                | when to give up
          {name: a, link: x}                                     | {timeout: {after: 1h, then: panic}}    | "panic" is unknown
          {name: a, link: x}                                     | {timeout: {after: -1s}}                | no duration
          {name: a, link: x}                                     | {window: {grace: 1m}}                  | how long a window is
          {name: a, link: x}                                     | {window: {size: 1m}, timeout: {after: 1m}} | ends by itself
          {name: a, link: x}                                     | {window: {size: 1m}, minInterval: 1s}  | fires once
          {name: a, link: x}                                     | {window: {size: 1m}, policy: SwapNew4Old} | policy must be AllNew
          {name: a, link: x, length: many}                       | {}                                     | "many" is no whole number
          {name: a, link: x, min: 0}                             | {}                                     | from 1 to 10000
          {name: a, link: x, max: 10001}                         | {}                                     | from 1 to 10000
          {name: a, link: x, length: 2, slide: 0}                | {}                                     | from 1 to 10000
          {name: a, link: x, length: 2, max: 5}                  | {}                                     | keep length, or min and max
          {name: a, link: x, slide: 1}                           | {policy: SwapNew4Old, window: {size: 1m}} | policy must be AllNew
          {name: a, link: x, length: 3, slide: 2}                | {policy: SwapNew4Old}                  | SwapNew4Old keeps the latest event
          {name: a, link: x, length: 3, slide: 1}                | {window: {size: 1m}}                   | policy must be AllNew
          {name: a, link: x}                                     | {policy: allnew}                       | did you mean "AllNew"
          {name: a, link: x}                                     | {policy: First}                        | one of AllNew, SwapNew4Old, SlidingWindow
          {name: a, link: x}                                     | {maxWaiting: 0}                        | "0" is no whole number
          {name: a, link: x}                                     | {maxWaiting: 1000000000}               | is no whole number
          {name: a, link: x}                                     | {minInterval: 0s}                      | minInterval
          {name: a, link: x}                                     | {minInterval: soon}                    | no duration
          {name: a, link: x}                                     | {timeout: {after: 0s}}                 | after
          {name: a, link: x}                                     | {timeout: 1h}                          | timeout
          {name: a, link: x}                                     | {window: {size: 0s}}                   | size
          {name: a, link: x}                                     | {window: {size: 36500d}}               | size
          {name: a, link: x}                                     | {window: {size: 1m, slide: 30s}}       | unknown field "slide"
          {name: a, link: x}                                     | {keyedState: maybe}                    | keyedState
          {name: a, link: x}                                     | {correlate: {header: id}}              | unknown field "header"
          {name: a, link: x, correlate: none}                    | {correlate: key}                       | correlates where the task does not
          {name: a, link: x, mergeInto: b}, {name: b, link: y, mergeInto: a} | {}                         | "b" is itself merged
          {name: a, link: x, length: 2, mergeInto: b}, {name: b, link: y}    | {}                         | whose length counts
          {name: koalja-state, link: x}                          | {}                                     | the name is taken
          {name: a, link: x, filters: [{prefx: {type: t}}]}      | {}                                     | did you mean "prefix"
          {name: a, link: x, filters: [{sql: "1 +"}]}            | {}                                     | filters
          {name: a, link: x, filters: {exact: {type: t}}}        | {}                                     | must be a list
          """)
  void shouldRefuse(String input, String snapshot, String message) {
    assertThatThrownBy(() -> read(file(input, snapshot)))
        .isInstanceOf(InvalidPipelineException.class)
        .hasMessageStartingWith("pipeline.yaml:")
        .hasMessageContaining(message);
  }

  @Test
  void shouldRefuseToMergeWhereNothingIsPutTogether() {
    for (String alone : List.of("mergeInto: b", "correlate: key")) {
      String yaml = file("{name: a, link: x, %s}".formatted(alone), "");
      assertThatThrownBy(() -> read(yaml.replace("snapshot: ", "")))
          .hasMessageContaining("mergeInto and correlate need several inputs or a length");
    }
  }

  @Test
  void shouldNotLookForKeysOnlyBecauseKeyedStateIsRefused() {
    Snapshot snapshot =
        read(file("{name: a, link: x, length: 2, slide: 1}", "{keyedState: false}"))
            .snapshot()
            .orElseThrow();
    assertThat(snapshot.correlate()).isEqualTo(new Correlation.None());
  }

  @Test
  void shouldRefuseKeyedStateWithoutOrder() {
    String yaml = file("{name: a, link: x}", "{keyedState: true}");
    assertThatThrownBy(() -> read(yaml + "    delivery: {order: unordered}\n"))
        .hasMessageContaining("not unordered");
  }

  @Test
  void shouldRefuseToMergeTypesThatDiffer() {
    assertThatThrownBy(
            () ->
                read(
                    file(
                        "{name: a, link: x, type: A}, {name: b, link: y, type: B, mergeInto: a}",
                        "{}")))
        .hasMessageContaining("has type B, and a has A");
  }
}
