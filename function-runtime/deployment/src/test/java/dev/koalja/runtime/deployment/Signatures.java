package dev.koalja.runtime.deployment;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.function.Attribute;
import dev.koalja.function.Correlate;
import dev.koalja.function.Event;
import dev.koalja.function.Function;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.Input;
import dev.koalja.function.Key;
import dev.koalja.function.KeyedState;
import dev.koalja.function.Output;
import dev.koalja.function.TerminalException;
import dev.koalja.function.codec.ContentTypes;
import dev.koalja.function.codec.DataFormat;
import dev.koalja.function.codec.Payload;
import dev.koalja.pipeline.Json;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.smallrye.mutiny.Uni;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One function for each signature of the table: what a method may take and give. */
final class Signatures {
  private Signatures() {}

  record Order(String id, int amount) {}

  record Priced(@Key String customer, @Attribute("subject") String order, BigDecimal total) {}

  record Shipped(
      @Key long number,
      @Attribute("type") String kind,
      @Attribute("time") Instant at,
      @Attribute("dataschema") Optional<URI> schema,
      @Attribute("express") boolean express) {}

  record Form(String name, int age, List<String> tag) {}

  enum Size {
    SMALL,
    LARGE
  }

  sealed interface Shape permits Circle {}

  record Circle(int radius) implements Shape {}

  static class Plain {
    String greeting = "Hello";

    public String getGreeting() {
      return greeting;
    }

    public void setGreeting(String greeting) {
      this.greeting = greeting;
    }
  }

  record Sorted(
      @Key String shard,
      @Attribute("tenant") String tenant,
      @Output("line") List<Order> lines,
      @Output(value = "total", type = "com.example.total") int total,
      @Output("note") Optional<String> note,
      @Output("event") Event<Order> event,
      @Output("file") InputStream file) {}

  /** Comma-separated values of a flat record, with their names in the first line. */
  @ContentTypes({"text/csv", "+csv"})
  static class Csv implements DataFormat {
    @Override
    public Object read(Payload payload, JavaType type) throws IOException {
      String[] lines = new String(payload.data(), UTF_8).split("\n", -1);
      if (lines.length < 2) {
        throw new IOException("there is no second line");
      }
      String[] names = lines[0].split(",", -1);
      String[] values = lines[1].split(",", -1);
      Map<String, String> fields = new LinkedHashMap<>();
      for (int i = 0; i < names.length; i++) {
        fields.put(names[i], values[i]);
      }
      return Json.MAPPER.convertValue(fields, type);
    }

    @Override
    public byte[] write(Object value, String contentType) throws IOException {
      ObjectNode tree = Json.MAPPER.valueToTree(value);
      if (tree.path("amount").asInt() < 0) {
        throw new IOException("no amount is below zero");
      }
      List<String> values = new ArrayList<>();
      tree.forEach(each -> values.add(each.asText()));
      return (String.join(",", tree.propertyStream().map(Map.Entry::getKey).toList())
              + "\n"
              + String.join(",", values))
          .getBytes(UTF_8);
    }
  }

  static class One {
    @Function
    @Output("text")
    String textToText(@Input("in") String text) {
      return text.toUpperCase(Locale.ROOT);
    }

    @Function
    @Output("bytes")
    byte[] bytesToBytes(@Input("in") byte[] bytes) {
      return new byte[] {(byte) bytes.length};
    }

    @Function
    @Output("stream")
    InputStream streamToStream(@Input("in") InputStream bytes) throws IOException {
      return new ByteArrayInputStream(
          (new String(bytes.readAllBytes(), UTF_8) + "!").getBytes(UTF_8));
    }

    @Function
    @Output("record")
    Priced recordToRecord(@Input("in") Order order) {
      return new Priced("ann", order.id(), BigDecimal.valueOf(order.amount()));
    }

    @Function
    @Output("order")
    Order recordToSelf(@Input("in") Order order) {
      return order;
    }

    @Function
    @Output("plain")
    Plain classToClass(@Input("in") Plain plain) {
      plain.setGreeting(plain.getGreeting() + "!");
      return plain;
    }

    @Function
    @Output("tree")
    JsonNode treeToTree(@Input("in") JsonNode tree) {
      return JsonNodeFactory.instance.objectNode().set("was", tree);
    }

