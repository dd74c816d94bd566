package dev.koalja.runtime.deployment;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.function.Attribute;
import dev.koalja.function.Bucket;
import dev.koalja.function.Correlate;
import dev.koalja.function.Event;
import dev.koalja.function.Function;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.Input;
import dev.koalja.function.Key;
import dev.koalja.function.KeyedState;
import dev.koalja.function.Output;
import dev.koalja.function.Scale;
import dev.koalja.function.Webhook;
import dev.koalja.function.codec.ContentTypes;
import dev.koalja.function.codec.DataFormat;
import dev.koalja.function.codec.Payload;
import dev.koalja.pipeline.Snapshot.Policy;
import dev.koalja.pipeline.Snapshot.Then;
import dev.koalja.pipeline.TriggerKind.Scheme;
import io.cloudevents.CloudEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.validation.Constraint;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Programs that do not compile into a circuit, each wrong in one way. */
final class Wrong {
  private Wrong() {}

  record Order(String id) {}

  record Priced(String id) {}

  static class Private {
    @Function
    private void take(@Input("order") Order order) {}
  }

  static class Sorted {
    @Function
    @Output("priced")
    TreeSet<Priced> price(@Input("order") Order order) {
      return new TreeSet<>();
    }
  }

  static class Queue {
    @Function
    @Output("priced")
    Deque<Priced> price(@Input("order") Order order) {
      return new ArrayDeque<>();
    }
  }

  static class Numbers {
    @Function
    @Output("priced")
    IntStream price(@Input("order") Order order) {
      return IntStream.empty();
    }
  }

  static class Prices extends ArrayList<Priced> {
    private static final long serialVersionUID = 1L;
  }

  static class Own {
    @Function
    @Output("priced")
    Prices price(@Input("order") Order order) {
      return new Prices();
    }
  }

  static class ListOfSets {
    @Function
    @Output("priced")
    List<TreeSet<Priced>> price(@Input("order") Order order) {
      return List.of();
    }
  }

  static class Static {
    @Function
    static void take(@Input("order") Order order) {}
  }

  abstract static class Abstract {
    @Function
    abstract void take(@Input("order") Order order);
  }

  interface Face {
    @Function
    void take(@Input("order") Order order);
  }

  class Inner {
    @Function
    void take(@Input("order") Order order) {}
  }

  static class Generic {
    @Function
    <T> void take(@Input("order") T order) {}
  }

  static class NoInput {
    @Function
    @Output("order")
    Order make(FunctionContext context) {
      return new Order(context.task());
    }
  }

  static class Unannotated {
    @Function
    void take(Order order) {}
  }

  static class Window {
    @Function
    void take(@Input("order") List<Order> orders) {}
  }

  static class ArrayInput {
    @Function
    void take(@Input("order") Order[] orders) {}
  }

  static class OptionalInput {
    @Function
    void take(@Input("order") Optional<Order> order) {}
  }

  static class SetInput {
    @Function
    void take(@Input("order") Set<Order> orders) {}
  }

  static class RawInput {
    @Function
    @SuppressWarnings("rawtypes")
    void take(@Input("order") List orders) {}
  }

  static class ListsInput {
    @Function
    void take(@Input("order") List<List<Order>> orders) {}
  }

  static class TooFew {
    @Function
    void take(@Input(value = "order", length = 10) Order order) {}
  }

  static class NoListOfWindow {
    @Function(window = "1m")
    void take(@Input("amount") int amount) {}
  }

  static class OptionalJoin {
    @Function(giveUpAfter = "1h")
    void ship(@Input("priced") Priced priced, @Input("stock") Optional<Order> stock) {}
  }

  static class PartialJoin {
    @Function(giveUpAfter = "1h", then = Then.PARTIAL)
    void ship(@Input("priced") Optional<Priced> priced, @Input("stock") Order stock) {}
  }

