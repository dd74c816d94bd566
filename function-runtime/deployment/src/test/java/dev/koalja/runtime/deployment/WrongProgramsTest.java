package dev.koalja.runtime.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.pipeline.yaml.PipelineReader;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.jandex.Index;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every wrong program is a build error that names the method, the reason and the mend. */
class WrongProgramsTest {
  private static final String P = "dev.koalja.runtime.deployment.Wrong.";

  static Stream<Arguments> programs() {
    return Stream.of(
        program(
            P
                + "Private.take(Order): it is private, so it cannot be called without reflection. Remove private.",
            Wrong.Private.class),
        program(
            P + "Static.take(Order): it is static, so it belongs to no bean. Remove static.",
            Wrong.Static.class),
        program(
            P
                + "Abstract.take(Order): its class is abstract, so there is no bean to call it on. Put @Function on the method of a class that can be created.",
            Wrong.Abstract.class),
        program(
            P
                + "Face.take(Order): its class is abstract, so there is no bean to call it on. Put @Function on the method of a class that can be created.",
            Wrong.Face.class),
        program(
            P
                + "Inner.take(Order): its class is an inner class, which needs an outer object. Make the class static or top-level.",
            Wrong.Inner.class),
        program(
            P
                + "NoInput.make(FunctionContext): it has no input, so nothing would ever call it. Add a parameter with @Input(\"link\").",
            Wrong.NoInput.class),
        program(
            P
                + "Unannotated.take(Order): parameter order has no @Input, so nothing says which link it reads. Write @Input(\"link\") before it.",
            Wrong.Unannotated.class),
        program(
            P
                + "Window.take(List<Order>): parameter orders is List<Order>, but one event comes at a time. Say how many with batch, length, min or window, or read Order.",
            Wrong.Window.class),
        program(
            P
                + "ArrayInput.take(Order[]): parameter orders is Order[], which could be one event or many. Read a List for many, or JsonNode for one.",
            Wrong.ArrayInput.class),
        program(
            P
                + "OptionalInput.take(Optional<Order>): parameter order is Optional<Order>, but there always is an event. Read Order.",
            Wrong.OptionalInput.class),
        program(
            P
                + "SetInput.take(Set<Order>): parameter orders is Set<Order>, but the events of an input come as a List. Read a List of what one event is.",
            Wrong.SetInput.class),
        program(
            P
                + "RawInput.take(List): parameter orders is List of unknown elements. Name the element's type, such as List<Order>.",
            Wrong.RawInput.class),
        program(
            P
                + "ListsInput.take(List<List<Order>>): parameter orders is List<List<Order>>, of which the build cannot tell what one event is. Read a record or class, JsonNode, String, byte[], InputStream, CloudEvent or Event of one, or a List of one of them.",
            Wrong.ListsInput.class),
        program(
            P
                + "TooFew.take(Order): parameter order is Order, and a snapshot has up to 10 events of it. Read List<Order>.",
            Wrong.TooFew.class),
        program(
            P
                + "NoListOfWindow.take(int): parameter amount is int, and a snapshot has every event of a window. Read List<Integer>.",
            Wrong.NoListOfWindow.class),
        program(
            P
                + "OptionalJoin.ship(Priced, Optional<Order>): parameter stock is Optional<Order>, but there always is an event. Read Order.",
            Wrong.OptionalJoin.class),
        program(
            P
                + "PartialJoin.ship(Optional<Priced>, Order): parameter stock is Order, but a partial snapshot may have none. Read Optional<Order>, or mark it @Nullable.",
            Wrong.PartialJoin.class),
        program(
            P
                + "PartialNumber.ship(Optional<Priced>, int): parameter stock is int, but a partial snapshot may have none. Read Optional<Integer>.",
            Wrong.PartialNumber.class),
        program(
            P
                + "SamePort.ship(Priced, Order): parameters pricedA and priced_a are both the input \"priced-a\". Give one of them another name.",
            Wrong.SamePort.class),
        program(
            P
                + "MergedPort.ship(Priced, Order): parameters priced and priced_2 are both the input \"priced-2\". Give one of them another name.",
            Wrong.MergedPort.class),
        program(
            P
                + "LinkTwice.take(Order): parameter order reads a link twice. Name each link once in @Input and its merge.",
            Wrong.LinkTwice.class),
        program(
            P
                + "LengthAndMax.take(List<Order>): parameter orders: it has a length and min or max. Keep length, or min and max.",
            Wrong.LengthAndMax.class),
        program(
            P
                + "MaxBelowMin.take(List<Order>): parameter orders: max is 2, less than min, which is 3. Make max at least min.",
            Wrong.MaxBelowMin.class),
        program(
            P
                + "NoLength.take(List<Order>): parameter orders: length is 0. Choose a number from 1 to 10000.",
            Wrong.NoLength.class),
        program(
            P
                + "SlidesTooFar.take(List<Order>): parameter orders: slide is 5, more than the 4 there are. Let go of as many events as there are, or fewer.",
            Wrong.SlidesTooFar.class),
        program(
            P
                + "SlidesAllNew.take(List<Order>): an input slides, but the policy is ALL_NEW. Remove slide or policy.",
            Wrong.SlidesAllNew.class),
        program(
            P
                + "SwapsMany.take(List<Order>): inputs: orders: SwapNew4Old keeps the latest event: no length, min or max.",
            Wrong.SwapsMany.class),
        program(
            P
                + "SlidesBetween.take(List<Order>): inputs: orders: a sliding window has one length: min and max must be equal.",
            Wrong.SlidesBetween.class),
        program(
            P
                + "TooFewWait.take(List<Order>): inputs: orders: takes 30 events, and only 20 may wait: raise maxWaiting.",
            Wrong.TooFewWait.class),
        program(
            P
                + "TakenPort.ship(Priced, Order): inputs: snapshot: the name is taken by a stage of tasks that put events together.",
            Wrong.TakenPort.class),
        program(
            P
                + "SwappedWindow.take(List<Order>): snapshot: a window of time uses each event once: policy must be AllNew.",
            Wrong.SwappedWindow.class),
        program(
            P
                + "WindowThatGivesUp.take(List<Order>): it has giveUpAfter, and a window ends by itself. Remove one of them.",
            Wrong.WindowThatGivesUp.class),
        program(
            P
                + "WindowThatRests.take(List<Order>): it has minInterval, and a window fires once. Remove one of them.",
            Wrong.WindowThatRests.class),
        program(
            P
                + "GraceOfNothing.take(List<Order>): it has a grace but no window whose end it would follow. Add window = \"1h\".",
            Wrong.GraceOfNothing.class),
        program(
            P
                + "ThenWithoutWhen.ship(Priced, Order): it says what happens then, but not when it gives up. Add giveUpAfter = \"1h\".",
            Wrong.ThenWithoutWhen.class),
        program(
            P
                + "NothingCollected.take(Order): it takes its events one by one, so giveUpAfter means nothing. Remove it, or give it several inputs, a length or a window.",
            Wrong.NothingCollected.class),
        program(
            P
                + "NobodyToBelongTo.take(Order): it takes its events one by one, so none belongs to others. Remove correlate, or give it several inputs, a length or a window.",
            Wrong.NobodyToBelongTo.class),
        program(
            P
                + "TwoRules.ship(Priced, Order): it has correlate = KEY and correlateBy. Keep the one or the other.",
            Wrong.TwoRules.class),
        program(
            P
                + "RuleWithoutNeed.ship(Priced, Order): it has correlate = NONE, and an input says what it correlates by. Keep the one or the other.",
            Wrong.RuleWithoutNeed.class),
        program(
            P
                + "BadAttribute.ship(Priced, Order): parameter priced: correlate: \"customerId\" is no attribute: 1 to 20 lower-case letters and digits. Name an attribute, or a value in JSON data such as /customer/id.",
            Wrong.BadAttribute.class),
        program(
            P
                + "BadInterval.ship(Priced, Order): minInterval is \"often\", which is no duration. Write a number and ms, s, m, h or d, such as 30s.",
            Wrong.BadInterval.class),
        program(
            P
                + "TwoStates.take(Order, KeyedState<Order>, KeyedState<Integer>): it has 2 states, but a key has one. Put what is to be remembered into one record.",
            Wrong.TwoStates.class),
        program(
            P
                + "StateOfBytes.take(Order, KeyedState<byte[]>): parameter state is KeyedState<byte[]>, which cannot be kept as JSON. Remember a record or class, a number, String or JsonNode.",
            Wrong.StateOfBytes.class),
        program(
            P
                + "RawState.take(Order, KeyedState): parameter state is KeyedState, which cannot be kept as JSON. Remember a record or class, a number, String or JsonNode.",
            Wrong.RawState.class),
        program(
            P
                + "StateOfLink.take(Order, KeyedState<Order>): parameter state is KeyedState<Order>, which is read from no link. Remove @Input.",
            Wrong.StateOfLink.class),
        program(
            P
                + "StateAlone.take(KeyedState<Order>): it has no input, so nothing would ever call it. Add a parameter with @Input(\"link\").",
            Wrong.StateAlone.class),
        program(
            P
                + "UnorderedState.take(Order, KeyedState<Order>): snapshot: keyedState needs events of a key in order: not unordered.",
            Wrong.UnorderedState.class),
        program(
            P
                + "Deadline.take(Order): deadline is 1s, less than timeout, which is 1m. Make deadline at least as long as timeout.",
            Wrong.Deadline.class),
        program(
            P
                + "BatchOfOne.take(Order): parameter order is Order, and a batch has up to 2 events. Read List<Order>.",
            Wrong.BatchOfOne.class),
        program(
            P + "BatchTooSmall.take(List<Order>): batch is 1. Choose a number from 2 to 1000.",
            Wrong.BatchTooSmall.class),
        program(
            P + "BatchTooLarge.take(List<Order>): batch is 1001. Choose a number from 2 to 1000.",
            Wrong.BatchTooLarge.class),
        program(
            P + "LingersTooLong.take(List<Order>): linger is 2m. Choose a duration from 0s to 1m.",
            Wrong.LingersTooLong.class),
        program(
            P
                + "LingersAlone.take(Order): it has linger, but no batch that would wait for others. Add batch = 100, or remove linger.",
            Wrong.LingersAlone.class),
        program(
            P
                + "OrderedBatch.take(List<Order>): it has a batch, and order ORDERED, but of a batch one event may fail and be tried again after the others. Remove batch, or write order = KEY.",
            Wrong.OrderedBatch.class),
        program(
            P
                + "BatchOfTwo.ship(List<Priced>, List<Order>): it has a batch and 2 inputs, but a batch is of one. Remove batch, or read one input.",
            Wrong.BatchOfTwo.class),
        program(
            P
                + "BatchThatMerges.take(List<Order>): it has a batch, which holds events of one link as they come, and parameter orders merges links. Remove one of them.",
            Wrong.BatchThatMerges.class),
        program(
            P
                + "BatchThatCounts.take(List<Order>): it has a batch, which holds events of one link as they come, and parameter orders counts them. Remove one of them.",
            Wrong.BatchThatCounts.class),
        program(
            P
                + "BatchBetween.take(List<Order>): it has a batch, which holds events of one link as they come, and parameter orders counts them. Remove one of them.",
            Wrong.BatchBetween.class),
        program(
            P
                + "BatchThatSlides.take(List<Order>): it has a batch, which holds events of one link as they come, and parameter orders counts them. Remove one of them.",
            Wrong.BatchThatSlides.class),
        program(
            P
                + "BatchThatBelongs.take(List<Order>): it has a batch, which holds events of one link as they come, and parameter orders correlates them. Remove one of them.",
            Wrong.BatchThatBelongs.class),
        program(
            P
                + "BatchThatRemembers.take(List<Order>, KeyedState<Order>): it has a batch, which holds events of many keys, and parameter last remembers things of one. Remove batch, or the parameter.",
            Wrong.BatchThatRemembers.class),
        program(
            P
                + "BatchOfWindows.take(List<Order>): it has a batch, which holds events as they come, so window means nothing. Remove one of them.",
            Wrong.BatchOfWindows.class),
        program(
            P
                + "BatchWithPolicy.take(List<Order>): it has a batch, which holds events as they come, so policy means nothing. Remove one of them.",
            Wrong.BatchWithPolicy.class),
        program(
            P
                + "BadLink.take(Order): \"Orders!\" is no link name: lower-case letters, digits and dashes, at most 63, first a letter, last no dash. Choose such a name.",
            Wrong.BadLink.class),
        program(
            P
                + "BadFrom.take(Order): from is \"yesterday\". Write earliest, latest or an RFC 3339 time such as 2026-01-01T00:00:00Z.",
            Wrong.BadFrom.class),
        program(
            P
                + "BadPort.take(Order): \"$order\" is no port name: lower-case letters, digits and dashes, at most 63, first a letter, last no dash. Choose such a name.",
            Wrong.BadPort.class),
        program(
            P
                + "BadTask.take(Order): \"Take it\" is no task name: lower-case letters, digits and dashes, at most 63, first a letter, last no dash. Write @Function(name = \"such-a-name\").",
            Wrong.BadTask.class),
        program(
            P
                + "LostResult.price(Order): it returns Priced but has no @Output, so the result would be lost. Add @Output(\"link\"), or return void.",
            Wrong.LostResult.class),
        program(
            P
                + "NothingToSend.price(Order): it has @Output but returns nothing. Return what goes there, or remove @Output.",
            Wrong.NothingToSend.class),
        program(
            P
                + "LostComponent.price(Order): component lost of Several has no @Output, so it would be lost. Add @Output(\"link\") to it, or remove it.",
            Wrong.LostComponent.class,
            Wrong.Several.class),
        program(
            P
                + "Both.price(Order): it has @Output, and so have components of the Two it returns. Keep the one or the others.",
            Wrong.Both.class,
            Wrong.Two.class),
        program(
            P
                + "ManyOfMany.price(Order): it returns List<List<Priced>>, which is many of many. Return one flat List.",
            Wrong.ManyOfMany.class),
        program(
            P
                + "Sorted.price(Order): it returns TreeSet<Priced>, of which the build cannot tell what one event is. Return List, Set, Collection or Stream of what one event is.",
            Wrong.Sorted.class),
        program(
            P
                + "Queue.price(Order): it returns Deque<Priced>, of which the build cannot tell what one event is. Return List, Set, Collection or Stream of what one event is.",
            Wrong.Queue.class),
        program(
            P
                + "Numbers.price(Order): it returns IntStream, of which the build cannot tell what one event is. Return List, Set, Collection or Stream of what one event is.",
            Wrong.Numbers.class),
        program(
            P
                + "Own.price(Order): it returns Prices, of which the build cannot tell what one event is. Return List, Set, Collection or Stream of what one event is.",
            Wrong.Own.class,
            Wrong.Prices.class),
        program(
            P
                + "ListOfSets.price(Order): it returns List<TreeSet<Priced>>, which is many of many. Return one flat List.",
            Wrong.ListOfSets.class),
        program(
            P
                + "RawList.price(Order): it returns List of unknown elements. Name the element's type, such as List<Order>.",
            Wrong.RawList.class),
        program(
            P
                + "Later.price(Order): it returns Future<Priced>, which has no value yet when the method returns. Return CompletionStage, CompletableFuture or Uni of all of it, or wait: functions run on virtual threads, so waiting is cheap.",
            Wrong.Later.class),
        program(
            P
                + "GivesFunction.price(): it returns Function<Order, Priced>, which is code and no data. Make what that does the body of the method: what it takes are parameters with @Input, what it makes is returned.",
            Wrong.GivesFunction.class),
        program(
            P
                + "GivesFunctionOfEvent.price(Order): it returns Function<Order, Priced>, which is code and no data. Make what that does the body of the method: what it takes are parameters with @Input, what it makes is returned.",
            Wrong.GivesFunctionOfEvent.class),
        program(
            P
                + "GivesConsumer.take(): it returns Consumer<Order>, which is code and no data. Make what that does the body of the method: what it takes are parameters with @Input, what it makes is returned.",
            Wrong.GivesConsumer.class),
        program(
            P
                + "GivesSupplier.price(): it returns Supplier<Priced>, which is code and no data. Make what that does the body of the method: what it takes are parameters with @Input, what it makes is returned.",
            Wrong.GivesSupplier.class),
        program(
            P
                + "GivesSuppliers.price(Order): it returns List<Supplier<Priced>>, which is code and no data. Make what that does the body of the method: what it takes are parameters with @Input, what it makes is returned.",
            Wrong.GivesSuppliers.class),
        program(
            P
                + "SuppliesPart.price(Order): it returns Supplier<Priced>, which is code and no data. Make what that does the body of the method: what it takes are parameters with @Input, what it makes is returned.",
            Wrong.SuppliesPart.class,
            Wrong.SuppliedPart.class),
        program(
            P
                + "Published.price(Order): it returns Multi<Priced>, which has no value yet when the method returns. Return CompletionStage, CompletableFuture or Uni of all of it, or wait: functions run on virtual threads, so waiting is cheap.",
            Wrong.Published.class),
        program(
            P
                + "Unis.price(Order): it returns Uni<Priced>, which has no value yet when the method returns. Return CompletionStage, CompletableFuture or Uni of all of it, or wait: functions run on virtual threads, so waiting is cheap.",
            Wrong.Unis.class),
        program(
            P
                + "LaterComponent.price(Order): it returns CompletableFuture<Priced>, which has no value yet when the method returns. Return CompletionStage, CompletableFuture or Uni of all of it, or wait: functions run on virtual threads, so waiting is cheap.",
            Wrong.LaterComponent.class,
            Wrong.LaterPart.class),
        program(
            P
                + "Futures.price(Order): it returns List<CompletableFuture<Priced>>, whose values are not there yet when the method returns. Return CompletionStage, CompletableFuture or Uni of a List.",
            Wrong.Futures.class),
        program(
            P
                + "RawFuture.price(Order): it returns CompletableFuture of unknown elements. Name the element's type, such as CompletableFuture<Order>.",
            Wrong.RawFuture.class),
        program(
            P
                + "LostLater.price(Order): it returns Priced but has no @Output, so the result would be lost. Add @Output(\"link\"), or return void.",
            Wrong.LostLater.class),
        program(
            P
                + "NothingLater.price(Order): it has @Output but returns nothing. Return what goes there, or remove @Output.",
            Wrong.NothingLater.class),
        program(
            P
                + "RawEvent.take(Event): parameter order is Event, of which the build cannot tell what its data is. Name the type of the data, such as Event<Order>, or read CloudEvent.",
            Wrong.RawEvent.class),
        program(
            P
                + "EventOfEvent.take(List<Event<CloudEvent>>): parameter orders is List<Event<CloudEvent>>, of which the build cannot tell what its data is. Name the type of the data, such as Event<Order>, or read CloudEvent.",
            Wrong.EventOfEvent.class),
        program(
            P
                + "EventOfMany.price(Order): it returns Event<Stream<Priced>>, of which the build cannot tell what its data is. Name the type of the data, such as Event<Order>, or return CloudEvent.",
            Wrong.EventOfMany.class),
        program(
            P
                + "BadContentType.price(Order): contentType is \"csv\", which is no media type. Write one such as text/csv or application/xml; charset=utf-8.",
            Wrong.BadContentType.class),
        program(
            P
                + "UnwrittenContentType.price(Order): output \"priced\" is application/pdf; version=2, and nothing writes Priced as that. Return String or byte[], or add a class that implements DataFormat with @ContentTypes(\"application/pdf\").",
            Wrong.UnwrittenContentType.class),
        program(
            P
                + "NoValue.price(Order): attributes has \"tenant\", which has no name or no value. Write name=value, such as tenant=acme.",
            Wrong.NoValue.class),
        program(
            P
                + "OurAttribute.price(Order): attributes: \"koaljahops\" begins as Koalja's own attributes do. Choose another attribute, or remove it.",
            Wrong.OurAttribute.class),
        program(
            P
                + "ChosenId.price(Order): component id of OwnId: \"id\" is not set like this: the runtime derives it from the call. Choose another attribute, or remove it.",
            Wrong.ChosenId.class,
            Wrong.OwnId.class),
        program(
            P
                + "BadAttributeName.price(Order): component tenant of CamelCase: \"tenantId\" is no attribute: 1 to 20 lower-case letters and digits. Choose another attribute, or remove it.",
            Wrong.BadAttributeName.class,
            Wrong.CamelCase.class),
        program(
            P
                + "SameAttribute.price(Order): components one and two of TwoSubjects are both the attribute subject. Keep one.",
            Wrong.SameAttribute.class,
            Wrong.TwoSubjects.class),
        program(
            P
                + "TimeOfText.price(Order): component at of TextTime: time is String. Make it an Instant or OffsetDateTime.",
            Wrong.TimeOfText.class,
            Wrong.TextTime.class),
        program(
            P
                + "FormatOfNothing: it is a DataFormat, but nothing says of which data. Add @ContentTypes(\"text/csv\") with the media type.",
            Wrong.FormatOfNothing.class,
            Wrong.AnyFormat.class),
        program(
            P
                + "FormatOfJson: application/json is read and written by Koalja itself. Remove it; JSON is that of the app's ObjectMapper bean.",
            Wrong.FormatOfJson.class,
            Wrong.AnyFormat.class),
        program(
            P
                + "BadFormat: \"CSV\" is no content type. Write type/subtype in lower case and without parameters, or a suffix such as +cbor.",
            Wrong.BadFormat.class,
            Wrong.AnyFormat.class),
        program(
            P
                + "InnerFormat: it is an inner class, which needs an outer object. Make the class static or top-level.",
            Wrong.InnerFormat.class,
            Wrong.AnyFormat.class),
        program(
            P + "NoFormat: it has @ContentTypes but is no DataFormat. Implement DataFormat.",
            Wrong.NoFormat.class),
        program(
            P + "CsvFormat and " + P + "OtherCsvFormat: both are the format of text/csv. Keep one.",
            Wrong.CsvFormat.class,
            Wrong.OtherCsvFormat.class,
            Wrong.AnyFormat.class),
        program(
            P
                + "ArrayResult.price(Order): it returns Priced[], which could be one event or many. Return a List for one event each, or a record for one event.",
            Wrong.ArrayResult.class),
        program(
            P
                + "BadOutputLink.price(Order): \"\" is no link name: lower-case letters, digits and dashes, at most 63, first a letter, last no dash. Choose such a name.",
            Wrong.BadOutputLink.class),
        program(
            P
                + "Keys.price(Order): TwoKeys has 2 components with @Key. Keep one: an event has one key.",
            Wrong.Keys.class,
            Wrong.TwoKeys.class),
        program(
            P
                + "First.price(Order) and "
                + P
                + "Second.value(Order): both are the task \"price\". Give one of them another name, with @Function(name = \"...\").",
            Wrong.First.class,
            Wrong.Second.class),
        program(
            P
                + "Overloaded.price(Order) and "
                + P
                + "Overloaded.price(Priced): both are the task \"price\". Give one of them another name, with @Function(name = \"...\").",
            Wrong.Overloaded.class),
        program(
            P
                + "Writer.price(Order) and "
                + P
                + "Reader.ship(Order): link \"priced\" is written as "
                + P
                + "Priced and read as "
                + P
                + "Order. Make the types equal, or read it as JsonNode or CloudEvent.",
            Wrong.Writer.class,
            Wrong.Reader.class),
        program(
            P
                + "Waits.take(Order): maxDelay is 1s, less than delay, which is 10s. Make maxDelay at least as long as delay.",
            Wrong.Waits.class),
        program(
            P
                + "Scales.one(Order) and "
                + P
                + "Scales.three(Order): they share the processes of the app but scale differently. Make the scales equal, or set isolated = true on one.",
            Wrong.Scales.class),
        program(
            "@Webhook on "
                + P
                + "Unsigned: there is no secret, so no signature can be verified. Add secret = \"name-of-the-secret\".",
            Wrong.Unsigned.class),
        program(
            "@Webhook on "
                + P
                + "UselessSecret: scheme NONE verifies nothing, so the secret would be unused. Remove the secret, or name the scheme that signs with it.",
            Wrong.UselessSecret.class),
        program(
            "@Webhook on "
                + P
                + "SecretInCode: secret is no name of a secret. Write the name (lower-case letters, digits, dashes), and keep the secret out of the code.",
            Wrong.SecretInCode.class),
        program(
            "@Webhook on "
                + P
                + "TwoHooks and @Webhook on "
                + P
                + "TwoHooks: both triggers are called \"github\". Give one of them another name = \"...\".",
            Wrong.TwoHooks.class),
        program(
            "@Bucket on "
                + P
                + "NoBucket: \"https://example.org/photos\" is no bucket. Write s3://bucket or s3://bucket/prefix.",
            Wrong.NoBucket.class));
  }

