package dev.koalja.runtime.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.function.Event;
import dev.koalja.function.Function;
import dev.koalja.function.Input;
import dev.koalja.function.Output;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.schema.SchemaText;
import dev.koalja.pipeline.yaml.InvalidPipelineException;
import dev.koalja.pipeline.yaml.PipelineReader;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.io.IOException;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.jboss.jandex.Index;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What apps that were built apart know of each other when they meet on a link. */
class TypedWiresTest {
  private static final String P = "dev.koalja.runtime.deployment.TypedWiresTest.";

  record Priced(String id, @Nullable String coupon, double amount) {}

  record Parcel(String id, @Nullable String address) {}

  record Heavy(String id, double weight) {}

  record Counted(String id, int amount) {}

  enum Size {
    SMALL,
    LARGE
  }

  /** What was any text has to be one of some words. */
  record Sized(Size id) {}

  /** What was any text has to be a date. */
  record Dated(LocalDate id) {}

  record Strict(@NotNull String id, @NotNull String coupon) {}

  static class Shop {
    @Function
    @Output("priced")
    List<Priced> price(@Input("order") String order) {
      return List.of();
    }

    @Function
    @Output(value = "table", contentType = "text/csv")
    String table(@Input("order") String order) {
      return order;
    }
  }

  static class Ship {
    @Function
    void ship(@Input("priced") Parcel parcel) {}
  }

  static class Weigh {
    @Function
    void weigh(@Input("priced") Heavy parcel) {}
  }

  static class Count {
    @Function
    void count(@Input("priced") Event<Counted> counted) {}
  }

  static class Sort {
    @Function
    void sort(@Input("priced") Sized sized) {}
  }

  static class File {
    @Function
    void file(@Input("priced") Dated dated) {}
  }

  static class Check {
    @Function
    void check(@Input("priced") @Valid Strict strict) {}
  }

  static class Look {
    @Function
    void look(@Input("priced") Strict strict) {}
  }

  private static String yaml(String app, Class<?>... classes) {
    try {
      InferredPipeline inferred =
          InferredPipeline.of(app, FunctionScan.of(Index.of(classes)), Optional.empty());
      assertThat(inferred.problems()).isEmpty();
      return inferred.yaml();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Pipeline together(Class<?>... reader) {
    return PipelineReader.read(
        new PipelineReader.Source("shop.yaml", yaml("shop", Shop.class, Priced.class)),
        new PipelineReader.Source("ware.yaml", yaml("ware", reader)));
  }

  @Test
  void shouldPutSchemasIntoThePipelineFile() {
    Pipeline pipeline = together(Ship.class, Parcel.class);

    assertThat(
            SchemaText.lines(
                pipeline.task("price").orElseThrow().outputs().getFirst().schema().orElseThrow()))
        .containsExactly("id: text", "coupon?: text", "amount: number");
    assertThat(
            SchemaText.lines(
                pipeline.task("ship").orElseThrow().inputs().getFirst().schema().orElseThrow()))
        .containsExactly("id?: text", "address?: text");
    assertThat(pipeline.task("price").orElseThrow().inputs().getFirst().schema()).isEmpty();
    assertThat(pipeline.task("table").orElseThrow().outputs().getFirst().schema()).isEmpty();
  }

  @Test
  void shouldTakeAViewOfAnotherAppsType() {
    assertThat(together(Ship.class, Parcel.class).tasks()).hasSize(3);
    // nobody validates it, so nothing fails
    assertThat(together(Look.class, Strict.class).tasks()).hasSize(3);
  }

  @Test
  void shouldRefuseWhatCouldNotBeRead() {
    assertThatThrownBy(() -> together(Weigh.class, Heavy.class))
        .isInstanceOf(InvalidPipelineException.class)
        .hasMessageContaining(
            "links.priced  written by price (app shop) as "
                + P
                + "Priced, read by weigh (app ware) as "
                + P
                + "Heavy: \"weight\" is read by the consumer, and the producer, whose type has"
                + " another name, does not write it");
    assertThatThrownBy(() -> together(Count.class, Counted.class))
        .hasMessageContaining(
            "\"amount\" is a number at the producer and an integer at the consumer: give both the"
                + " same type");
    assertThatThrownBy(() -> together(Sort.class, Sized.class, Size.class))
        .hasMessageContaining(
            "links.priced  written by price (app shop) as "
                + P
                + "Priced, read by sort (app ware) as "
                + P
                + "Sized: \"id\" is text at the producer and one of SMALL, LARGE at the consumer")
        .hasMessageContaining("give both the same type");
    assertThatThrownBy(() -> together(File.class, Dated.class))
        .hasMessageContaining(
            "\"id\" is text at the producer and text (date) at the consumer: give both the same"
                + " type");
    assertThatThrownBy(() -> together(Check.class, Strict.class))
        .hasMessageContaining(
            "\"coupon\" may be null at the producer, and the consumer refuses null");
  }

  @Test
  void shouldFallBackToNamesWhereAnAppHasNoSchemas() {
    String old = yaml("ware", Ship.class, Parcel.class).replaceAll("(?m)^ *schema: .*\\R", "");

    assertThatThrownBy(
            () ->
                PipelineReader.read(
                    new PipelineReader.Source("shop.yaml", yaml("shop", Shop.class, Priced.class)),
                    new PipelineReader.Source("ware.yaml", old)))
        .hasMessageContaining(
            "written by price as " + P + "Priced, read by ship as " + P + "Parcel");
  }
}
