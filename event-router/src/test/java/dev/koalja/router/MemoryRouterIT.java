package dev.koalja.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.SoftAssertions.assertSoftly;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Order;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.router.dispatch.FunctionCaller;
import dev.koalja.router.dispatch.FunctionProtocol;
import dev.koalja.router.dispatch.FunctionProtocol.ResultLimits;
import dev.koalja.router.dispatch.InvocationOutcome;
import dev.koalja.router.link.ReaderStatus;
import dev.koalja.router.memory.MemoryRouter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.core.ConditionTimeoutException;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random circuits and events, in memory and on a real broker: the same must be on every link by key
 * in the same order, the same dead letters, the same journal, the same waiting snapshots; also
 * after times are over and dead letters were sent back.
 */
class MemoryRouterIT {
  private static final Logger LOG = Logger.getLogger(MemoryRouterIT.class);

  /** They share a broker, a router and a pipeline, so that all these wait for each other once. */
  private static final int SIDE_BY_SIDE = 50;

  /** All in a full build, else a sample; {@code koalja.circuits} and {@code koalja.seed} choose. */
  private static final int CIRCUITS =
      Integer.getInteger(
          "koalja.circuits", "full".equals(System.getProperty("koalja.depth")) ? 500 : 40);

  private static final Duration LIMIT = Duration.ofSeconds(240);

  /** Retries and batches that wait for more are over then. */
  private static final Duration A_WHILE = Duration.ofMinutes(1);

  /** Snapshots are given up then. */
  private static final Duration TOO_LONG = Duration.ofMinutes(31);

  /** A result of each of the circuits, and how many inputs the journal held after each act. */
  private record Run(Map<RandomCircuit, SortedMap<String, List<String>>> results, Acts acts) {}

  private record Acts(int sent, int over, int sentBack) {}

  @Test
  void shouldDoAsTheRealRouterDoes(@TempDir Path folder) throws Exception {
    long seed = Long.getLong("koalja.seed", 0);
    Set<String> seen = new TreeSet<>();
    for (int from = 0; from < CIRCUITS; from += SIDE_BY_SIDE) {
      int count = Math.min(SIDE_BY_SIDE, CIRCUITS - from);
      List<RandomCircuit> circuits =
          LongStream.range(seed + from, seed + from + count).mapToObj(RandomCircuit::of).toList();
      // thousands of topics are no help to the next ones: each has a broker of its own
      try (Breadboard board = new Breadboard(folder.resolve("from" + from))) {
        long begin = System.nanoTime();
        Definition definition = board.define(RandomCircuit.pipeline("same" + from, circuits), 2);
        Run memory = inMemory(definition, circuits, seen);
        Run real = new RealRun(board, definition, circuits).run(memory.acts());
        assertSoftly(
            softly ->
                memory
                    .results()
                    .forEach(
                        (circuit, result) ->
                            softly
                                .assertThat(
                                    CircuitResult.differences(result, real.results().get(circuit)))
                                .as("circuit %d%n%s", circuit.seed(), circuit.tasks())
                                .isEmpty()));
        LOG.infof(
            "circuits %d to %d: %d inputs are the same, after %d s",
            seed + from,
            seed + from + count - 1,
            memory.acts().sentBack(),
            Duration.ofNanos(System.nanoTime() - begin).toSeconds());
      }
    }
    // circuits that do nothing would be the same too
    assertThat(seen)
        .contains("SUCCEEDED", "batch", "state", "waiting", "bad-reply", "duplicate")
        .contains("event-expired", "filtered", "function-failed", "function-refused")
        .contains("snapshot-expired", "too-many-hops", "uncorrelated", "unknown-output")
        .contains("unreadable-record");
  }

  // --- in memory -------------------------------------------------------------------------------

  private static Run inMemory(
      Definition definition, List<RandomCircuit> circuits, Set<String> seen) {
    Pipeline pipeline = definition.pipeline();
    MemoryRouter router =
        new MemoryRouter(pipeline, attempt -> call(pipeline, attempt), Instant.now());
    sent(circuits, pipeline).forEach(router::send);
    router.advance(A_WHILE);
    int sent = inputs(router.journal());
    router.advance(TOO_LONG);
    int over = inputs(router.journal());
    back(pipeline, router::read).forEach(router::send);
    router.advance(A_WHILE);
    List<String> waiting = new ArrayList<>();
    for (Task task : pipeline.tasks()) {
      String name = task.name().value();
      router.waiting(name).forEach(each -> waiting.add(CircuitResult.waiting(name, each)));
      if (task.snapshot().isPresent()
          && !router.read(TopicName.keyedState(pipeline.name(), task.name())).isEmpty()) {
        seen.add("state");
      }
    }
    for (InvocationRecord each : router.journal()) {
      seen.add(each.error().map(InvocationRecord.Failure::code).orElse(each.outcome().name()));
      if (each.inputs().size() > 1
          && pipeline.task(each.task()).orElseThrow().delivery().batch().isPresent()) {
        seen.add("batch");
      }
    }
    if (!waiting.isEmpty()) {
      seen.add("waiting");
    }
    return new Run(
        results(circuits, pipeline, router::read, router.journal(), waiting),
        new Acts(sent, over, inputs(router.journal())));
  }