  private static Arguments program(String problem, Class<?>... classes) {
    return Arguments.of(classes[0].getSimpleName(), problem, classes);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("programs")
  void isABuildError(String name, String problem, Class<?>[] classes) throws Exception {
    assertThat(problems(classes)).containsExactly(problem);
  }

  @Test
  void aTypeParameterIsNoType() throws Exception {
    assertThat(problems(Wrong.Generic.class))
        .containsExactly(
            P
                + "Generic.take(T): it has type parameters, so what it reads could be anything. Write the types out.",
            P
                + "Generic.take(T): parameter order is T, which could be anything. Read a record or class, JsonNode, String, byte[], InputStream, CloudEvent or Event of one.");
  }

  @Test
  void everySettingThatIsOutOfBoundsIsReported() throws Exception {
    String where = P + "Settings.take(Order): ";
    assertThat(problems(Wrong.Settings.class))
        .containsExactlyInAnyOrder(
            where + "max is 2, less than min, which is 3. Make max at least min.",
            where + "idle is 1ms. Choose a duration from 1s to 1h.",
            where + "delay is 2h. Choose a duration from 1ms to 1h.",
            where + "attempts is 0. Choose a number from 1 to 100.",
            where
                + "timeout is \"soon\", which is no duration. Write a number and ms, s, m, h or d, such as 30s.",
            where
                + "coldStartBudget is \"fast\", which is no duration. Write a number and ms, s, m, h or d, such as 30s.",
            where + "maxInFlight is 20000. Choose a number from 1 to 10000.");
  }

  @Test
  void everyLimitThatIsNoneIsReported() throws Exception {
    String where = P + "MoreSettings.take(Order): ";
    assertThat(problems(Wrong.MoreSettings.class))
        .containsExactlyInAnyOrder(
            where + "coldStartBudget is 2m. Choose a duration from 1ms to 1m.",
            where + "deadline is 31d. Choose a duration from 1ms to 30d.",
            where
                + "maxInFlightBytes: \"1KB\" is no size: write a number and KiB, MiB or GiB, such as 16MiB. Choose a size from 1KiB to 1GiB.",
            where
                + "rate: \"often\" is no rate: write a number from 1 to 1000000 and /s, /m or /h, such as 100/s. Write a number and /s, /m or /h.",
            where + "deduplicate is 8d. Choose a duration from 1ms to 7d.",
            where + "maxHops is 0. Choose a number from 1 to 10000.",
            where
                + "deadLetter: \"Failed!\" is no link name: lower-case letters, digits and dashes, at most 63, first a letter, last no dash. Give the name of a link.");
  }

  @Test
  void everyMemberThatABatchMakesMeaninglessIsReported() throws Exception {
    assertThat(problems(Wrong.BatchThatGivesUp.class))
        .containsExactlyElementsOf(
            Stream.of(
                    "correlate",
                    "correlateBy",
                    "giveUpAfter",
                    "then",
                    "minInterval",
                    "grace",
                    "maxWaiting")
                .map(
                    member ->
                        P
                            + "BatchThatGivesUp.take(List<Order>): it has a batch, which holds events as they come, so "
                            + member
                            + " means nothing. Remove one of them.")
                .toList());
  }

  @Test
  void everyProblemOfABucketIsReported() throws Exception {
    String where = "@Bucket on " + P + "NothingFromBucket: ";
    assertThat(problems(Wrong.NothingFromBucket.class))
        .containsExactly(
            where + "events is empty, so nothing would ever come. Name CREATED or REMOVED.",
            where
                + "\"Photos\" is no trigger name: lower-case letters, digits and dashes, at most 63, first a letter, last no dash. Choose such a name.");
  }

  @Test
  void whatOnlyTheWholeGraphShowsIsABuildErrorToo() throws Exception {
    assertThat(problems(Wrong.Loop.class))
        .singleElement()
        .asString()
        .contains("is part of a loop, in which events would run for ever: ping ─▶ pong ─▶ ping");
    assertThat(problems(Wrong.Misspelt.class))
        .singleElement()
        .asString()
        .contains("no link is called \"pricd\": did you mean \"priced\"?");
  }

  @Test
  void aHandWrittenFileIsCheckedWithTheCode() throws Exception {
    FunctionScan scan = FunctionScan.of(Index.of(Wrong.Misspelt.class));
    String declared =
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: shop}
        spec:
          links: [{name: pricd}]
        """;

    assertThat(inferred(scan, declared)).isEmpty();
    assertThat(inferred(scan, declared.replace("links", "lnks")))
        .anyMatch(problem -> problem.startsWith("pipeline.yaml:5:3"));
  }

  @Test
  void anAppNeedsAName() throws Exception {
    FunctionScan scan = FunctionScan.of(Index.of(Wrong.First.class));

    assertThat(InferredPipeline.of("My Shop", scan, Optional.empty()).problems())
        .containsExactly(
            "quarkus.application.name: \"My Shop\" is no app name: lower-case letters, digits and dashes, at most 63, first a letter, last no dash. Set it, or the artifactId, to such a name.");
  }

  @Test
  void aFilterThatIsNoneIsABuildError() throws Exception {
    assertThat(problems(Wrong.BadFilter.class))
        .singleElement()
        .asString()
        .startsWith(P + "BadFilter.take(Order): parameter order: filter: ")
        .endsWith("Write an expression of CloudEvents SQL that is true or false.");
  }

  @Test
  void typesMeetInsideListsAndOnMergedLinks() throws Exception {
    assertThat(problems(Wrong.Writer.class, Wrong.ListReader.class))
        .containsExactly(
            P
                + "Writer.price(Order) and "
                + P
                + "ListReader.ship(List<Order>): link \"priced\" is written as "
                + P
                + "Priced and read as "
                + P
                + "Order. Make the types equal, or read it as JsonNode or CloudEvent.");
  }

  @Test
  void aHandWrittenFileMustFitTheParametersToo() throws Exception {
    FunctionScan scan = FunctionScan.of(Index.of(Wrong.Misspelt.class));
    String file =
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: shop}
        spec:
          links: [{name: pricd}]
          tasks:
          - name: price
            inputs: [{name: order, length: 3}]
          - name: ship
            inputs: [{name: order}, {name: stock, link: stock}]
        """;

    assertThat(inferred(scan, file))
        .containsExactly(
            P
                + "Misspelt.price(Order): parameter order is Order, and a snapshot has up to 3 events of it. Read List<Order>.",
            P
                + "Misspelt.ship(Order): the pipeline file gives it the input \"stock\", for which it has no parameter. Add a parameter, or set mergeInto to one of its inputs.");
  }

  @Test
  void aHandWrittenBatchMustFitTheParameterToo() throws Exception {
    FunctionScan scan = FunctionScan.of(Index.of(Wrong.First.class));
    String file =
        """
        apiVersion: koalja.dev/v1alpha1
        kind: Pipeline
        metadata: {name: shop}
        spec:
          tasks:
          - name: price
            delivery: {batch: {max: 10}}
        """;

    assertThat(inferred(scan, file))
        .containsExactly(
            P
                + "First.price(Order): parameter order is Order, and a batch has up to 10 events. Read List<Order>.");
  }

  private static List<String> inferred(FunctionScan scan, String handWritten) {
    return InferredPipeline.of(
            "shop", scan, Optional.of(new PipelineReader.Source("pipeline.yaml", handWritten)))
        .problems();
  }

  private static List<String> problems(Class<?>... classes) throws IOException {
    return InferredPipeline.of("shop", FunctionScan.of(Index.of(classes)), Optional.empty())
        .problems();
  }
}
