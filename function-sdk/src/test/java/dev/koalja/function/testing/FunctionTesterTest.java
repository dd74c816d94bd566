package dev.koalja.function.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.function.Event;
import dev.koalja.function.Function;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.Input;
import dev.koalja.function.Key;
import dev.koalja.function.KeyedState;
import dev.koalja.function.Output;
import dev.koalja.function.TerminalException;
import dev.koalja.function.codec.UnreadableDataException;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FunctionTesterTest {
  record Order(String id, List<String> skus) {}

  record Line(@Key String order, String sku) {}

  record Sorted(
      @Key String order,
      @Output("line") List<Line> lines,
      @Output("count") Optional<Integer> count) {}

  static class Orders {
    @Function
    @Output("line")
    List<Line> takeApart(@Input("order") Order order) {
      return order.skus().stream().map(sku -> new Line(order.id(), sku)).toList();
    }

    @Function(name = "sort")
    Sorted sortIt(@Input("order") Order order) {
      return new Sorted(
          order.id() + "!", takeApart(order), Optional.of(order.skus().size()).filter(n -> n > 0));
    }

    @Function
    @Output("seen")
    String look(FunctionContext context, @Input("order") CloudEvent event) {
      return context.event().getSubject()
          + " "
          + FunctionContext.current().task()
          + " "
          + event.getId();
    }

    @Function
    void refuse(@Input("order") byte[] data) {
      throw new TerminalException("no " + data.length + " bytes");
    }
  }

  /** Events with attributes, streams, and what comes later. */
  static class More {
    @Function
    @Output("priced")
    Event<Line> price(@Input("order") Event<Order> order) {
      return order.with(new Line(order.data().id(), order.type())).subject("s");
    }

    @Function
    @Output("size")
    CompletionStage<Integer> measure(@Input("file") InputStream file) throws IOException {
      int size = file.readAllBytes().length;
      return CompletableFuture.supplyAsync(() -> size);
    }

    @Function
    CompletableFuture<Sorted> sortLater(@Input("order") Order order) {
      return CompletableFuture.supplyAsync(() -> new Orders().sortIt(order));
    }

    @Function
    CompletableFuture<Void> refuseLater(@Input("order") Order order) {
      return CompletableFuture.failedFuture(new TerminalException("no " + order.id()));
    }
  }

  @Test
  void callsWithEventsAndStreamsAndWaitsForWhatComesLater() throws Exception {
    FunctionTester more = FunctionTester.of(new More());
    Order order = new Order("o", List.of("A"));

    Result priced = more.call("price", order).only();
    assertThat(priced.as(Line.class)).isEqualTo(new Line("o", "test"));
    assertThat(priced.key()).contains("o");
    assertThat(((Event<?>) priced.value()).subject()).contains("s");
    assertThat(more.call("measure", new byte[] {1, 2, 3}).only().as(Integer.class)).isEqualTo(3);
    assertThat(more.call("sort-later", order).on("line")).hasSize(1);
    assertThatThrownBy(() -> more.call("refuse-later", order))
        .isExactlyInstanceOf(TerminalException.class)
        .hasMessage("no o");
  }

  static class Joins {
    @Function
    @Output("sale")
    Line sell(
        @Input("order") Order boughtGoods,
        FunctionContext context,
        @Input("line") Optional<Line> line,
        @Input("note") @Nullable String note) {
      return new Line(
          boughtGoods.id() + context.events().size(), line.map(Line::sku).orElse("none") + note);
    }

    @Function
    @Output("count")
    int count(@Input(value = "line", length = 3) List<? extends Line> last) {
      return last.size();
    }
  }

  static class Counter {
    @Function
    @Output("total")
    int add(KeyedState<Integer> total, @Input("amount") int amount) {
      total.set(total.get().orElse(0) + amount);
      return total.get().orElseThrow();
    }
  }

  static class Batches {
    @Function(batch = 3)
    @Output("line")
    Stream<Line> store(@Input("order") List<Order> orders, FunctionContext context) {
      return IntStream.range(0, orders.size())
          .boxed()
          .flatMap(
              index -> {
                Order order = orders.get(index);
                if (order.skus().isEmpty()) {
                  context.fail(index, new TerminalException("nothing in " + order.id()));
                }
                return order.skus().stream().map(sku -> new Line(order.id(), sku));
              });
    }
  }

  private final FunctionTester batches = FunctionTester.of(new Batches());
  private final FunctionTester joins = FunctionTester.of(new Joins());
  private final FunctionTester orders = FunctionTester.of(new Orders());

  @Test
  void givesEveryResultWithItsLinkAndKey() throws Exception {
    Results lines = orders.call("take-apart", new Order("o-1", List.of("A", "B")));

    assertThat(lines.all()).hasSize(2);
    assertThat(lines.on("line").getLast().as(Line.class)).isEqualTo(new Line("o-1", "B"));
    assertThat(lines.on("line").getLast().key()).contains("o-1");
    assertThat(lines.on("line").getFirst().json().get("sku").asText()).isEqualTo("A");
    assertThatThrownBy(lines::only).isInstanceOf(AssertionError.class);
  }

  @Test
  void readsSeveralOutputsOfARecord() throws Exception {
    Results sorted = orders.call("sort", "{\"id\":\"o-1\",\"skus\":[\"A\"]}");

    assertThat(sorted.all().stream().map(Result::output)).containsExactly("lines", "count");
    assertThat(sorted.on("line").getFirst().key()).contains("o-1");
    assertThat(sorted.on("count").getFirst().key()).contains("o-1!");
    assertThat(sorted.on("count").getFirst().as(Integer.class)).isEqualTo(1);
    assertThat(orders.call("sort", "{\"id\":\"o-1\",\"skus\":[]}").isEmpty()).isTrue();
  }

  @Test
  void handsOverEventAndContext() throws Exception {
    CloudEvent event =
        CloudEventBuilder.v1()
            .withId("7")
            .withSource(URI.create("/s"))
            .withType("t")
            .withSubject("subject")
            .build();

    assertThat(orders.call("look", event).only().as(String.class)).isEqualTo("subject look 7");
    assertThatThrownBy(FunctionContext::current)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("no function is running on this thread");
  }

  @Test
  void throwsWhatTheFunctionThrows() {
    assertThatThrownBy(() -> orders.call("refuse", new byte[3]))
        .isInstanceOf(TerminalException.class)
        .hasMessage("no 3 bytes");
  }

  @Test
  void failsWhereTheLinkWould() {
    assertThatThrownBy(() -> orders.call("take-apart", "{\"id\":{}}"))
        .isInstanceOf(UnreadableDataException.class);
  }

  @Test
  void saysWhichFunctionsThereAre() {
    assertThatThrownBy(() -> orders.call("sortIt", "{}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has no function \"sortIt\", only [")
        .hasMessageContaining("take-apart");
  }

  @Test
  void joinsSeveralInputs() throws Exception {
    FunctionTester order = joins.with("bought-goods", "{\"id\":\"o\"}");

    assertThat(order.with("line", new Line("o", "A")).with("note", "!").call("sell").only().value())
        .isEqualTo(new Line("o3", "A!"));
    assertThat(order.call("sell").only().value()).isEqualTo(new Line("o1", "nonenull"));
  }

  @Test
  void collectsManyEvents() throws Exception {
    Line line = new Line("o", "A");

    assertThat(joins.with("last", line, "{}", line).call("count").only().value()).isEqualTo(3);
    assertThat(joins.call("count", List.of(line, line)).only().value()).isEqualTo(2);
    assertThat(joins.call("count", line).only().value()).isEqualTo(1);
  }

  @Test
  void handsOverBatchesOfWhichEventsFail() throws Exception {
    Order full = new Order("o-1", List.of("A"));
    Order empty = new Order("o-2", List.of());

    Results stored = batches.call("store", List.of(full, empty, full));

    assertThat(stored.on("line")).hasSize(2);
    assertThat(stored.failures()).containsOnlyKeys(1);
    assertThat(stored.failures().get(1))
        .isInstanceOf(TerminalException.class)
        .hasMessage("nothing in o-2");
    assertThat(batches.with("orders", full).call("store").failures()).isEmpty();
    assertThatThrownBy(() -> batches.call("store", List.of(full, full, full, full)))
        .hasMessage("store takes 3 events in a batch, not 4");
  }

  @Test
  void saysWhatWasGivenWrongly() {
    assertThatThrownBy(() -> joins.with("line", "{}").call("sell"))
        .hasMessage("input bought-goods has no event: give it one, with(\"bought-goods\", …)");
    assertThatThrownBy(() -> joins.with("lines", "{}").call("sell"))
        .hasMessage("sell has no input \"lines\", only [bought-goods, line, note]");
    assertThatThrownBy(() -> joins.with("bought-goods", "{}", "{}").call("sell"))
        .hasMessage("input bought-goods takes one event, not 2");
    assertThatThrownBy(() -> joins.call("sell", "{}"))
        .hasMessage(
            "sell reads bought-goods, line, note: give each its events, with(\"bought-goods\", …).call(\"sell\")");
    assertThatThrownBy(() -> joins.call("count", List.of()))
        .hasMessageStartingWith("no event was given");
  }

  @Test
  void remembers() throws Exception {
    FunctionTester counter = FunctionTester.of(new Counter());
    KeyedState<Integer> total = KeyedState.of(40);

    assertThat(counter.with(total).call("add", 2).only().value()).isEqualTo(42);
    assertThat(total.get()).contains(42);
    assertThat(total.isChanged()).isTrue();
    assertThat(counter.call("add", 2).only().value()).isEqualTo(2);
  }
}
