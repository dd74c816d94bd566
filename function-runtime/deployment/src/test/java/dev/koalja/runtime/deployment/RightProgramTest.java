package dev.koalja.runtime.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.ObjectStore;
import dev.koalja.runtime.registry.FunctionInvoker;
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
  private static final FunctionScan SCAN = scan();
  private static final CloudEvent EVENT =
      CloudEventBuilder.v1().withId("1").withSource(URI.create("/s")).withType("t").build();
  private static final FunctionContext CONTEXT =
      new FunctionContext(
          "copy", "i", 1, Optional.empty(), Optional.empty(), EVENT, ObjectStore.none());

  private static FunctionScan scan() {
    try {
      return FunctionScan.of(
          Index.of(Right.Shop.class, Right.Purchase.class, Right.Line.class, Right.Sorted.class));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void becomesAPipelineFileInTheOrderOfTheCode() {
    InferredPipeline inferred = InferredPipeline.of("shop", SCAN, Optional.empty());

    assertThat(inferred.problems()).isEmpty();
    assertThat(inferred.yaml())
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

    Object sorted = sort.call(shop, new Right.Purchase("p", 5), CONTEXT);

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

    Object copies = invoker("copy").call(shop, new Right.Purchase("p", 5), CONTEXT);

    assertThat(((Stream<?>) copies).toList())
        .isEqualTo(List.of(new Right.Purchase("p", 5), new Right.Purchase("copy", 0)));
    assertThat(invoker("copy").key(new Right.Purchase(null, 5), 0)).isNull();
    assertThat(invoker("push").call(shop, EVENT, CONTEXT)).isSameAs(EVENT);
    assertThat(invoker("drop").call(shop, new byte[0], CONTEXT)).isNull();
    assertThat(invoker("count").call(shop, JsonNodeFactory.instance.objectNode(), CONTEXT))
        .isEqualTo(0);
    assertThat(invoker("twice").call(shop, 21, CONTEXT)).isEqualTo(42L);
    assertThatThrownBy(() -> invoker("names").call(shop, Map.of(), CONTEXT))
        .isExactlyInstanceOf(Exception.class)
        .hasMessage("names of 0");
  }

  @Test
  void typesHaveTheNamesJacksonReads() {
    assertThat(SCAN.functions().stream().map(each -> JavaNames.jackson(each.input().type())))
        .containsExactly(
            "dev.koalja.runtime.deployment.Right$Purchase",
            "dev.koalja.runtime.deployment.Right$Purchase",
            "io.cloudevents.CloudEvent",
            "com.fasterxml.jackson.databind.JsonNode",
            "java.lang.Integer",
            "byte[]",
            "java.util.Map<java.lang.String,java.util.List<java.lang.Integer>>");
  }

  private static FunctionInvoker invoker(String task) throws Exception {
    FunctionMethod function =
        SCAN.functions().stream()
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
