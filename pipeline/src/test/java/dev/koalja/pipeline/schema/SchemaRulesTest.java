package dev.koalja.pipeline.schema;

import static dev.koalja.pipeline.schema.Notation.schema;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.koalja.pipeline.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaRulesTest {
  private static final int SCHEMAS = 2_000;

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          {id!: text}                ; {id!: text}                ; fine
          {id!: text}                ; {id: text}                 ; fine
          {id!: text, more: num}     ; {id!: text}                ; fine
          {id!: text}                ; {id!: text, more: num}     ; fine
          {id!: text}                ; {}                         ; fine
          {}                         ; {id: text}                 ; fine
          {}                         ; {id!: text}                ; "id" is required by the consumer, and the producer does not write it
          {id: text}                 ; {id!: text}                ; "id" is required by the consumer, and optional at the producer
          {id!: text?}               ; {id!: text}                ; "id" may be null at the producer, and the consumer refuses null
          {id!: text?}               ; {id!: text?}               ; fine
          {id!: text?}               ; {id: text}                 ; fine
          {id: text?}                ; {id!: text}                ; "id" is required by the consumer, and optional at the producer, "id" may be null at the producer, and the consumer refuses null
          text?                      ; text                       ; the data may be null at the producer, and the consumer refuses null
          text                       ; text?                      ; fine
          int                        ; int                        ; fine
          int                        ; num                        ; fine
          num                        ; int                        ; the data is a number at the producer and an integer at the consumer
          num                        ; num                        ; fine
          int                        ; text                       ; the data is an integer at the producer and text at the consumer
          text                       ; int                        ; the data is text at the producer and an integer at the consumer
          bool                       ; bool                       ; fine
          bool                       ; int                        ; the data is true or false at the producer and an integer at the consumer
          int                        ; bool                       ; the data is an integer at the producer and true or false at the consumer
          text                       ; bool                       ; the data is text at the producer and true or false at the consumer
          text(date)                 ; text(date)                 ; fine
          text(date)                 ; text                       ; fine
          text                       ; text(date)                 ; the data is text at the producer and text (date) at the consumer
          text(uuid)                 ; text(date)                 ; the data is text (uuid) at the producer and text (date) at the consumer
          OPEN|PAID                  ; OPEN|PAID                  ; fine
          OPEN|PAID                  ; PAID|OPEN|LOST             ; fine
          OPEN|PAID|LOST             ; OPEN                       ; the data may be PAID, LOST, which the consumer does not know
          A|B|C|D|E|F|G              ; A                          ; the data may be B, C, D, E, F, …, which the consumer does not know
          OPEN|PAID                  ; text                       ; fine
          OPEN|PAID                  ; text(date)                 ; the data is one of OPEN, PAID at the producer and text (date) at the consumer
          text                       ; OPEN|PAID                  ; the data is text at the producer and one of OPEN, PAID at the consumer
          OPEN?                      ; OPEN                       ; the data may be null at the producer, and the consumer refuses null
          [int]                      ; [int]                      ; fine
          [int]                      ; [num]                      ; fine
          [num]                      ; [int]                      ; "[]" is a number at the producer and an integer at the consumer
          [text?]                    ; [text]                     ; fine
          [text]                     ; text                       ; the data is a list at the producer and text at the consumer
          text                       ; [text]                     ; the data is text at the producer and a list at the consumer
          {l!: [{n!: int}]}          ; {l!: [{n!: int, m: int}]}  ; fine
          {l!: [{n: int}]}           ; {l!: [{n!: int}]}          ; "l[].n" is required by the consumer, and optional at the producer
          <int>                      ; <num>                      ; fine
          <num>                      ; <int>                      ; ".*" is a number at the producer and an integer at the consumer
          {by!: <{a: int}>}          ; {by!: <{a!: int}>}         ; "by.*.a" is required by the consumer, and optional at the producer
          {a!: int, b!: num}         ; <num>                      ; fine
          {a!: int, b!: text}        ; <num>                      ; "b" is text at the producer and a number at the consumer
          <int>                      ; {a: int}                   ; fine
          <text>                     ; {a: int}                   ; "a" is text at the producer and an integer at the consumer
          <int>                      ; {a!: int}                  ; "a" is required by the consumer, and the producer writes a map, which may lack it
          {a!: int}                  ; [int]                      ; the data is an object at the producer and a list at the consumer
          [int]                      ; <int>                      ; the data is a list at the producer and a map at the consumer
          {a!: {b!: {c!: num}}}      ; {a!: {b!: {c!: int}}}      ; "a.b.c" is a number at the producer and an integer at the consumer
          *                          ; {a!: int}                  ; fine
          {a!: int}                  ; *                          ; fine
          int?                       ; *                          ; fine
          {a!: *}                    ; {a!: [int]}                ; fine
          {a: *}                     ; {a!: [int]}                ; "a" is required by the consumer, and optional at the producer
          {a!: int?}                 ; {a!: *}                    ; fine
          """)
  void shouldFollowTheRules(String producer, String consumer, String expected) {
    String found =
        SchemaRules.compare(schema(producer), schema(consumer)).stream()
            .map(Mismatch::text)
            .collect(Collectors.joining(", "));

    assertThat(found.isEmpty() ? "fine" : found).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          {id!: text, n: int} ; {id: text}             ; 0
          {id!: text}         ; {id: text, note: text} ; 1
          {id!: text}         ; {id: text, note: text?}; 0
          {id!: text}         ; {id: text, note: *}    ; 0
          {id!: text}         ; {id: num}              ; 1
          {l!: [{a!: int}]}   ; {l: [{b: int}]}        ; 1
          """)
  void shouldTakeATypeOfAnotherNameWhenItIsAView(String producer, String consumer, int problems) {
    assertThat(SchemaRules.compareView(schema(producer), schema(consumer))).hasSize(problems);
  }

  @Test
  void shouldSayWhatToDo() {
    assertThat(SchemaRules.compare(schema("{}"), schema("{id!: text}")))
        .hasToString(
            "[\"id\" is required by the consumer, and the producer does not write it: write it, or"
                + " let the consumer do without it]");
    assertThat(SchemaRules.compareView(schema("{}"), schema("{note: text}")))
        .hasToString(
            "[\"note\" is read by the consumer, and the producer, whose type has another name, does"
                + " not write it: read the producer's type, remove the field, or say that it may be"
                + " null]");
  }

  @Test
  void shouldCompareShapesThatContainThemselves() {
    DataSchema tree = tree(Shape.INTEGER);

    assertThat(SchemaRules.compare(tree, tree)).isEmpty();
    assertThat(SchemaRules.compare(tree, tree(Shape.NUMBER))).isEmpty();
    assertThat(SchemaRules.compare(tree(Shape.NUMBER), tree))
        .extracting(Mismatch::path)
        .containsExactly("value");
    assertThat(SchemaRules.compare(tree, schema("{value!: int, children!: [{children!: [*]}]}")))
        .isEmpty();
    assertThat(SchemaRules.compare(tree, schema("{value!: int, children!: [{weight!: int}]}")))
        .extracting(Mismatch::path)
        .containsExactly("children[].weight");
  }

  private static DataSchema tree(Shape value) {
    Map<String, Shape.Field> fields = new LinkedHashMap<>();
    fields.put("value", new Shape.Field(value, true));
    fields.put(
        "children",
        new Shape.Field(new Shape.Items(new Shape.OrNull(new Shape.Named("tree"))), true));
    return new DataSchema(
        new Shape.Named("tree"), new TreeMap<>(Map.of("tree", new Shape.Fields(fields))));
  }

  @Test
  void shouldNameNoMorePlacesThanHelp() {
    String fields =
        IntStream.range(0, 100).mapToObj(i -> "f" + i + "!: int").collect(Collectors.joining(", "));

    assertThat(SchemaRules.compare(schema("{}"), schema("{" + fields + "}")))
        .hasSize(SchemaRules.MAX_MISMATCHES);
  }

  /** Two schemas whose definitions meet in every combination must not take for ever. */
  @Test
  void shouldEndWhateverTheDefinitions() {
    TreeMap<String, Shape> definitions = new TreeMap<>();
    for (int i = 0; i < 300; i++) {
      Map<String, Shape.Field> fields = new LinkedHashMap<>();
      for (int j = 0; j < 5; j++) {
        fields.put("f" + j, new Shape.Field(new Shape.Named("d" + (i * 7 + j * 31) % 300), true));
      }
      definitions.put("d" + i, new Shape.Fields(fields));
    }
    DataSchema one = new DataSchema(new Shape.Named("d0"), definitions);
    DataSchema other = new DataSchema(new Shape.Named("d1"), definitions);

    assertThat(SchemaRules.compare(one, other)).isEmpty();
  }

  @Test
  void shouldReadItselfAndStayReadableWhateverIsAdded() throws JsonProcessingException {
    Random random = new Random(4711);
    int shapes = 0;
    for (int i = 0; i < SCHEMAS; i++) {
      DataSchema schema = new DataSchema(shape(random, 4));
      assertThat(SchemaRules.compare(schema, schema)).as(schema.json()).isEmpty();
      assertThat(SchemaRules.compareView(schema, schema)).as(schema.json()).isEmpty();

      DataSchema again = DataSchema.read(Json.MAPPER.readTree(schema.json()));
      assertThat(again).isEqualTo(schema);
      assertThat(again.json()).isEqualTo(schema.json());

      if (schema.root() instanceof Shape.Fields object) {
        shapes++;
        DataSchema wider = new DataSchema(with(object, "added", false));
        assertThat(SchemaRules.compare(schema, wider)).as(wider.json()).isEmpty();
        assertThat(SchemaRules.compare(wider, schema)).as(wider.json()).isEmpty();
        DataSchema stricter = new DataSchema(with(object, "added", true));
        assertThat(SchemaRules.compare(stricter, schema)).as(stricter.json()).isEmpty();
        assertThat(SchemaRules.compare(schema, stricter))
            .as(stricter.json())
            .extracting(Mismatch::path)
            .containsExactly("added");
      }
    }
    assertThat(shapes).isGreaterThan(SCHEMAS / 10);
  }

  private static Shape with(Shape.Fields object, String name, boolean required) {
    Map<String, Shape.Field> fields = new LinkedHashMap<>(object.fields());
    fields.put(name, new Shape.Field(Shape.TEXT, required));
    return new Shape.Fields(fields);
  }

  private static Shape shape(Random random, int depth) {
    Shape shape =
        switch (random.nextInt(depth > 0 ? 11 : 7)) {
          case 0 -> Shape.ANYTHING;
          case 1 -> Shape.TEXT;
          case 2 -> new Shape.Text(Optional.of(random.nextBoolean() ? "date" : "uuid"));
          case 3 -> Shape.NUMBER;
          case 4 -> Shape.INTEGER;
          case 5 -> Shape.BOOLEAN;
          case 6 -> new Shape.Choice(words(random));
          case 7 -> new Shape.Items(shape(random, depth - 1));
          case 8 -> new Shape.Entries(shape(random, depth - 1));
          default -> fields(random, depth);
        };
    return random.nextInt(4) == 0 ? Shape.orNull(shape) : shape;
  }

  private static List<String> words(Random random) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(4); i++) {
      words.add("W" + i);
    }
    return words;
  }

  private static Shape fields(Random random, int depth) {
    Map<String, Shape.Field> fields = new LinkedHashMap<>();
    for (int i = 0; i < random.nextInt(5); i++) {
      fields.put("f/~" + i, new Shape.Field(shape(random, depth - 1), random.nextBoolean()));
    }
    return new Shape.Fields(fields);
  }
}