  private static InvocationOutcome call(Pipeline pipeline, FunctionCaller.Attempt attempt) {
    return FunctionProtocol.outcome(
        new RandomFunction(pipeline.task(attempt.task()).orElseThrow())
            .answer(
                new String(attempt.event().getData().toBytes(), StandardCharsets.UTF_8),
                attempt.number()),
        ResultLimits.DEFAULT);
  }

  /**
   * Not how many invocations: who fails with whom in a batch, and is halved, is a matter of time.
   */
  private static int inputs(List<InvocationRecord> journal) {
    return journal.stream().mapToInt(each -> each.inputs().size()).sum();
  }

  // --- both ------------------------------------------------------------------------------------

  private static List<ProducerRecord<byte[], byte[]>> sent(
      List<RandomCircuit> circuits, Pipeline pipeline) {
    return circuits.stream()
        .flatMap(circuit -> circuit.events().stream())
        .map(event -> event.record(pipeline.name()))
        .toList();
  }

  /**
   * The dead letters of one reader of each circuit once more, those of a key in their order. Those
   * of several would meet, whoever is faster.
   */
  private static List<ProducerRecord<byte[], byte[]>> back(
      Pipeline pipeline, Function<String, List<ConsumerRecord<byte[], byte[]>>> topics) {
    List<ProducerRecord<byte[], byte[]>> back = new ArrayList<>();
    Set<String> done = new TreeSet<>();
    for (Reader reader : pipeline.readers()) {
      Comparator<ConsumerRecord<byte[], byte[]>> order = Comparator.comparing(each -> key(each));
      Comparator<ConsumerRecord<byte[], byte[]>> any = Comparator.comparing(each -> value(each));
      if (reader.task().delivery().order() == Order.UNORDERED) {
        order = order.thenComparing(any);
      } else if (reader.readsLink()) {
        // those without a key overtake each other
        order = order.thenComparing((a, b) -> key(a).isEmpty() ? any.compare(a, b) : 0);
      }
      String task = reader.task().name().value();
      List<ConsumerRecord<byte[], byte[]>> letters = topics.apply(TopicName.deadLetter(reader));
      if (!letters.isEmpty() && done.add(task.substring(0, task.indexOf('-')))) {
        letters.stream().sorted(order).map(letter -> back(reader, letter)).forEach(back::add);
      }
    }
    return back;
  }

