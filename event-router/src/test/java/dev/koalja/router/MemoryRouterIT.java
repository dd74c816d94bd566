package dev.koalja.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.router.dispatch.FunctionCaller;
import dev.koalja.router.dispatch.FunctionProtocol;
import dev.koalja.router.dispatch.FunctionProtocol.ResultLimits;
import dev.koalja.router.dispatch.InvocationOutcome;
import dev.koalja.router.memory.MemoryRouter;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random circuits and events, in memory and on a real broker: the same must be on every link by key
 * in the same order, the same dead letters, the same journal, the same waiting snapshots.
 *
 * <p>Left out is what depends on when things happen or on the order between keys or links:
 * timeouts, windows of time, batches, {@code SwapNew4Old}, inputs that are merged, links with two
 * writers, {@code unordered}. Uncorrelated windows read links that only a sender writes.
 */
class MemoryRouterIT {
  /** They share a pipeline, so that topics and readers are made once for many. */
  private static final int TOGETHER = 10;

  private static final int CIRCUITS = "full".equals(System.getProperty("koalja.depth")) ? 500 : 20;
  private static final int EVENTS = 24;
  private static final Duration LIMIT = Duration.ofSeconds(240);

  private static Breadboard board;

  @BeforeAll
  static void open(@TempDir Path folder) {
    board = new Breadboard(folder);
  }

  @AfterAll
  static void close() {
    board.close();
  }

  /** An event a sender sends. */
  private record Sent(
      String link, String key, String id, String type, boolean expired, String data) {}

  /** Circuits, what is sent to them, and the tasks that are functions. */
  private record Script(String yaml, List<Sent> events, List<String> functions) {}

  /** What is to be the same. */
  private record Result(
      Map<String, Map<String, List<String>>> links,
      List<String> letters,
      List<String> journal,
      List<String> waiting) {}

  @Test
  void shouldDoAsTheRealRouterDoes() throws Exception {
    String given = System.getProperty("koalja.seed");
    for (int from = 0; from < CIRCUITS; from += TOGETHER) {
      long seed = given == null ? from : Long.parseLong(given);
      String name = "same" + from;
      Script script = script(name, new Random(seed));
      Definition definition = board.define(script.yaml());
      Result memory = inMemory(definition, script);
      Result real = onBroker(definition, script, memory);
      assertThat(real.links())
          .as("links, seed %d%n%s", seed, script.yaml())
          .isEqualTo(memory.links());
      assertThat(real.letters()).as("dead letters, seed %d", seed).isEqualTo(memory.letters());
      assertThat(real.journal()).as("journal, seed %d", seed).isEqualTo(memory.journal());
      assertThat(real.waiting()).as("waiting, seed %d", seed).isEqualTo(memory.waiting());
      // random circuits that do nothing would be the same too
      assertThat(memory.journal()).hasSizeGreaterThan(TOGETHER * EVENTS / 2);
      assertThat(memory.letters()).isNotEmpty();
      assertThat(memory.waiting()).isNotEmpty();
    }
  }

  // --- circuits --------------------------------------------------------------------------------

