package dev.koalja.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.util.List;
import org.junit.jupiter.api.Test;

class WakeUpTest {
  private static final String CIRCUIT =
      """
      apiVersion: koalja.dev/v1alpha1
      kind: Pipeline
      metadata: {name: shop}
      spec:
        tasks:
        - {name: price, function: {app: shop}, inputs: [{name: i, link: order}], outputs: [{name: o, link: priced}]}
        - {name: tax, function: {app: shop}, inputs: [{name: i, link: priced}], outputs: [{name: o, link: taxed}]}
        - {name: risk, function: {app: shop, isolated: true}, inputs: [{name: i, link: priced}]}
        - {name: pack, function: {app: ware}, inputs: [{name: i, link: taxed}], outputs: [{name: o, link: packed}]}
        - {name: label, function: {app: ware}, inputs: [{name: i, link: packed}]}
        - {name: send, function: {app: post}, inputs: [{name: i, link: packed}]}
        - {name: refund, function: {app: bank}, inputs: [{name: i, link: priced, filters: [{exact: {type: x}}]}]}
        - {name: both, function: {app: join}, inputs: [{name: i, link: priced}, {name: j, link: packed}]}
      """;

  private static List<String> woken(int most) {
    return woken(CIRCUIT, most);
  }

  private static List<String> woken(String circuit, int most) {
    Pipeline pipeline = PipelineReader.read(new PipelineReader.Source("test", circuit));
    Reader price =
        pipeline.readers().stream()
            .filter(reader -> reader.task().name().value().equals("price"))
            .findFirst()
            .orElseThrow();
    return WakeUp.behind(pipeline, price, most).stream()
        .map(Task::name)
        .map(Object::toString)
        .toList();
  }

  @Test
  void shouldWakeEachAppThatEveryEventReachesTheNearestFirst() {
    assertThat(woken(8)).containsExactly("risk", "pack", "send");
  }

  @Test
  void shouldStartItsOwnWhileItsEventsWaitToBeABatch() {
    String batches =
        CIRCUIT.replace(
            "app: shop}, inputs: [{name: i, link: order}]",
            "app: shop}, delivery: {batch: {max: 10, linger: 1s}}, inputs: [{name: i, link: order}]");
    assertThat(woken(batches, 2)).containsExactly("price", "risk");
  }

  @Test
  void shouldWakeNoMoreThanItMay() {
    assertThat(woken(2)).containsExactly("risk", "pack");
    assertThat(woken(0)).isEmpty();
  }
}
