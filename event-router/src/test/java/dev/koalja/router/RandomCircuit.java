package dev.koalja.router;

import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.event.TraceParent;
import dev.koalja.router.reply.EventRecords;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A few tasks and links, and what is sent to them, as a number has it. The names of many do not
 * meet, so that they can stand side by side in one pipeline.
 *
 * <p>Left out is what depends on when things happen or on the order between keys or links: windows
 * of event time, {@code minInterval}, inputs that are merged, links with two writers, readers of
 * what an {@code unordered} task wrote. Uncorrelated windows and batches read links that only a
 * sender writes.
 *
 * @param seed makes it
 * @param tasks as they stand in the pipeline file
 * @param links as they stand there
 * @param events in the order they are sent
 */
record RandomCircuit(long seed, String tasks, String links, List<Sent> events) {
  private static final int EVENTS = 24;

  /** The type of what came through two functions elsewhere. */
  private static final String FAR = "t2";

  /** Is sent once only, with all it needs: batches fail because of it. */
  private static final int POISON = 5;

  /**
   * An event that is sent, or what is none.
   *
   * @param key empty for one without
   * @param type empty for a record that is no event
   * @param data also its id
   */
  record Sent(String link, String key, String type, boolean expired, String data) {

    ProducerRecord<byte[], byte[]> record(PipelineName pipeline) {
      String topic = TopicName.link(pipeline, new LinkName(link));
      byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
      if (type.isEmpty()) {
        return new ProducerRecord<>(topic, null, bytes);
      }
      CloudEventBuilder event =
          CloudEventBuilder.v1()
              .withId(data)
              .withSource(URI.create("/sender"))
              .withType(type)
              .withData("text/plain", bytes);
      if (!key.isEmpty()) {
        event.withExtension(KoaljaExtensions.PARTITION_KEY, key);
      }
      if (type.equals(FAR)) {
        event.withExtension(KoaljaExtensions.HOPS, 2);
      }
      if (expired) {
        event.withExtension(KoaljaExtensions.EXPIRY_TIME, "2020-01-01T00:00:00Z");
      }
      return EventRecords.of(topic, event.build(), TraceParent.start());
    }
  }

  /** What begins the names of its tasks and links. */
  String prefix() {
    return prefix(seed);
  }

  private static String prefix(long seed) {
    return "c%d-".formatted(seed);
  }

  /** Whether a task or link is one of its own. */
  boolean has(String name) {
    return name.startsWith(prefix());
  }

  /** Whether a reader sees what comes to a link in an order that no timing changes. */
  static boolean oneOrder(String link) {
    return link.endsWith("-a") || link.endsWith("-b");
  }

  /** One pipeline of many. */
  static String pipeline(String name, List<RandomCircuit> circuits) {
    StringBuilder yaml = new StringBuilder("apiVersion: koalja.dev/v1alpha1\nkind: Pipeline\n");
    yaml.append("metadata: {name: %s}\nspec:\n  tasks:\n".formatted(name));
    circuits.forEach(each -> yaml.append(each.tasks()));
    yaml.append("  links:\n");
    circuits.forEach(each -> yaml.append(each.links()));
    return yaml.toString();
  }

  static RandomCircuit of(long seed) {
    // java.util.Random begins alike for numbers that are neighbours
    RandomGenerator random = new SplittableRandom(seed);
    String prefix = prefix(seed);
    List<String> entries = List.of(prefix + "a", prefix + "b");
    List<String> readable = new ArrayList<>(entries);
    List<String> all = new ArrayList<>(entries);
    StringBuilder tasks = new StringBuilder();
    int count = 2 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      String out = prefix + "l" + i;
      all.add(out);
      if (new RandomTask(tasks, readable, entries, random).add(prefix + "t" + i, out)) {
        readable.add(out);
      }
    }
    StringBuilder links = new StringBuilder();
    for (String link : all) {
      links.append("  - {name: %s, partitions: %d}\n".formatted(link, oneOrder(link) ? 1 : 2));
    }
    return new RandomCircuit(seed, tasks.toString(), links.toString(), events(entries, random));
  }

  private static List<Sent> events(List<String> entries, RandomGenerator random) {
    List<Sent> events = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      Optional<Sent> again = again(events, random);
      if (i != POISON && again.isPresent()) {
        events.add(again.get()); // its sender got no answer
        continue;
      }
      String link = entries.get(random.nextInt(2));
      boolean plain = i == POISON || random.nextInt(6) > 0;
      events.add(
          new Sent(
              link,
              plain || random.nextInt(2) > 0 ? "k" + random.nextInt(4) : "",
              plain || random.nextInt(4) > 0 ? "t" + random.nextInt(3) : "",
              !plain && random.nextInt(2) == 0,
              link + "." + i));
    }
    return List.copyOf(events);
  }

  private static Optional<Sent> again(List<Sent> events, RandomGenerator random) {
    if (events.isEmpty() || random.nextInt(8) > 0) {
      return Optional.empty();
    }
    return Optional.of(events.get(random.nextInt(events.size())))
        .filter(each -> !each.key().isEmpty() && !each.data().endsWith("." + POISON));
  }
}