  static class PartialNumber {
    @Function(giveUpAfter = "1h", then = Then.PARTIAL)
    void ship(@Input("priced") Optional<Priced> priced, @Input("stock") int stock) {}
  }

  static class SamePort {
    @Function
    void ship(@Input("priced") Priced pricedA, @Input("stock") Order priced_a) {}
  }

  static class MergedPort {
    @Function
    void ship(
        @Input(value = "priced", merge = "offer") Priced priced, @Input("stock") Order priced_2) {}
  }

  static class LinkTwice {
    @Function
    void take(@Input(value = "order", merge = "order") Order order) {}
  }

  static class LengthAndMax {
    @Function
    void take(@Input(value = "order", length = 2, max = 3) List<Order> orders) {}
  }

  static class MaxBelowMin {
    @Function
    void take(@Input(value = "order", min = 3, max = 2) List<Order> orders) {}
  }

  static class NoLength {
    @Function
    void take(@Input(value = "order", length = 0) List<Order> orders) {}
  }

  static class SlidesTooFar {
    @Function
    void take(@Input(value = "order", length = 4, slide = 5) List<Order> orders) {}
  }

  static class SlidesAllNew {
    @Function(policy = Policy.ALL_NEW)
    void take(@Input(value = "order", length = 4, slide = 2) List<Order> orders) {}
  }

  static class SwapsMany {
    @Function(policy = Policy.SWAP_NEW4OLD)
    void take(@Input(value = "order", length = 4) List<Order> orders) {}
  }

  static class SlidesBetween {
    @Function(policy = Policy.SLIDING_WINDOW)
    void take(@Input(value = "order", min = 1, max = 4) List<Order> orders) {}
  }

  static class TooFewWait {
    @Function(maxWaiting = 20)
    void take(@Input(value = "order", length = 30) List<Order> orders) {}
  }

  static class TakenPort {
    @Function
    void ship(@Input("priced") Priced priced, @Input("stock") Order snapshot) {}
  }

  static class SwappedWindow {
    @Function(window = "1m", policy = Policy.SWAP_NEW4OLD)
    void take(@Input("order") List<Order> orders) {}
  }

  static class WindowThatGivesUp {
    @Function(window = "1m", giveUpAfter = "1h")
    void take(@Input("order") List<Order> orders) {}
  }

  static class WindowThatRests {
    @Function(window = "1m", minInterval = "1s")
    void take(@Input("order") List<Order> orders) {}
  }

  static class GraceOfNothing {
    @Function(grace = "1m")
    void take(@Input(value = "order", length = 2) List<Order> orders) {}
  }

  static class ThenWithoutWhen {
    @Function(then = Then.DROP)
    void ship(@Input("priced") Priced priced, @Input("stock") Order stock) {}
  }

  static class NothingCollected {
    @Function(giveUpAfter = "1h")
    void take(@Input("order") Order order) {}
  }

  static class NobodyToBelongTo {
    @Function
    void take(@Input(value = "order", correlate = "subject") Order order) {}
  }

  static class TwoRules {
    @Function(correlate = Correlate.KEY, correlateBy = "subject")
    void ship(@Input("priced") Priced priced, @Input("stock") Order stock) {}
  }

  static class RuleWithoutNeed {
    @Function(correlate = Correlate.NONE)
    void ship(
        @Input(value = "priced", correlate = "/id") Priced priced, @Input("stock") Order stock) {}
  }

  static class BadAttribute {
    @Function
    void ship(
        @Input(value = "priced", correlate = "customerId") Priced priced,
        @Input("stock") Order stock) {}
  }

  static class BadInterval {
    @Function(minInterval = "often")
    void ship(@Input("priced") Priced priced, @Input("stock") Order stock) {}
  }

  static class BadFilter {
    @Function
    void take(@Input(value = "order", filter = "type = ") Order order) {}
  }

