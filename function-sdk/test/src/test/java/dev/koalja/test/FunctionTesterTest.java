package dev.koalja.test;

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
import dev.koalja.pipeline.Snapshot.Then;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import jakarta.validation.constraints.Size;
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
    CompletionStage<Integer> measure(@Input("upload") InputStream file) throws IOException {
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
    assertThat(priced.as(Line.class)).isEqualTo(new Line("o", Order.class.getCanonicalName()));
    assertThat(priced.key()).contains("o");
    assertThat(priced.event().getSubject()).isEqualTo("s");
    assertThat(more.call("measure", new byte[] {1, 2, 3}).only().as(Integer.class)).isEqualTo(3);
    assertThat(more.call("sort-later", order).on("line")).hasSize(1);
    assertThatThrownBy(() -> more.call("refuse-later", order))
        .isExactlyInstanceOf(TerminalException.class)
        .hasMessage("no o");
  }

  static class Joins {
    @Function(giveUpAfter = "1h", then = Then.PARTIAL)
    @Output("sale")
    Line sell(
        @Input("order") @Nullable Order boughtGoods,
        FunctionContext context,
        @Input("line") Optional<Line> line,
        @Input("note") @Nullable String note) {
      return new Line(
          boughtGoods.id() + context.events().size(), line.map(Line::sku).orElse("none") + note);
    }

    @Function
    @Output("pair")
    String pair(@Input("order") Order order, @Input("line") Line line) {
      return order.id() + line.sku();
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

    assertThat(
            order
                .with("line", new Line("o", "A"))
                .with("note", "!")
                .call("sell")
                .only()
                .as(Line.class))
        .isEqualTo(new Line("o3", "A!"));
    assertThat(order.call("sell").only().as(Line.class)).isEqualTo(new Line("o1", "nonenull"));
  }

  @Test
  void collectsManyEvents() throws Exception {
    Line line = new Line("o", "A");

    assertThat(joins.with("last", line, "{}", line).call("count").only().as(Integer.class))
        .isEqualTo(3);
    assertThat(joins.call("count", List.of(line, line)).only().as(Integer.class)).isEqualTo(2);
    assertThat(joins.call("count", line).only().as(Integer.class)).isEqualTo(1);
  }

  @Test
  void handsOverBatchesOfWhichEventsFail() throws Exception {
    Order full = new Order("o-1", List.of("A"));
    Order empty = new Order("o-2", List.of());

    Results stored = batches.call("store", List.of(full, empty, full));

    assertThat(stored.on("line")).hasSize(2);
    assertThat(stored.failures()).containsOnlyKeys(1);
    assertThat(stored.failures().get(1))
        .isEqualTo(new Failure(ErrorCode.FUNCTION_REFUSED, "TerminalException: nothing in o-2"));
    assertThat(batches.with("orders", full).call("store").failures()).isEmpty();
    assertThatThrownBy(() -> batches.call("store", List.of(full, full, full, full)))
        .hasMessage("store takes 3 events in a call, not 4");
  }

  @Test
  void saysWhatWasGivenWrongly() {
    assertThatThrownBy(() -> joins.with("line", "{}").call("pair"))
        .hasMessage("input order has no event, and pair needs one");
    assertThatThrownBy(() -> joins.with("lines", "{}").call("sell"))
        .hasMessage("sell has no input \"lines\", only [bought-goods, line, note]");
    assertThatThrownBy(() -> joins.with("bought-goods", "{}", "{}").call("sell"))
        .hasMessage("input bought-goods has 2 events, and sell reads one");
    assertThatThrownBy(() -> orders.with("order", "{}", "{}").call("take-apart"))
        .hasMessage("take-apart takes 1 event in a call, not 2");
    assertThatThrownBy(() -> FunctionTester.of("text"))
        .hasMessage("java.lang.String has no method with @Function");
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

    assertThat(counter.with(total).call("add", 2).only().as(Integer.class)).isEqualTo(42);
    assertThat(total.get()).contains(42);
    assertThat(total.isChanged()).isTrue();
    assertThat(counter.call("add", 2).only().as(Integer.class)).isEqualTo(2);
  }

  /** What the process tells apart by attributes, content types and outputs. */
  static class Formats {
    record Visit(String page, int seconds) {}

    @Function
    @Output(value = "note", contentType = "text/markdown", attributes = "lang=en")
    String note(@Input("visit") Event<Visit> visit) {
      return "# " + visit.data().page() + " by " + visit.attribute("channel").orElse("nobody");
    }

    @Function
    @Output(value = "form", contentType = "application/x-www-form-urlencoded")
    Visit form(@Input("visit") Visit visit) {
      return visit;
    }

    @Function
    @Output("flood")
    Stream<Integer> flood(@Input("visit") Visit visit) {
      return IntStream.iterate(0, i -> i + 1).boxed();
    }

    @Function
    @Output("part")
    Stream<Integer> part(@Input("visit") Visit visit) {
      return Stream.of(1, 0).map(i -> 1 / i);
    }
  }

  private final FunctionTester formats = FunctionTester.of(new Formats());
  private final Formats.Visit visit = new Formats.Visit("home", 3);

  @Test
  void readsAndWritesByContentTypeAndKeepsAttributes() throws Exception {
    Event<String> form =
        Event.of("page=a+b&seconds=3")
            .contentType("application/x-www-form-urlencoded")
            .extension("channel", "web")
            .key("k");

    Result note = formats.call("note", form).only();
    Result written = formats.call("form", visit).only();

    assertThat(note.as(String.class)).isEqualTo("# a b by web");
    assertThat(note.event().getDataContentType()).isEqualTo("text/markdown");
    assertThat(note.event().getExtension("lang")).isEqualTo("en");
    assertThat(note.key()).as("that of its input").contains("k");
    assertThat(note.event().getSource()).hasToString("/apps/koalja-test/note");
    assertThat(written.payload().data()).asString().isEqualTo("page=home&seconds=3");
    assertThat(written.as(Formats.Visit.class)).isEqualTo(visit);
  }

  @Test
  void saysWhatADeadLetterWouldAndWhetherItIsTriedAgain() {
    Failure unreadable = formats.expectFailure("form", Event.of("x").contentType("image/png"));
    Failure tooMany = formats.expectFailure("flood", visit);
    Failure late = formats.expectFailure("part", visit);

    assertThat(unreadable)
        .isEqualTo(
            new Failure(
                ErrorCode.UNREADABLE_DATA,
                "the data is image/png, the function reads %s from JSON"
                    .formatted(Formats.Visit.class.getCanonicalName())));
    assertThat(unreadable.permanent()).isTrue();
    assertThat(tooMany.code()).isEqualTo(ErrorCode.TOO_MANY_RESULTS);
    assertThat(tooMany.permanent()).isTrue();
    assertThat(late)
        .isEqualTo(new Failure(ErrorCode.FUNCTION_FAILED, "ArithmeticException: / by zero"));
    assertThat(late.permanent()).isFalse();
    assertThat(orders.expectFailure("refuse", new byte[3]).permanent()).isTrue();
    assertThatThrownBy(() -> formats.call("part", visit)).isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> formats.call("flood", visit))
        .isExactlyInstanceOf(KoaljaException.class)
        .hasMessageStartingWith("flood made more than 10000 results");
    assertThatThrownBy(() -> formats.expectFailure("form", visit))
        .isInstanceOf(AssertionError.class)
        .hasMessage("form was expected to fail, and made [form page=home&seconds=3]");
  }

  @Test
  void callsAnObjectOfAClassThatExtendsTheFunctions() throws Exception {
    Counter kept =
        new Counter() {
          @Override
          int add(KeyedState<Integer> total, int amount) {
            return 7;
          }
        };

    assertThat(FunctionTester.of(kept).call("add", 2).only().as(Integer.class)).isEqualTo(7);
  }

  @Test
  void keepsNothingOfACallThatFails() {
    KeyedState<String> wrong = KeyedState.of("forty");

    assertThat(FunctionTester.of(new Counter()).with(wrong).expectFailure("add", 2).detail())
        .startsWith("what is remembered of the key: ");
    assertThat(wrong.get()).contains("forty");
    assertThat(wrong.isChanged()).isFalse();
  }

  /** The test's class path has no validator. */
  static class Constrained {
    @Function
    @Output("name")
    String name(@Input("order") @Size(min = 2) String order) {
      return order;
    }
  }

  @Test
  void asksForAValidatorAsTheBuildDoes() {
    assertThatThrownBy(() -> FunctionTester.of(new Constrained()))
        .hasMessageContaining(
            "Constrained.name(String): parameter order has @Size, but the app has no validator."
                + " Add the dependency io.quarkus:quarkus-hibernate-validator.");
  }
}
