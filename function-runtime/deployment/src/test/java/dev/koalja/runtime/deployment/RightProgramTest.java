package dev.koalja.runtime.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.koalja.function.BatchFailures;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.KeyedState;
import dev.koalja.function.ObjectStore;
import dev.koalja.pipeline.TaskName;
import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.runtime.registry.FunctionDescriptor.Takes;
import dev.koalja.runtime.registry.FunctionInvoker;
import dev.koalja.runtime.registry.InputDescriptor.Shape;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.lang.invoke.MethodHandles;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jboss.jandex.Index;
import org.junit.jupiter.api.Test;

/** What becomes of a program that is right: its pipeline file and its invokers. */
class RightProgramTest {
  private static final FunctionScan SCAN =
      scan(Right.Shop.class, Right.Purchase.class, Right.Line.class, Right.Sorted.class);
  private static final FunctionScan JOINS =
      scan(Right.Joins.class, Right.Purchase.class, Right.Line.class);
  private static final FunctionScan BATCHES = scan(Right.Batches.class, Right.Purchase.class);
  private static final CloudEvent EVENT =
      CloudEventBuilder.v1().withId("1").withSource(URI.create("/s")).withType("t").build();
  private static final FunctionContext CONTEXT =
      new FunctionContext(
          "copy", "i", 1, Optional.empty(), Optional.empty(), List.of(EVENT), ObjectStore.none());