  static class ListReader {
    @Function
    void ship(@Input(value = "order", length = 2, merge = "priced") List<Order> orders) {}
  }

  static class TwoStates {
    @Function
    void take(@Input("order") Order order, KeyedState<Order> a, KeyedState<Integer> b) {}
  }

  static class StateOfBytes {
    @Function
    void take(@Input("order") Order order, KeyedState<byte[]> state) {}
  }

  static class RawState {
    @Function
    @SuppressWarnings("rawtypes")
    void take(@Input("order") Order order, KeyedState state) {}
  }

  static class StateOfLink {
    @Function
    void take(@Input("order") Order order, @Input("state") KeyedState<Order> state) {}
  }

  static class StateAlone {
    @Function
    void take(KeyedState<Order> state) {}
  }

  static class UnorderedState {
    @Function(order = dev.koalja.pipeline.Order.UNORDERED)
    void take(@Input("order") Order order, KeyedState<Order> state) {}
  }

  static class BadLink {
    @Function
    void take(@Input("Orders!") Order order) {}
  }

  static class BadFrom {
    @Function
    void take(@Input(value = "order", from = "yesterday") Order order) {}
  }

  static class BadPort {
    @Function
    void take(@Input("order") Order $order) {}
  }

  static class BadTask {
    @Function(name = "Take it")
    void take(@Input("order") Order order) {}
  }

  static class LostResult {
    @Function
    Priced price(@Input("order") Order order) {
      return new Priced(order.id());
    }
  }

  static class NothingToSend {
    @Function
    @Output("priced")
    void price(@Input("order") Order order) {}
  }

  record Several(@Output("priced") Priced priced, String lost) {}

  static class LostComponent {
    @Function
    Several price(@Input("order") Order order) {
      return new Several(new Priced(order.id()), "");
    }
  }

  record Two(@Output("a") Priced one, @Output("b") Priced other) {}

  static class Both {
    @Function
    @Output("priced")
    Two price(@Input("order") Order order) {
      return new Two(new Priced(order.id()), new Priced(order.id()));
    }
  }

  static class ManyOfMany {
    @Function
    @Output("priced")
    List<List<Priced>> price(@Input("order") Order order) {
      return List.of();
    }
  }

  static class RawList {
    @Function
    @Output("priced")
    @SuppressWarnings("rawtypes")
    List price(@Input("order") Order order) {
      return List.of();
    }
  }

  static class Later {
    @Function
    @Output("priced")
    Future<Priced> price(@Input("order") Order order) {
      return new CompletableFuture<>();
    }
  }

  /** As Spring Cloud Function has it. */
  static class GivesFunction {
    @Function
    java.util.function.Function<Order, Priced> price() {
      return order -> new Priced(order.id());
    }
  }

  static class GivesFunctionOfEvent {
    @Function
    @Output("priced")
    java.util.function.Function<Order, Priced> price(@Input("order") Order order) {
      return other -> new Priced(other.id());
    }
  }

  static class GivesConsumer {
    @Function
    Consumer<Order> take() {
      return order -> {};
    }
  }

  static class GivesSupplier {
    @Function
    @Output("priced")
    Supplier<Priced> price() {
      return () -> new Priced("p");
    }
  }

  static class GivesSuppliers {
    @Function
    @Output("priced")
    List<Supplier<Priced>> price(@Input("order") Order order) {
      return List.of(() -> new Priced(order.id()));
    }
  }

  record SuppliedPart(@Output("priced") Supplier<Priced> priced) {}

  static class SuppliesPart {
    @Function
    SuppliedPart price(@Input("order") Order order) {
      return new SuppliedPart(() -> new Priced(order.id()));
    }
  }

  static class Published {
    @Function
    @Output("priced")
    Multi<Priced> price(@Input("order") Order order) {
      return Multi.createFrom().empty();
    }
  }

  static class Futures {
    @Function
    @Output("priced")
    List<CompletableFuture<Priced>> price(@Input("order") Order order) {
      return List.of();
    }
  }

