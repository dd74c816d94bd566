package dev.koalja.benchmarks.scale;

import dev.koalja.benchmarks.kafka.Event;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * One pipeline of many tasks, each between two links of its own. One in a hundred, from one to ten,
 * will have work; the names of the others are never called.
 *
 * @param tasks how many
 * @param partitions of each link
 */
record Circuit(int tasks, int partitions) {
  /** The app whose functions {@code task0} to {@code task9} are called. */
  static final String APP = "koalja-benchmark-circuit";

  static final String PIPELINE = "scale";
  private static final int SIZE = 1024;

  /** How many of the tasks will have work. */
  int busy() {
    return Math.clamp(tasks / 100, 1, 10);
  }

  /** What the gateway is given. */
  String yaml() {
    String all =
        IntStream.range(0, tasks)
            .mapToObj(
                task ->
                    """
                      - name: %s
                        function: {app: %s}
                        inputs: [{name: name, link: in-%d, filters: [{exact: {type: name}}]}]
                        outputs: [{name: result, link: out-%d}]
                    """
                        .formatted(name(task), APP, task, task))
            .collect(Collectors.joining());
    String links =
        IntStream.range(0, tasks)
            .mapToObj(
                task ->
                    """
                      - {name: in-%d, partitions: %d}
                      - {name: out-%d, partitions: %d}
                    """
                        .formatted(task, partitions, task, partitions))
            .collect(Collectors.joining());
    return """
    apiVersion: koalja.dev/v1alpha1
    kind: Pipeline
    metadata: {name: %s}
    spec:
      tasks:
    %s  links:
    %s"""
        .formatted(PIPELINE, all, links);
  }

  private String name(int task) {
    return (task < busy() ? "task" : "idle") + task;
  }

  /** Where the results of the busy tasks are. */
  List<String> outputs() {
    return IntStream.range(0, busy()).mapToObj(task -> topic("out-" + task)).toList();
  }

  /** An event for each task that its filter refuses: a journal record says that it was read. */
  Stream<ProducerRecord<byte[], byte[]>> calls(int first) {
    return IntStream.range(0, tasks)
        .mapToObj(
            task -> {
              ProducerRecord<byte[], byte[]> record =
                  Event.record(topic("in-" + task), first + task, SIZE, Event.KEYS);
              record.headers().remove("ce_type");
              record.headers().add("ce_type", "call".getBytes(StandardCharsets.UTF_8));
              return record;
            });
  }

  /** Event {@code number} for the busy tasks, which take turns. */
  ProducerRecord<byte[], byte[]> work(int number) {
    return Event.record(topic("in-" + number % busy()), number, SIZE, Event.KEYS);
  }

  /** The journal of the pipeline. */
  static String journal() {
    return "koalja-journal." + PIPELINE;
  }

  private static String topic(String link) {
    return "koalja." + PIPELINE + "." + link;
  }
}
