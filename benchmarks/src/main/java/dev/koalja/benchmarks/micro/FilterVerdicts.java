package dev.koalja.benchmarks.micro;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.filter.DataCondition;
import dev.koalja.pipeline.filter.Filter;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The verdict on one event; every other one passes. Beside each filter the same by hand. */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH sets it up
public class FilterVerdicts {
  private static final String SQL =
      "type LIKE 'com.example.%' AND (region IN ('eu', 'us') OR subject = 'all')"
          + " AND priority >= 3 AND NOT (source LIKE '%test%')";
  private static final Set<String> REGIONS = Set.of("eu", "us");

  /** The filter. */
  @Param({"exact", "exact by hand", "CESQL", "CESQL by hand", "JSON data", "JSON data by hand"})
  public String filter;

  private Predicate<CloudEvent> predicate;
  private CloudEvent[] events;
  private int next;

  /** Makes the filter and checks that it is right. */
  @Setup(Level.Trial)
  public void make() {
    events = new CloudEvent[] {event("com.example.order", 7), event("com.other.order", 1)};
    predicate =
        switch (filter) {
          case "exact" -> evaluate(new Filter.Exact(Map.of("type", "com.example.order")));
          case "exact by hand" -> event -> event.getType().equals("com.example.order");
          case "CESQL" -> evaluate(new Filter.Sql(SQL));
          case "CESQL by hand" -> FilterVerdicts::sqlByHand;
          case "JSON data" ->
              evaluate(
                  new Filter.Data(
                      "/order/lines/1/quantity",
                      new DataCondition.Compare(
                          DataCondition.Comparison.AT_LEAST, BigDecimal.valueOf(5))));
          default -> FilterVerdicts::dataByHand;
        };
    for (int i = 0; i < 2; i++) {
      if (!predicate.test(events[0]) || predicate.test(events[1])) {
        throw new IllegalStateException(filter + " decides wrongly");
      }
    }
  }

  private static Predicate<CloudEvent> evaluate(Filter filter) {
    return event -> filter.evaluate(event).passed();
  }

  private static boolean sqlByHand(CloudEvent event) {
    return event.getType().startsWith("com.example.")
        && (REGIONS.contains(String.valueOf(event.getExtension("region")))
            || Objects.equals(event.getSubject(), "all"))
        && event.getExtension("priority") instanceof Integer priority
        && priority >= 3
        && !event.getSource().toString().contains("test");
  }

  private static boolean dataByHand(CloudEvent event) {
    try {
      JsonNode root = Json.MAPPER.readTree(Objects.requireNonNull(event.getData()).toBytes());
      return root.path("order").path("lines").path(1).path("quantity").intValue() >= 5;
    } catch (IOException _) {
      return false;
    }
  }

  private static CloudEvent event(String type, int quantity) {
    String line = "{\"article\":\"a-4711\",\"quantity\":%d,\"price\":12.50,\"text\":\"%s\"}";
    String data =
        "{\"order\":{\"id\":\"o-1\",\"customer\":\"c-7\",\"lines\":[%s]}}"
            .formatted(
                String.join(
                    ",",
                    List.of(
                        line.formatted(1, "x".repeat(200)),
                        line.formatted(quantity, "y".repeat(200)),
                        line.formatted(2, "z".repeat(200)))));
    return CloudEventBuilder.v1()
        .withId("1")
        .withSource(URI.create("/shop/orders"))
        .withType(type)
        .withSubject("order-1")
        .withExtension("region", "eu")
        .withExtension("priority", quantity)
        .withData("application/json", data.getBytes(StandardCharsets.UTF_8))
        .build();
  }

  /** The next event's verdict. */
  @Benchmark
  public boolean verdict() {
    next ^= 1;
    return predicate.test(events[next]);
  }
}