  static class Unis {
    @Function
    @Output("priced")
    Uni<Uni<Priced>> price(@Input("order") Order order) {
      return Uni.createFrom().nothing();
    }
  }

  static class RawFuture {
    @Function
    @Output("priced")
    @SuppressWarnings("rawtypes")
    CompletableFuture price(@Input("order") Order order) {
      return new CompletableFuture();
    }
  }

  static class LostLater {
    @Function
    Uni<Priced> price(@Input("order") Order order) {
      return Uni.createFrom().nothing();
    }
  }

  static class NothingLater {
    @Function
    @Output("priced")
    Uni<Void> price(@Input("order") Order order) {
      return Uni.createFrom().nothing();
    }
  }

  record LaterPart(@Output("priced") CompletableFuture<Priced> priced) {}

  static class LaterComponent {
    @Function
    LaterPart price(@Input("order") Order order) {
      return new LaterPart(new CompletableFuture<>());
    }
  }

  static class RawEvent {
    @Function
    @SuppressWarnings("rawtypes")
    void take(@Input("order") Event order) {}
  }

  static class EventOfEvent {
    @Function
    void take(@Input(value = "order", length = 2) List<Event<CloudEvent>> orders) {}
  }

  static class EventOfMany {
    @Function
    @Output("priced")
    Event<Stream<Priced>> price(@Input("order") Order order) {
      return Event.of(Stream.of());
    }
  }

  static class BadContentType {
    @Function
    @Output(value = "priced", contentType = "csv")
    String price(@Input("order") Order order) {
      return order.id();
    }
  }

  static class UnwrittenContentType {
    @Function
    @Output(value = "priced", contentType = "application/pdf; version=2")
    List<Priced> price(@Input("order") Order order) {
      return List.of();
    }
  }

  static class NoValue {
    @Function
    @Output(value = "priced", attributes = "tenant")
    Priced price(@Input("order") Order order) {
      return new Priced(order.id());
    }
  }

  static class OurAttribute {
    @Function
    @Output(value = "priced", attributes = "koaljahops=1")
    Priced price(@Input("order") Order order) {
      return new Priced(order.id());
    }
  }

  record OwnId(@Attribute("id") String id) {}

  static class ChosenId {
    @Function
    @Output("priced")
    OwnId price(@Input("order") Order order) {
      return new OwnId(order.id());
    }
  }

  record CamelCase(@Attribute("tenantId") String tenant) {}

  static class BadAttributeName {
    @Function
    @Output("priced")
    CamelCase price(@Input("order") Order order) {
      return new CamelCase(order.id());
    }
  }

  record TwoSubjects(@Attribute("subject") String one, @Attribute("subject") String two) {}

  static class SameAttribute {
    @Function
    @Output("priced")
    TwoSubjects price(@Input("order") Order order) {
      return new TwoSubjects(order.id(), order.id());
    }
  }

  record TextTime(@Attribute("time") String at) {}

  static class TimeOfText {
    @Function
    @Output("priced")
    TextTime price(@Input("order") Order order) {
      return new TextTime(order.id());
    }
  }

  abstract static class AnyFormat implements DataFormat {
    @Override
    public Object read(Payload payload, JavaType type) {
      return payload;
    }

    @Override
    public byte[] write(Object value, String contentType) {
      return new byte[0];
    }
  }

  static class FormatOfNothing extends AnyFormat {}

  @ContentTypes("application/json")
  static class FormatOfJson extends AnyFormat {}

  @ContentTypes("CSV")
  static class BadFormat extends AnyFormat {}

  @ContentTypes("text/csv")
  static class CsvFormat extends AnyFormat {}

  @ContentTypes({"text/csv", "+csv"})
  static class OtherCsvFormat extends AnyFormat {}

  @ContentTypes("text/csv")
  static class NoFormat {}

