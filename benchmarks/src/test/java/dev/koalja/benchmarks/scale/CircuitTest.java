package dev.koalja.benchmarks.scale;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.benchmarks.kafka.Event;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class CircuitTest {
  @Test
  void shouldBeAPipelineOfAThousandTasksAndTwoThousandLinks() {
    Circuit circuit = new Circuit(1000, 8);
    Pipeline pipeline =
        PipelineReader.read(new PipelineReader.Source("scale.yaml", circuit.yaml()));
    assertThat(pipeline.tasks()).hasSize(1000);
    assertThat(pipeline.links()).hasSize(2000).allMatch(link -> link.partitions() == 8);
    assertThat(pipeline.readers().stream().map(TopicName::group)).doesNotHaveDuplicates();
    assertThat(circuit.outputs()).hasSize(10).contains("koalja.scale.out-9");
    assertThat(pipeline.tasks().stream().map(task -> task.name().value()))
        .contains("task0", "task9", "idle10")
        .doesNotContain("task10");
  }

  @Test
  void shouldCallEveryTaskAndGiveWorkToTheBusyOnesInTurn() {
    Circuit circuit = new Circuit(200, 1);
    List<ProducerRecord<byte[], byte[]>> calls = circuit.calls(400).toList();
    assertThat(calls).hasSize(200);
    ProducerRecord<byte[], byte[]> call = calls.get(3);
    assertThat(call.topic()).isEqualTo("koalja.scale.in-3");
    assertThat(call.headers().headers("ce_type")).hasSize(1);
    assertThat(call.headers().lastHeader("ce_type").value())
        .isEqualTo("call".getBytes(StandardCharsets.UTF_8));
    assertThat(Event.numberOf(Event.greet(call.value()))).isEqualTo(403);
    assertThat(circuit.work(6).topic()).isEqualTo("koalja.scale.in-0");
    assertThat(circuit.work(7).topic()).isEqualTo("koalja.scale.in-1");
  }

  @Test
  void shouldGiveWorkToOneWhereThereAreFew() {
    assertThat(new Circuit(10, 1).busy()).isEqualTo(1);
  }
}