  private static Script script(String name, Random random) {
    StringBuilder tasks = new StringBuilder();
    StringBuilder links = new StringBuilder();
    List<Sent> events = new ArrayList<>();
    List<String> functions = new ArrayList<>();
    for (int circuit = 0; circuit < TOGETHER; circuit++) {
      String id = "c" + circuit;
      List<String> entries = List.of(id + "-a", id + "-b");
      List<String> readable = new ArrayList<>(entries);
      int count = 2 + random.nextInt(3);
      for (int i = 0; i < count; i++) {
        String task = id + "-t" + i;
        String out = id + "-l" + i;
        tasks.append("  - name: %s\n".formatted(task));
        if (!task(tasks, readable, entries, random)) {
          functions.add(task);
        }
        tasks.append("    outputs: [{name: result, link: %s}]\n".formatted(out));
        readable.add(out);
      }
      for (String link : readable) {
        // an uncorrelated window sees the order of the whole link
        links.append(
            "  - {name: %s, partitions: %d}\n".formatted(link, entries.contains(link) ? 1 : 2));
      }
      events(events, entries, random);
    }
    String yaml =
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: %s}
        spec:
          tasks:
        %s  links:
        %s"""
            .formatted(name, tasks, links);
    return new Script(yaml, events, functions);
  }

  /**
   * @return whether it needs no function
   */
  private static boolean task(
      StringBuilder yaml, List<String> readable, List<String> entries, Random random) {
    String one = readable.get(random.nextInt(readable.size()));
    switch (random.nextInt(8)) {
      case 0 -> {
        yaml.append("    filter: [{exact: {type: t%d}}]\n".formatted(random.nextInt(3)));
        yaml.append("    inputs: [{name: in, link: %s}]\n".formatted(one));
        return true;
      }
      case 1, 2 -> {
        List<String> others = new ArrayList<>(readable);
        others.remove(one);
        String other = others.get(random.nextInt(others.size()));
        yaml.append(
            "    snapshot: {policy: %s, correlate: key}\n"
                .formatted(random.nextBoolean() ? "AllNew" : "SlidingWindow"));
        yaml.append(
            "    inputs: [{name: x, link: %s, length: %d}, {name: y, link: %s%s}]\n"
                .formatted(one, 1 + random.nextInt(2), other, filter(random)));
      }
      case 3 -> {
        yaml.append("    snapshot: {policy: SlidingWindow, correlate: key}\n");
        yaml.append(
            "    inputs: [{name: in, link: %s, length: 3, slide: %d}]\n"
                .formatted(one, 1 + random.nextInt(3)));
      }
      case 4 -> {
        yaml.append("    snapshot: {policy: SlidingWindow, correlate: none}\n");
        yaml.append(
            "    inputs: [{name: in, link: %s, length: 4, slide: 2%s}]\n"
                .formatted(entries.get(random.nextInt(2)), filter(random)));
      }
      default ->
          yaml.append("    inputs: [{name: in, link: %s%s}]\n".formatted(one, filter(random)));
    }
    yaml.append("    function: {app: test}\n");
    yaml.append(
        "    delivery: {attempts: %d, order: %s, backoff: {delay: 10ms}%s%s}\n"
            .formatted(
                1 + random.nextInt(3),
                random.nextInt(4) == 0 ? "ordered" : "key",
                random.nextInt(3) == 0 ? ", deduplicate: 1h" : "",
                random.nextInt(4) == 0 ? ", maxHops: 1" : ""));
    return false;
  }

  private static String filter(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> ", filters: [{not: {exact: {type: t%d}}}]".formatted(random.nextInt(3));
      case 1 -> ", filters: [{sql: \"type <> 't%d'\"}]".formatted(random.nextInt(3));
      case 2 -> ", filters: [{prefix: {type: t}}]";
      default -> "";
    };
  }

  private static void events(List<Sent> events, List<String> entries, Random random) {
    List<Sent> own = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      if (!own.isEmpty() && random.nextInt(8) == 0) {
        own.add(own.get(random.nextInt(own.size()))); // the sender got no answer
        continue;
      }
      String link = entries.get(random.nextInt(2));
      String data = link + "." + i;
      own.add(
          new Sent(
              link,
              "k" + random.nextInt(4),
              data,
              "t" + random.nextInt(3),
              random.nextInt(12) == 0,
              data));
    }
    events.addAll(own);
  }

  // --- functions -------------------------------------------------------------------------------

  /** What every function does: it depends on the texts it is given and on the attempt alone. */
  private static FunctionProtocol.Answer answer(String task, String given, int attempt) {
    int hash = (task + "|" + given).hashCode() & 0x7fffffff;
    int mood = hash / 7 % 10;
    if (mood == 0) {
      return text(422, "refused");
    }
    if (mood == 1 || mood == 2 && attempt == 1) {
      return text(500, "failed");
    }
    if (mood == 3) {
      return text(204, "");
    }
    String result = "%s#%08x".formatted(task, hash);
    Map<String, String> headers = new TreeMap<>();
    headers.put("ce-id", result);
    headers.put("ce-source", "/test");
    headers.put("ce-specversion", "1.0");
    headers.put("ce-type", "t" + hash % 3);
    headers.put("content-type", "text/plain");
    return new FunctionProtocol.Answer(200, headers, result.getBytes(StandardCharsets.UTF_8));
  }

  private static FunctionProtocol.Answer text(int status, String text) {
    return new FunctionProtocol.Answer(
        status, Map.of("content-type", "text/plain"), text.getBytes(StandardCharsets.UTF_8));
  }

  /** The texts a function is given, by input. */
  private static String given(boolean snapshot, String body) {
    if (!snapshot) {
      return body;
    }
    try {
      List<String> texts = new ArrayList<>();
      for (JsonNode event : Json.MAPPER.readTree(body)) {
        texts.add(
            event.path("koaljainput").asText() + event.path("koaljaindex") + "=" + data(event));
      }
      return String.join(" ", texts);
    } catch (IOException e) {
      throw new IllegalStateException("no snapshot: " + body, e);
    }
  }

  private static String data(JsonNode event) {
    return new String(
        Base64.getDecoder().decode(event.path("data_base64").asText()), StandardCharsets.UTF_8);
  }

  // --- in memory -------------------------------------------------------------------------------

  private static Result inMemory(Definition definition, Script script) {
    FunctionCaller functions = attempt -> call(definition, attempt);
    MemoryRouter router = new MemoryRouter(definition.pipeline(), functions, Instant.now());
    for (Sent sent : script.events()) {
      router.send(new LinkName(sent.link()), event(sent));
    }
    router.advance(Duration.ofMinutes(1));
    List<String> waiting =
        definition.pipeline().tasks().stream()
            .filter(task -> task.snapshot().isPresent())
            .flatMap(
                task ->
                    router.waiting(task.name().value()).stream()
                        .map(each -> task.name() + " " + each.key() + " " + counts(each)))
            .sorted()
            .toList();
    return result(definition, router::read, router.journal(), waiting);
  }

  private static InvocationOutcome call(Definition definition, FunctionCaller.Attempt attempt) {
    Task task = definition.pipeline().task(attempt.task()).orElseThrow();
    String body = new String(attempt.event().getData().toBytes(), StandardCharsets.UTF_8);
    return FunctionProtocol.outcome(
        answer(attempt.task(), given(task.snapshot().isPresent(), body), attempt.number()),
        ResultLimits.DEFAULT);
  }

  private static CloudEvent event(Sent sent) {
    CloudEventBuilder event =
        CloudEventBuilder.v1()
            .withId(sent.id())
            .withSource(URI.create("/sender"))
            .withType(sent.type())
            .withExtension(KoaljaExtensions.PARTITION_KEY, sent.key())
            .withData("text/plain", sent.data().getBytes(StandardCharsets.UTF_8));
    if (sent.expired()) {
      event.withExtension(KoaljaExtensions.EXPIRY_TIME, "2020-01-01T00:00:00Z");
    }
    return event.build();
  }

  // --- on a broker -----------------------------------------------------------------------------

  private static Result onBroker(Definition definition, Script script, Result wanted) {
    String name = definition.pipeline().name().value();
    for (String task : script.functions()) {
      boolean snapshot = definition.pipeline().task(task).orElseThrow().snapshot().isPresent();
      board.function(
          name,
          task,
          (exchange, body) -> {
            int attempt = Integer.parseInt(exchange.getRequestHeaders().getFirst("Koalja-Attempt"));
            send(exchange, answer(task, given(snapshot, body), attempt));
          });
    }
    try (EventRouter router = board.router(name)) {
      router.apply(definition);
      for (Sent sent : script.events()) {
        Map<String, String> attributes = new TreeMap<>();
        attributes.put("id", sent.id());
        attributes.put("type", sent.type());
        if (sent.expired()) {
          attributes.put("expirytime", "2020-01-01T00:00:00Z");
        }
        board.send(name, sent.link(), sent.key(), sent.data(), attributes);
      }
      await()
          .atMost(LIMIT)
          .until(
              () ->
                  board.read(TopicName.journal(definition.pipeline().name())).size()
                          >= wanted.journal().size()
                      && router.readers().stream()
                          .allMatch(each -> each.lag() == 0 && each.buffered() == 0));
      List<String> waiting =
          router.waiting(Optional.empty(), Integer.MAX_VALUE).stream()
              .map(
                  each ->
                      each.assembly().task().name()
                          + " "
                          + each.waiting().key()
                          + " "
                          + counts(each.waiting()))
              .sorted()
              .toList();
      return result(definition, board::read, board.journal(name), waiting);
    }
  }

  private static void send(HttpExchange exchange, FunctionProtocol.Answer answer)
      throws IOException {
    answer.headers().forEach((name, value) -> exchange.getResponseHeaders().add(name, value));
    boolean none = answer.body().length == 0;
    exchange.sendResponseHeaders(answer.status(), none ? -1 : answer.body().length);
    if (!none) {
      exchange.getResponseBody().write(answer.body());
    }
  }

  // --- what is compared ------------------------------------------------------------------------

  private static String counts(dev.koalja.router.snapshot.Waiting waiting) {
    return waiting.inputs().stream()
            .map(input -> input.input() + "=" + input.have() + "/" + input.of())
            .collect(Collectors.joining(","))
        + " misses "
        + waiting.missing();
  }

  private static Result result(
      Definition definition,
      Function<String, List<ConsumerRecord<byte[], byte[]>>> topics,
      List<InvocationRecord> journal,
      List<String> waiting) {
    Map<String, Map<String, List<String>>> links = new TreeMap<>();
    definition
        .pipeline()
        .links()
        .forEach(
            link -> {
              Map<String, List<String>> byKey = new TreeMap<>();
              for (var record :
                  topics.apply(TopicName.link(definition.pipeline().name(), link.name()))) {
                byKey
                    .computeIfAbsent(
                        record.key() == null ? "" : text(record.key()), _ -> new ArrayList<>())
                    .add(text(record.value()) + " " + headers(record));
              }
              // without a key any partition will do, and any order
              byKey.getOrDefault("", new ArrayList<>()).sort(Comparator.naturalOrder());
              links.put(link.name().value(), byKey);
            });
    List<String> letters = new ArrayList<>();
    for (Reader reader : definition.pipeline().readers()) {
      for (var record : topics.apply(TopicName.deadLetter(reader))) {
        letters.add(
            reader
                + " "
                + (reader.readsLink() ? text(record.value()) : given(true, text(record.value())))
                + " "
                + headers(record));
      }
    }
    return new Result(
        links,
        letters.stream().sorted().toList(),
        journal.stream().map(MemoryRouterIT::line).sorted().toList(),
        waiting);
  }

  /** The attributes, but for those that depend on time or place. */
  private static String headers(ConsumerRecord<byte[], byte[]> record) {
    return StreamSupport.stream(record.headers().spliterator(), false)
        .filter(
            header ->
                List.of("ce_type", "ce_koaljahops", "ce_knativeerrorcode", "ce_koaljacause")
                    .contains(header.key()))
        .map(header -> header.key() + "=" + text(header.value()))
        .sorted()
        .toList()
        .toString();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String line(InvocationRecord record) {
    return "%s %s %s inputs %s attempts %s outputs %s"
        .formatted(
            record.task(),
            record.outcome(),
            record.error().map(InvocationRecord.Failure::code).orElse("-"),
            record.inputs().stream().map(input -> input.input() + ":" + input.id()).toList(),
            record.attempts().stream()
                .map(each -> each.error().map(InvocationRecord.Failure::code).orElse("ok"))
                .toList(),
            record.outputs().stream().map(output -> output.link() + ":" + output.type()).toList());
  }
}