  @ContentTypes("text/csv")
  class InnerFormat extends AnyFormat {}

  static class ArrayResult {
    @Function
    @Output("priced")
    Priced[] price(@Input("order") Order order) {
      return new Priced[0];
    }
  }

  static class BadOutputLink {
    @Function
    @Output("")
    Priced price(@Input("order") Order order) {
      return new Priced(order.id());
    }
  }

  record TwoKeys(@Key String a, @Key String b) {}

  static class Keys {
    @Function
    @Output("priced")
    TwoKeys price(@Input("order") Order order) {
      return new TwoKeys("", "");
    }
  }

  static class First {
    @Function
    void price(@Input("order") Order order) {}
  }

  static class Second {
    @Function(name = "price")
    void value(@Input("order") Order order) {}
  }

  static class Overloaded {
    @Function
    void price(@Input("order") Order order) {}

    @Function
    void price(@Input("offer") Priced offer) {}
  }

  static class Writer {
    @Function
    @Output("priced")
    List<Priced> price(@Input("order") Order order) {
      return List.of();
    }
  }

  static class Reader {
    @Function
    void ship(@Input("priced") Order priced) {}

    @Function
    void audit(@Input("priced") JsonNode priced) {}
  }

  static class Loop {
    @Function
    @Output("pong")
    Order ping(@Input("ping") Order order) {
      return order;
    }

    @Function
    @Output("ping")
    Order pong(@Input("pong") Order order) {
      return order;
    }
  }

  static class Misspelt {
    @Function
    @Output("priced")
    Order price(@Input("order") Order order) {
      return order;
    }

    @Function
    void ship(@Input("pricd") Order order) {}
  }

  static class Settings {
    @Function(
        attempts = 0,
        coldStartBudget = "fast",
        timeout = "soon",
        maxInFlight = 20_000,
        delay = "2h",
        scale = @Scale(min = 3, max = 2, idle = "1ms"))
    void take(@Input("order") Order order) {}
  }

  static class BatchOfOne {
    @Function(batch = 2)
    void take(@Input("order") Order order) {}
  }

  static class BatchTooSmall {
    @Function(batch = 1)
    void take(@Input("order") List<Order> orders) {}
  }

  static class BatchTooLarge {
    @Function(batch = 1001)
    void take(@Input("order") List<Order> orders) {}
  }

  static class LingersTooLong {
    @Function(batch = 10, linger = "2m")
    void take(@Input("order") List<Order> orders) {}
  }

  static class LingersAlone {
    @Function(linger = "20ms")
    void take(@Input("order") Order order) {}
  }

  static class OrderedBatch {
    @Function(batch = 10, order = dev.koalja.pipeline.Order.ORDERED)
    void take(@Input("order") List<Order> orders) {}
  }

  static class BatchOfTwo {
    @Function(batch = 10)
    void ship(@Input("priced") List<Priced> priced, @Input("stock") List<Order> stock) {}
  }

  static class BatchThatMerges {
    @Function(batch = 10)
    void take(@Input(value = "order", merge = "return") List<Order> orders) {}
  }

  static class BatchThatCounts {
    @Function(batch = 10)
    void take(@Input(value = "order", length = 5) List<Order> orders) {}
  }

  static class BatchBetween {
    @Function(batch = 10)
    void take(@Input(value = "order", min = 1, max = 5) List<Order> orders) {}
  }

  static class BatchThatSlides {
    @Function(batch = 10)
    void take(@Input(value = "order", slide = 1) List<Order> orders) {}
  }

  static class BatchThatBelongs {
    @Function(batch = 10)
    void take(@Input(value = "order", correlate = "subject") List<Order> orders) {}
  }

  static class BatchThatRemembers {
    @Function(batch = 10)
    void take(@Input("order") List<Order> orders, KeyedState<Order> last) {}
  }