  private static FunctionScan scan(Class<?>... classes) {
    try {
      return FunctionScan.of(Index.of(classes));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** They have a test of their own. */
  private static String withoutSchemas(String yaml) {
    return yaml.replaceAll("(?m)^ *schema: .*\\R", "");
  }

  @Test
  void becomesAPipelineFileInTheOrderOfTheCode() {
    InferredPipeline inferred = InferredPipeline.of("shop", SCAN, Optional.empty());

    assertThat(inferred.problems()).isEmpty();
    assertThat(withoutSchemas(inferred.yaml()))
        .isEqualTo(
            """
            apiVersion: koalja.dev/v1alpha1
            kind: Pipeline
            metadata:
              name: shop
            spec:
              triggers:
              - name: github
                link: push
                webhook:
                  scheme: github
                  secretRef: github-secret
              - name: open-door
                link: raw
                webhook:
                  scheme: none
              - name: my-photos
                link: uploaded
                bucket:
                  url: s3://my.photos/in/
                  events:
                  - created
                  tokenRef: t
              tasks:
              - name: sort-out
                function:
                  app: shop
                  scale:
                    min: 1
                    max: 2
                    concurrency: 3
                    idle: 30s
                inputs:
                - name: bought-goods
                  link: purchase
                  from: latest
                  type: dev.koalja.runtime.deployment.Right.Purchase
                outputs:
                - name: lines
                  link: line
                  type: dev.koalja.runtime.deployment.Right.Line
                - name: total-amount
                  link: total
                - name: note
                  link: note
                delivery:
                  order: ordered
                  attempts: 2
                  backoff:
                    policy: linear
                    delay: 250ms
                    max: 2s
                  timeout: 10s
                  maxInFlight: 7
              - name: copy
                function:
                  app: shop
                  scale:
                    min: 1
                    max: 2
                    concurrency: 3
                    idle: 30s
                inputs:
                - name: purchase
                  link: purchase
                  type: dev.koalja.runtime.deployment.Right.Purchase
                outputs:
                - name: result
                  link: purchase-copy
                  type: dev.koalja.runtime.deployment.Right.Purchase
              - name: push
                function:
                  app: shop
                  isolated: true
                inputs:
                - name: event
                  link: push
                outputs:
                - name: result
                  link: pushed
              - name: count
                function:
                  app: shop
                  scale:
                    min: 1
                    max: 2
                    concurrency: 3
                    idle: 30s
                inputs:
                - name: line
                  link: line
                outputs:
                - name: result
                  link: count
              - name: twice
                function:
                  app: shop
                  scale:
                    min: 1
                    max: 2
                    concurrency: 3
                    idle: 30s
                inputs:
                - name: count
                  link: count
                  from: '2025-12-31T23:00:00Z'
                outputs:
                - name: result
                  link: doubled
              - name: drop
                function:
                  app: shop
                  scale:
                    min: 1
                    max: 2
                    concurrency: 3
                    idle: 30s
                inputs:
                - name: record
                  link: uploaded
              - name: names
                function:
                  app: shop
                  scale:
                    min: 1
                    max: 2
                    concurrency: 3
                    idle: 30s
                inputs:
                - name: raw
                  link: raw
                outputs:
                - name: result
                  link: names
            """);
  }

  @Test
  void invokersCallTheMethodsAndReadTheComponents() throws Throwable {
    Right.Shop shop = new Right.Shop();
    FunctionInvoker sort = invoker("sort-out");

    Object sorted = sort.call(shop, new Object[] {new Right.Purchase("p", 5)}, CONTEXT);

    assertThat(sort.functions()).isEqualTo(Right.Shop.class);
    assertThat(sort.output(sorted, 0)).isEqualTo(List.of(new Right.Line(7, "A")));
    assertThat(sort.output(sorted, 1)).isEqualTo(5);
    assertThat(sort.output(sorted, 2)).isEqualTo(Optional.empty());
    assertThat(sort.key(new Right.Line(7, "A"), 0)).isEqualTo("7");
    assertThat(sort.key(5, 1)).isNull();
    assertThat(sort.sharedKey(sorted)).isEqualTo("s5");
  }

  @Test
  void invokersPutContextAndInputWhereTheyBelong() throws Throwable {
    Right.Shop shop = new Right.Shop();

    Object copies = invoker("copy").call(shop, new Object[] {new Right.Purchase("p", 5)}, CONTEXT);

    assertThat(((Stream<?>) copies).toList())
        .isEqualTo(List.of(new Right.Purchase("p", 5), new Right.Purchase("copy", 0)));
    assertThat(invoker("copy").key(new Right.Purchase(null, 5), 0)).isNull();
    assertThat(invoker("push").call(shop, new Object[] {EVENT}, CONTEXT)).isSameAs(EVENT);
    assertThat(invoker("drop").call(shop, new Object[] {new byte[0]}, CONTEXT)).isNull();
    assertThat(
            invoker("count")
                .call(shop, new Object[] {JsonNodeFactory.instance.objectNode()}, CONTEXT))
        .isEqualTo(0);
    assertThat(invoker("twice").call(shop, new Object[] {21}, CONTEXT)).isEqualTo(42L);
    assertThatThrownBy(() -> invoker("names").call(shop, new Object[] {Map.of()}, CONTEXT))
        .isExactlyInstanceOf(Exception.class)
        .hasMessage("names of 0");
  }

  @Test
  void typesHaveTheNamesJacksonReads() {
    assertThat(
            SCAN.functions().stream()
                .map(each -> JavaNames.jackson(each.inputs().getFirst().element())))
        .containsExactly(
            "dev.koalja.runtime.deployment.Right$Purchase",
            "dev.koalja.runtime.deployment.Right$Purchase",
            "io.cloudevents.CloudEvent",
            "com.fasterxml.jackson.databind.JsonNode",
            "java.lang.Integer",
            "byte[]",
            "java.util.Map<java.lang.String,java.util.List<java.lang.Integer>>");
  }

  @Test
  void joinsAndWindowsBecomeSnapshots() {
    InferredPipeline inferred = InferredPipeline.of("shop", JOINS, Optional.empty());

    assertThat(inferred.problems()).isEmpty();
    assertThat(inferred.takes())
        .hasSize(7)
        .allSatisfy((_, takes) -> assertThat(takes).isEqualTo(Takes.SNAPSHOT));
    assertThat(withoutSchemas(inferred.yaml()))
        .isEqualTo(
            """
            apiVersion: koalja.dev/v1alpha1
            kind: Pipeline
            metadata:
              name: shop
            spec:
              tasks:
              - name: sell
                function:
                  app: shop
                inputs:
                - name: bought
                  link: purchase
                  type: dev.koalja.runtime.deployment.Right.Purchase
                - name: line
                  link: line
                  type: dev.koalja.runtime.deployment.Right.Line
                outputs:
                - name: result
                  link: sale
                snapshot:
                  policy: AllNew
                  correlate: key
              - name: report
                function:
                  app: shop
                inputs:
                - name: last
                  link: purchase
                  type: dev.koalja.runtime.deployment.Right.Purchase
                  length: 100
                  slide: 10
                outputs:
                - name: result
                  link: report
                snapshot:
                  policy: SlidingWindow
                  correlate: none
              - name: state
                function:
                  app: shop
                inputs:
                - name: bought
                  link: purchase
                  type: dev.koalja.runtime.deployment.Right.Purchase
                  filters:
                  - sql: amount > 3
                  correlate:
                    attribute: subject
                - name: line
                  link: line
                - name: count
                  link: count
                snapshot:
                  policy: SwapNew4Old
                  correlate:
                    pointer: /customer/id
                  timeout:
                    after: 1h
                    then: partial
                  minInterval: 500ms
                  maxWaiting: 50
              - name: hourly
                function:
                  app: shop
                inputs:
                - name: texts
                  link: text
                  from: latest
                - name: texts-2
                  link: note
                  from: latest
                  mergeInto: texts
                - name: texts-3
                  link: total
                  from: latest
                  mergeInto: texts
                - name: raw
                  link: raw
                snapshot:
                  policy: AllNew
                  correlate: key
                  window:
                    size: 1h
                    grace: 5m
              - name: add
                function:
                  app: shop
                inputs:
                - name: total
                  link: total
                outputs:
                - name: result
                  link: sum
                snapshot:
                  policy: AllNew
                  correlate: none
                  minInterval: 1s
              - name: remember
                function:
                  app: shop
                inputs:
                - name: word
                  link: text
                outputs:
                - name: result
                  link: known
                snapshot:
                  policy: AllNew
                  correlate: key
                  keyedState: true
              - name: some
                function:
                  app: shop
                inputs:
                - name: some
                  link: uploaded
                  min: 2
                  max: 5
                  correlate:
                    pointer: /key
                snapshot:
                  policy: AllNew
                  correlate: key
            """);
  }

  @Test
  void batchesAreNoSnapshots() {
    InferredPipeline inferred = InferredPipeline.of("shop", BATCHES, Optional.empty());

    assertThat(inferred.problems()).isEmpty();
    assertThat(inferred.takes())
        .containsOnly(
            Map.entry(new TaskName("store"), Takes.BATCH),
            Map.entry(new TaskName("log"), Takes.BATCH),
            Map.entry(new TaskName("failed"), Takes.ONE));
    assertThat(withoutSchemas(inferred.yaml()))
        .isEqualTo(
            """
            apiVersion: koalja.dev/v1alpha1
            kind: Pipeline
            metadata:
              name: shop
            spec:
              tasks:
              - name: store
                function:
                  app: shop
                inputs:
                - name: orders
                  link: purchase
                  type: dev.koalja.runtime.deployment.Right.Purchase
                outputs:
                - name: result
                  link: stored
                delivery:
                  order: key
                  attempts: 5
                  backoff:
                    policy: exponential
                    delay: 1s
                    max: 5m
                  batch:
                    max: 100
                    linger: 20ms
              - name: log
                function:
                  app: shop
                inputs:
                - name: events
                  link: purchase
                  filters:
                  - sql: amount > 3
                delivery:
                  order: unordered
                  attempts: 5
                  backoff:
                    policy: exponential
                    delay: 1s
                    max: 5m
                  deadline: 1h
                  maxInFlightBytes: 16MiB
                  rate: 100/s
                  deduplicate: 10m
                  maxHops: 8
                  deadLetter: failed
                  batch:
                    max: 2
                    linger: 0s
              - name: failed
                function:
                  app: shop
                inputs:
                - name: event
                  link: failed
            """);
  }

  @Test
  void aHandWrittenFileMayHandOverInBatches() throws Exception {
    String file =
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: shop}
        spec:
          tasks:
          - name: take
            delivery: {batch: {max: 10}}
        """;
    FunctionScan scan = scan(Wrong.Window.class);

    InferredPipeline inferred =
        InferredPipeline.of(
            "shop", scan, Optional.of(new PipelineReader.Source("pipeline.yaml", file)));

    assertThat(inferred.problems()).isEmpty();
    assertThat(inferred.takes()).containsOnly(Map.entry(new TaskName("take"), Takes.BATCH));
  }

  @Test
  void invokersOfBatchesHandOverAList() throws Throwable {
    BatchFailures failures = new BatchFailures(1);
    FunctionContext context =
        new FunctionContext(
            "store",
            "i",
            1,
            Optional.empty(),
            Optional.empty(),
            List.of(EVENT),
            ObjectStore.none(),
            Optional.of(failures));

    assertThat(
            invoker(BATCHES, "store")
                .call(
                    new Right.Batches(),
                    new Object[] {List.of(new Right.Purchase("p", 5))},
                    context))
        .isEqualTo(List.of("p"));
    assertThat(failures.end()).containsOnlyKeys(0);
  }

  @Test
  void invokersOfJoinsPutEachInputWhereItBelongs() throws Throwable {
    Right.Joins joins = new Right.Joins();
    Object[] both = {new Right.Purchase("p", 5), new Right.Line(7, "A")};

    assertThat(invoker(JOINS, "sell").call(joins, both, CONTEXT)).isEqualTo("pA1");
    assertThat(
            invoker(JOINS, "report").call(joins, new Object[] {List.of(both[0], both[0])}, CONTEXT))
        .isEqualTo(10);
    assertThat(
            invoker(JOINS, "state")
                .call(joins, new Object[] {Optional.empty(), null, Optional.of(1)}, CONTEXT))
        .isNull();
    assertThat(invoker(JOINS, "add").call(joins, new Object[] {41L}, CONTEXT)).isEqualTo(42L);
    KeyedState<Object> state = KeyedState.empty();
    assertThat(invoker(JOINS, "remember").call(joins, new Object[] {"a", state}, CONTEXT))
        .isEqualTo(1);
    assertThat(state.get()).contains(Map.of("a", 1));
    assertThat(JOINS.functions().getLast().inputs().getFirst().shape()).isEqualTo(Shape.LIST);
  }

  private static FunctionInvoker invoker(String task) throws Exception {
    return invoker(SCAN, task);
  }

  private static FunctionInvoker invoker(FunctionScan scan, String task) throws Exception {
    FunctionMethod function =
        scan.functions().stream()
            .filter(each -> each.task().value().equals(task))
            .findFirst()
            .orElseThrow();
    AtomicReference<byte[]> bytes = new AtomicReference<>();
    InvokerGenerator.generate(function, (name, code) -> bytes.set(code));
    // a hidden class has the package and loader of its host, as the generated one in an app
    return MethodHandles.lookup()
        .defineHiddenClass(bytes.get(), true)
        .lookupClass()
        .asSubclass(FunctionInvoker.class)
        .getConstructor()
        .newInstance();
  }
}