    @Function
    @Output("map")
    Map<String, Integer> mapToMap(@Input("in") Map<String, List<Integer>> map) {
      return map.entrySet().stream()
          .collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().size()));
    }

    @Function
    @Output("int")
    int intToInt(@Input("in") int number) {
      return number + 1;
    }

    @Function
    @Output("long")
    Long longToLong(@Input("in") Long number) {
      return number * 2;
    }

    @Function
    @Output("boolean")
    boolean booleanToBoolean(@Input("in") boolean flag) {
      return !flag;
    }

    @Function
    @Output("decimal")
    BigDecimal decimalToDecimal(@Input("in") BigDecimal number) {
      return number.add(BigDecimal.ONE);
    }

    @Function
    @Output("enum")
    Size enumToEnum(@Input("in") Size size) {
      return size == Size.SMALL ? Size.LARGE : Size.SMALL;
    }

    @Function
    @Output("date")
    LocalDate dateToDate(@Input("in") LocalDate date) {
      return date.plusDays(1);
    }

    @Function
    @Output("shape")
    Shape recordToInterface(@Input("in") int radius) {
      return new Circle(radius);
    }

    @Function
    @Output("event")
    CloudEvent eventToEvent(@Input("in") CloudEvent event) {
      return event;
    }

    @Function
    @Output("event-made")
    CloudEvent textToEvent(@Input("in") String text) {
      return CloudEventBuilder.v1()
          .withId("chosen")
          .withSource(URI.create("/chosen"))
          .withType("com.example.made")
          .withSubject(text)
          .withExtension("partitionkey", "k")
          .withData("application/xml", "<a/>".getBytes(UTF_8))
          .build();
    }

    @Function
    @Output("typed")
    Event<Priced> typedToTyped(@Input("in") Event<Order> order) {
      return order.with(
          new Priced("ann", order.data().id(), BigDecimal.valueOf(order.data().amount())));
    }

    @Function
    @Output("attributes")
    String typedAttributes(@Input("in") Event<String> event) {
      return event.data()
          + " "
          + event.id()
          + " "
          + event.source()
          + " "
          + event.type()
          + " "
          + event.subject().orElse("-")
          + " "
          + event.key().orElse("-")
          + " "
          + event.attribute("color").orElse("-");
    }

    @Function
    @Output("unchanged")
    Event<Order> typedUnchanged(@Input("in") Event<Order> order) {
      return order;
    }

    @Function
    @Output("built")
    Event<Order> builder(@Input("in") Order order) {
      return Event.of(order)
          .type("com.example.order")
          .subject("about")
          .time(Instant.EPOCH)
          .key("k")
          .schema(URI.create("urn:order"))
          .extension("color", "blue")
          .extension("weight", 5)
          .extension("express", true);
    }

    @Function
    @Output(
        value = "constant",
        type = "com.example.constant",
        attributes = {"subject=always", "tenant=acme"})
    Event<String> builderOverAnnotation(@Input("in") String text) {
      return Event.of(text).subject("here").contentType("text/markdown");
    }

    @Function
    @Output(
        value = "annotated",
        attributes = {"subject=always", "tenant=acme"})
    String constants(@Input("in") String text) {
      return text;
    }

    @Function
    @Output("shipped")
    Shipped components(@Input("in") Order order) {
      return new Shipped(
          7, "com.example." + order.id(), Instant.EPOCH, Optional.of(URI.create("urn:x")), true);
    }

    @Function
    @Output("typed-tree")
    Event<JsonNode> typedTree(@Input("in") Event<JsonNode> event) {
      return event.with(event.data().path("a"));
    }

    @Function
    @Output("typed-list")
    Event<List<Integer>> arrayAsOneEvent(@Input("in") Event<List<Integer>> event) {
      return event.with(event.data().reversed());
    }

    @Function
    @Output("typed-bytes")
    Event<byte[]> typedBytes(@Input("in") Event<byte[]> event) {
      return event.with(event.data()).contentType("image/png");
    }

    @Function
    @Output("typed-stream")
    Event<InputStream> typedStream(@Input("in") Event<InputStream> event) {
      return event.with(event.data());
    }

    @Function
    void nothing(@Input("in") Order order) {}

    @Function
    @Output("null")
    @Nullable Order nullResult(@Input("in") Order order) {
      return null;
    }

    @Function
    @Output("optional")
    Optional<Order> optional(@Input("in") Order order) {
      return Optional.of(order).filter(each -> each.amount() > 0);
    }

    @Function
    @Output("list")
    List<Order> list(@Input("in") Order order) {
      return List.of(order, new Order(order.id() + "'", -order.amount()));
    }

    @Function
    @Output("list-empty")
    List<Order> emptyList(@Input("in") Order order) {
      return List.of();
    }

    @Function
    @Output("set")
    Set<String> set(@Input("in") String text) {
      return new LinkedHashSet<>(List.of(text.split(" ", -1)));
    }

    @Function
    @Output("collection")
    Collection<Integer> collection(@Input("in") int number) {
      return List.of(number, number + 1, number + 2);
    }

    @Function
    @Output("many")
    Stream<Priced> stream(@Input("in") Order order) {
      return Stream.of("ann", "bob").map(each -> new Priced(each, order.id(), BigDecimal.TEN));
    }

    @Function
    @Output("events")
    List<CloudEvent> events(@Input("in") CloudEvent event) {
      return List.of(event, CloudEventBuilder.v1(event).withType("second").build());
    }

    @Function
    @Output("typed-many")
    Stream<Event<String>> typedMany(@Input("in") String text) {
      return text.chars().mapToObj(c -> Event.of("" + (char) c).key("k" + (char) c));
    }

    @Function
    @Output("mixed")
    List<Object> anything(@Input("in") Order order) {
      return List.of("text", 1, order, new byte[] {33}, Event.of("e").subject("s"));
    }

    @Function
    Sorted several(@Input("in") Order order) {
      return new Sorted(
          "s" + order.amount(),
          "acme",
          List.of(order, order),
          order.amount(),
          Optional.empty(),
          Event.of(order).key("own").extension("tenant", "other"),
          new ByteArrayInputStream("file".getBytes(UTF_8)));
    }

    @Function
    @Nullable Sorted severalOrNothing(@Input("in") Order order) {
      return null;
    }
  }

  /** Results that come later. */
  static class LaterOn {
    static final CountDownLatch CANCELLED = new CountDownLatch(1);

    @Function
    @Output("never")
    Uni<String> never(@Input("in") String text) {
      return Uni.createFrom().<String>nothing().onCancellation().invoke(CANCELLED::countDown);
    }

    @Function
    @Output("uni")
    Uni<String> uni(@Input("in") String text) {
      return Uni.createFrom().item(() -> text + "!");
    }

    @Function
    @Output("uni-list")
    Uni<List<Order>> uniList(@Input("in") Order order) {
      return Uni.createFrom().item(List.of(order, order));
    }

    @Function
    Uni<Void> uniNothing(@Input("in") String text) {
      return Uni.createFrom().voidItem();
    }

    @Function
    Uni<Sorted> uniSeveral(@Input("in") Order order) {
      return Uni.createFrom().item(() -> new One().several(order));
    }

    @Function
    @Output("uni-failed")
    Uni<String> uniFailure(@Input("in") String text) {
      return Uni.createFrom().failure(new TerminalException("no " + text));
    }

    @Function
    @Output("stage")
    CompletionStage<Order> stage(@Input("in") Order order) {
      return CompletableFuture.supplyAsync(() -> order).minimalCompletionStage();
    }

    @Function
    @Output("future")
    CompletableFuture<Event<Order>> future(@Input("in") Event<Order> order) {
      return CompletableFuture.supplyAsync(() -> order.with(order.data()).type("later"));
    }

    @Function
    @Output("future-optional")
    CompletableFuture<Optional<String>> futureOptional(@Input("in") String text) {
      return CompletableFuture.completedFuture(Optional.of(text).filter(each -> !each.isEmpty()));
    }

    @Function
    CompletableFuture<Void> futureNothing(@Input("in") String text) {
      return CompletableFuture.runAsync(() -> {});
    }

    @Function
    @Output("future-null")
    @Nullable CompletableFuture<String> noFuture(@Input("in") String text) {
      return null;
    }

    @Function
    @Output("future-failed")
    CompletableFuture<String> futureFailure(@Input("in") String text) {
      return CompletableFuture.<String>supplyAsync(
              () -> {
                throw new TerminalException("no " + text);
              })
          .thenApply(each -> each + "!");
    }

    @Function
    @Output("future-broken")
    CompletionStage<String> futureBroken(@Input("in") String text) {
      return CompletableFuture.failedFuture(
          new CompletionException(new IllegalStateException("broken " + text)));
    }
  }

  /** Formats by content type. */
  static class Formats {
    @Function
    @Output(value = "form", contentType = "application/x-www-form-urlencoded")
    Form form(@Input("in") Form form) {
      return new Form(form.name() + " & Co", form.age() + 1, form.tag());
    }

    @Function
    @Output("form-map")
    Map<String, String> formToMap(@Input("in") Map<String, String> form) {
      return form;
    }

    @Function
    @Output("form-tree")
    JsonNode formToTree(@Input("in") JsonNode form) {
      return form;
    }

    @Function
    @Output("form-text")
    String formToText(@Input("in") String form) {
      return form;
    }

    @Function
    @Output(value = "csv", contentType = "text/csv")
    Order csv(@Input("in") Order order) {
      return order;
    }

    @Function
    @Output(value = "csv-suffix", contentType = "application/vnd.example+csv; header=present")
    Event<Order> csvSuffix(@Input("in") Event<Order> order) {
      return order.with(order.data());
    }

    @Function
    @Output("csv-chosen")
    Event<Order> csvChosen(@Input("in") Order order) {
      return Event.of(order).contentType("text/csv");
    }

    @Function
    @Output("json-chosen")
    Event<Order> jsonChosen(@Input("in") Order order) {
      return Event.of(order).contentType("application/vnd.example+json");
    }

    @Function
    @Output("characters")
    CharSequence characters(@Input("in") String text) {
      return new StringBuilder(text).reverse();
    }

    @Function
    @Output(
        value = "schema-annotated",
        attributes = {"dataschema=urn:example:order"})
    Order schemaAnnotated(@Input("in") Order order) {
      return order;
    }

    @Function
    @Output("schema-chosen")
    Event<Order> schemaChosen(@Input("in") Order order) {
      return Event.of(order).schema(URI.create("urn:example:chosen"));
    }

    @Function
    @Output("unknown-chosen")
    Event<Order> unknownChosen(@Input("in") Order order) {
      return Event.of(order).contentType("application/pdf");
    }

    @Function
    @Output(value = "html", contentType = "text/html; charset=iso-8859-1")
    String html(@Input("in") String text) {
      return "<p>" + text + "</p>";
    }

    @Function
    @Output(value = "json-text", contentType = "application/json")
    String jsonText(@Input("in") String text) {
      return "{\"as\":\"it is\"}";
    }

    @Function
    @Output(value = "png", contentType = "image/png")
    byte[] png(@Input("in") byte[] bytes) {
      return bytes;
    }

    @Function
    @Output(value = "json-own", contentType = "application/vnd.example+json")
    Order jsonOfItsOwn(@Input("in") Order order) {
      return order;
    }
  }

  /** Functions that take more than one event. */
  static class Many {
    @Function(correlate = Correlate.NONE)
    @Output("joined")
    String join(
        @Input("a") Order left,
        @Input("b") Event<String> right,
        FunctionContext context,
        @Input("c") CloudEvent third) {
      return left.id() + right.data() + right.type() + third.getType() + context.events().size();
    }

    @Function(correlate = Correlate.NONE)
    @Output("windowed")
    int window(@Input(value = "a", min = 1, max = 3) List<Order> orders) {
      return orders.stream().mapToInt(Order::amount).sum();
    }

    @Function(correlate = Correlate.NONE)
    @Output("windowed-typed")
    List<String> windowTyped(@Input(value = "a", min = 1, max = 3) List<Event<Order>> orders) {
      return orders.stream().map(each -> each.type() + each.data().id()).toList();
    }

    @Function(giveUpAfter = "1h", then = dev.koalja.pipeline.Snapshot.Then.PARTIAL)
    @Output("partial")
    String partial(
        @Input("a") Optional<Event<Order>> left,
        @Input("b") @Nullable InputStream right,
        @Input("c") Optional<String> third) {
      return left.map(each -> each.data().id()).orElse("-")
          + (right == null ? "-" : read(right))
          + third.orElse("-");
    }

    @Function
    @Output("remembered")
    Event<Integer> remember(@Input("a") Event<Order> order, KeyedState<Integer> sum) {
      sum.set(sum.get().orElse(0) + order.data().amount());
      return order.with(sum.get().orElseThrow());
    }

    @Function(batch = 10)
    @Output("stored")
    Stream<Event<String>> store(@Input("a") List<Event<Order>> orders, FunctionContext context) {
      for (int i = 0; i < orders.size(); i++) {
        if (orders.get(i).data().amount() < 0) {
          context.fail(i, new TerminalException("owes"));
        }
      }
      return orders.stream()
          .filter(each -> each.data().amount() >= 0)
          .map(each -> each.with(each.data().id()));
    }

    @Function(batch = 10)
    @Output("stored-later")
    Uni<Integer> storeLater(@Input("a") List<InputStream> files) {
      return Uni.createFrom()
          .item(() -> files.stream().mapToInt(each -> read(each).length()).sum());
    }

    private static String read(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