  static class BatchOfWindows {
    @Function(batch = 10, window = "1h")
    void take(@Input("order") List<Order> orders) {}
  }

  static class BatchWithPolicy {
    @Function(batch = 10, policy = Policy.ALL_NEW)
    void take(@Input("order") List<Order> orders) {}
  }

  static class BatchThatGivesUp {
    @Function(
        batch = 10,
        correlate = Correlate.NONE,
        correlateBy = "subject",
        giveUpAfter = "1h",
        then = Then.DROP,
        minInterval = "1s",
        grace = "1s",
        maxWaiting = 7)
    void take(@Input("order") List<Order> orders) {}
  }

  static class MoreSettings {
    @Function(
        coldStartBudget = "2m",
        deadline = "31d",
        maxInFlightBytes = "1KB",
        rate = "often",
        deduplicate = "8d",
        maxHops = 0,
        deadLetter = "Failed!")
    void take(@Input("order") Order order) {}
  }

  static class Deadline {
    @Function(timeout = "1m", deadline = "1s")
    void take(@Input("order") Order order) {}
  }

  static class Waits {
    @Function(delay = "10s", maxDelay = "1s")
    void take(@Input("order") Order order) {}
  }

  static class Scales {
    @Function(scale = @Scale(max = 2))
    void one(@Input("order") Order order) {}

    @Function
    void two(@Input("order") Order order) {}

    @Function(scale = @Scale(max = 3))
    void three(@Input("order") Order order) {}
  }

  @Webhook(link = "push", scheme = Scheme.GITHUB)
  static class Unsigned {}

  @Webhook(link = "push", scheme = Scheme.NONE, secret = "s", name = "open")
  static class UselessSecret {}

  @Webhook(link = "push", scheme = Scheme.GITHUB, secret = "Gh_S3cr3t!")
  static class SecretInCode {}

  @Webhook(link = "push", scheme = Scheme.GITHUB, secret = "s")
  @Webhook(link = "pull", scheme = Scheme.GITHUB, secret = "s")
  static class TwoHooks {}

  @Bucket(link = "uploaded", url = "https://example.org/photos")
  static class NoBucket {}

  @Bucket(
      link = "uploaded",
      url = "s3://photos",
      events = {},
      name = "Photos")
  static class NothingFromBucket {}

  record Checked(@NotBlank String id) {}

  static class Unvalidated {
    @Function
    void take(@Input("order") @Valid Checked order) {}
  }

  static class UnvalidatedElement {
    @Function
    void take(@Input(value = "order", length = 2) List<@Valid Checked> orders) {}
  }

  static class UnvalidatedText {
    @Function
    void take(@Input("order") @NotBlank String order) {}
  }

  static class UnvalidatedResult {
    @Function
    @Output("priced")
    @NotNull
    Priced price(@Input("order") Order order) {
      return new Priced(order.id());
    }
  }

  static class OwnConstraint {
    @Constraint(validatedBy = {})
    @Retention(RetentionPolicy.RUNTIME)
    @interface Even {
      String message() default "";

      Class<?>[] groups() default {};

      Class<?>[] payload() default {};
    }

    @Function
    void take(@Input("order") @Even int order) {}
  }

  static class ValidStream {
    @Function
    @Output("priced")
    Stream<@Valid Checked> price(@Input("order") Order order) {
      return Stream.of();
    }
  }

  static class ValidLater {
    @Function
    @Output("priced")
    @Valid
    Uni<Checked> price(@Input("order") Order order) {
      return Uni.createFrom().nothing();
    }
  }

  static class ValidEvent {
    @Function
    void take(@Input("order") @Valid Event<Checked> order) {}
  }

  static class Forgotten {
    @Function
    void take(@Input("order") Checked order) {}
  }

  static class Remembered {
    @Function
    @Output("priced")
    @Valid
    Checked take(@Input("order") Event<@Valid Checked> order) {
      return order.data();
    }
  }
}
