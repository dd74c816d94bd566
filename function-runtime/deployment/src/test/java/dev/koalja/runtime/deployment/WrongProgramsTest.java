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
                + "Join.ship(Priced, Order): it has 2 inputs: joins come in a later version. Keep one @Input for now.",
            Wrong.Join.class),
        program(
            P
                + "Window.take(List<Order>): parameter orders is List<Order>: windows come in a later version. Read a record or class, JsonNode, String, byte[] or CloudEvent.",
            Wrong.Window.class),
        program(
            P
                + "ArrayInput.take(Order[]): parameter orders is Order[]: windows come in a later version. Read a record or class, JsonNode, String, byte[] or CloudEvent.",
            Wrong.ArrayInput.class),
        program(
            P
                + "OptionalInput.take(Optional<Order>): parameter order is Optional<Order>, but there always is an event. Read a record or class, JsonNode, String, byte[] or CloudEvent.",
            Wrong.OptionalInput.class),
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
                + "Later.price(Order): it returns CompletableFuture<Priced>, which has no value yet when the method returns. Wait for the value and return it: functions run on virtual threads, so waiting is cheap.",
            Wrong.Later.class),
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
                + "Generic.take(T): parameter order is T, which could be anything. Read a record or class, JsonNode, String, byte[] or CloudEvent.");
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
            where + "maxInFlight is 20000. Choose a number from 1 to 10000.");
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