  private static ProducerRecord<byte[], byte[]> back(
      Reader reader, ConsumerRecord<byte[], byte[]> letter) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(TopicName.retry(reader), letter.key(), letter.value());
    letter
        .headers()
        .forEach(
            header -> {
              if (!LETTER.contains(header.key())) {
                record.headers().add(header);
              }
            });
    return record;
  }

  /** What a dead letter has and its event had not. */
  private static final Set<String> LETTER =
      Set.of(
          "ce_knativeerrordest",
          "ce_knativeerrorcode",
          "ce_knativeerrordata",
          "ce_koaljainvocation",
          "ce_koaljaattempts",
          "ce_koaljacause");

  private static String key(ConsumerRecord<byte[], byte[]> record) {
    return record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
  }

  private static String value(ConsumerRecord<byte[], byte[]> record) {
    return new String(record.value(), StandardCharsets.UTF_8);
  }

  private static Map<RandomCircuit, SortedMap<String, List<String>>> results(
      List<RandomCircuit> circuits,
      Pipeline pipeline,
      Function<String, List<ConsumerRecord<byte[], byte[]>>> topics,
      List<InvocationRecord> journal,
      List<String> waiting) {
    Map<RandomCircuit, SortedMap<String, List<String>>> results = new LinkedHashMap<>();
    for (RandomCircuit circuit : circuits) {
      results.put(circuit, CircuitResult.of(circuit, pipeline, topics, journal, waiting));
    }
    return results;
  }

  // --- on a broker -----------------------------------------------------------------------------

  /** Does the same with broker, router and functions over HTTP. */
  private static final class RealRun {
    private final Breadboard board;
    private final Definition definition;
    private final Pipeline pipeline;
    private final List<RandomCircuit> circuits;
    private volatile Duration ahead = Duration.ZERO;
    private int journal;

    RealRun(Breadboard board, Definition definition, List<RandomCircuit> circuits) {
      this.board = board;
      this.definition = definition;
      this.pipeline = definition.pipeline();
      this.circuits = circuits;
    }

    Run run(Acts wanted) {
      for (Task task : pipeline.tasks()) {
        if (!(task.kind() instanceof TaskKind.Filter)) {
          RandomFunction function = new RandomFunction(task);
          board.function(
              pipeline.name().value(),
              task.name().value(),
              (exchange, body) -> answer(exchange, function, body));
        }
      }
      // all is there when the router comes, so that batches do not depend on how fast it comes
      board.appendAll(sent(circuits, pipeline));
      try (ManyTopics topics = new ManyTopics(board.broker.bootstrapServers());
          ManyTopics journals = new ManyTopics(board.broker.bootstrapServers());
          EventRouter router = board.router("same", () -> Instant.now().plus(ahead))) {
        journals.follow(TopicName.journal(pipeline.name()));
        router.apply(definition);
        int sent = quiet(router, journals, wanted.sent());
        ahead = TOO_LONG;
        int over = quiet(router, journals, wanted.over());
        // what waits again has waited no time
        ahead = Duration.ZERO;
        var letters = topics.read(pipeline.readers().stream().map(TopicName::deadLetter).toList());
        board.appendAll(back(pipeline, topic -> letters.getOrDefault(topic, List.of())));
        int sentBack = quiet(router, journals, wanted.sentBack());
        List<String> waiting =
            router.waiting(Optional.empty(), Integer.MAX_VALUE).stream()
                .map(
                    each ->
                        CircuitResult.waiting(
                            each.assembly().task().name().value(), each.waiting()))
                .toList();
        var standing = topics.read(topics());
        return new Run(
            results(
                circuits,
                pipeline,
                topic -> standing.getOrDefault(topic, List.of()),
                standing.getOrDefault(TopicName.journal(pipeline.name()), List.of()).stream()
                    .map(RealRun::invocation)
                    .toList(),
                waiting),
            new Acts(sent, over, sentBack));
      }
    }

    private List<String> topics() {
      List<String> topics = new ArrayList<>();
      pipeline.links().forEach(link -> topics.add(TopicName.link(pipeline.name(), link.name())));
      for (Reader reader : pipeline.readers()) {
        topics.add(TopicName.deadLetter(reader));
        topics.add(TopicName.quarantine(reader));
      }
      topics.add(TopicName.journal(pipeline.name()));
      return topics;
    }

    /**
     * Waits until all is done that is to be done. What is not done when it is over is said, and
     * left to the comparison, which says what is missing.
     */
    private int quiet(EventRouter router, ManyTopics journals, int wanted) {
      try {
        await()
            .atMost(LIMIT)
            .pollInterval(Duration.ofMillis(200))
            .until(
                () -> {
                  for (var record : journals.more()) {
                    journal += invocation(record).inputs().size();
                  }
                  return journal >= wanted
                      && router.readers().stream().allMatch(RealRun::hasNothingToDo);
                });
      } catch (ConditionTimeoutException e) {
        LOG.errorf(
            "%d of %d inputs, readers with something to do: %s",
            journal,
            wanted,
            router.readers().stream().filter(each -> !hasNothingToDo(each)).toList());
      }
      return journal;
    }

    private static boolean hasNothingToDo(ReaderStatus reader) {
      return reader.lag() == 0 && reader.buffered() == 0;
    }

    private static InvocationRecord invocation(ConsumerRecord<byte[], byte[]> record) {
      try {
        return Json.MAPPER.readValue(record.value(), InvocationRecord.class);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    private static void answer(HttpExchange exchange, RandomFunction function, String body)
        throws IOException {
      int attempt = Integer.parseInt(exchange.getRequestHeaders().getFirst("Koalja-Attempt"));
      FunctionProtocol.Answer answer = function.answer(body, attempt);
      new TreeMap<>(answer.headers())
          .forEach((name, value) -> exchange.getResponseHeaders().add(name, value));
      boolean none = answer.body().length == 0;
      exchange.sendResponseHeaders(answer.status(), none ? -1 : answer.body().length);
      if (!none) {
        exchange.getResponseBody().write(answer.body());
      }
    }
  }
}
