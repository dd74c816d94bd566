package dev.koalja.runtime.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.schema.DataSchema;
import dev.koalja.pipeline.schema.SchemaRules;
import dev.koalja.pipeline.schema.SchemaText;
import dev.koalja.pipeline.schema.Shape;
import dev.koalja.runtime.deployment.JavaSchemas.Direction;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jboss.jandex.ClassType;
import org.jboss.jandex.DotName;
import org.jboss.jandex.Index;
import org.jboss.jandex.Type;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the build believes of JSON, against what Jackson, configured like Quarkus, does. */
class JavaSchemasTest {
  enum State {
    OPEN,
    PAID
  }

  enum Coded {
    ONE;

    @JsonValue
    int code() {
      return 1;
    }
  }

  record Line(String article, int count) {}

  record Tree(String name, List<Tree> children) {}

  record Page<T>(List<T> items, int total) {}

  record Pages(Page<Line> lines, Page<String> words) {}

  record Order(
      UUID id,
      State state,
      BigDecimal total,
      double rate,
      boolean paid,
      char mark,
      long number,
      List<Line> lines,
      Map<String, Integer> counts,
      Optional<String> note,
      @Nullable String comment,
      Instant at,
      LocalDate day,
      LocalTime time,
      LocalDateTime local,
      OffsetTime zoned,
      byte[] bytes,
      int[] numbers,
      JsonNode more,
      Object any) {}

  record Renamed(
      @JsonProperty("order_id") String id, @JsonIgnore String secret, @JsonAlias("nr") int number) {
    public boolean isLarge() {
      return number > 10;
    }

    public String getURLPath() {
      return "/" + id;
    }

    String describe() {
      return id;
    }
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Sparse(@Nullable String a, @NotNull String b) {}

  record Checked(@NotBlank String name, @Valid Line line, List<@NotNull String> words) {}

  record Demanded(@JsonProperty(required = true) String id, String other) {}

  record Formatted(@JsonFormat(pattern = "yyyy") LocalDate day) {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  interface Animal {}

  record Cat(String name) implements Animal {}

  sealed interface Payment permits Card {}

  record Card(String number) implements Payment {}

  record Pays(Payment payment, Card card) {}

  public static class Base {
    private String id = "i";

    public String getId() {
      return id;
    }

    public void setId(String id) {
      this.id = id;
    }
  }

  public static class Bean extends Base {
    public int open = 1;
    private String name = "n";
    private boolean done = true;
    private String hidden = "h";
    private List<String> tags = new ArrayList<>();

    public String getName() {
      return name;
    }

    public void setName(String name) {
      this.name = name;
    }

    public boolean isDone() {
      return done;
    }

    public List<String> getTags() {
      return tags;
    }

    void setHidden(String hidden) {
      this.hidden = hidden;
    }

    String hidden() {
      return hidden;
    }
  }

  public static class OnlyRead {
    private final String id;

    public OnlyRead(String id) {
      this.id = id;
    }

    public String getId() {
      return id;
    }
  }

  /** Changes how JSON is written, so that nothing is known. */
  static class OwnModule extends SimpleModule {
    private static final long serialVersionUID = 1L;
  }

  private static final Class<?>[] CLASSES = {
    State.class,
    Coded.class,
    Line.class,
    Tree.class,
    Page.class,
    Pages.class,
    Order.class,
    Renamed.class,
    Sparse.class,
    Checked.class,
    Demanded.class,
    Formatted.class,
    Animal.class,
    Cat.class,
    Payment.class,
    Card.class,
    Pays.class,
    Base.class,
    Bean.class,
    OnlyRead.class
  };

  private static Optional<DataSchema> schema(Class<?> type, Direction direction, boolean valid) {
    return new JavaSchemas(index(CLASSES), false).of(type(type), direction, valid);
  }

  private static Type type(Class<?> type) {
    return ClassType.create(DotName.createSimple(type.getName()), Type.Kind.CLASS);
  }

  private static Index index(Class<?>... classes) {
    try {
      return Index.of(classes);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static List<Object> values() {
    Order order =
        new Order(
            UUID.randomUUID(),
            State.PAID,
            new BigDecimal("1.5"),
            0.5,
            true,
            'x',
            7,
            List.of(new Line("a", 1)),
            Map.of("b", 2),
            Optional.of("c"),
            "d",
            Instant.EPOCH,
            LocalDate.EPOCH,
            LocalTime.NOON,
            LocalDateTime.MIN.withYear(2026),
            OffsetTime.of(LocalTime.NOON, ZoneOffset.UTC),
            new byte[] {1},
            new int[] {1, 2},
            Json.MAPPER.createArrayNode(),
            Map.of());
    return List.of(
        order,
        new Line("a", 1),
        new Tree("a", List.of(new Tree("b", List.of()))),
        new Pages(new Page<>(List.of(new Line("a", 1)), 1), new Page<>(List.of("w"), 1)),
        new Renamed("a", "b", 1),
        new Sparse("a", "b"),
        new Checked("a", new Line("b", 1), List.of("c")),
        new Demanded("a", "b"),
        new Bean(),
        new OnlyRead("a"));
  }

  @ParameterizedTest
  @MethodSource("values")
  void shouldNameTheFieldsThatJacksonWrites(Object value) throws JsonProcessingException {
    DataSchema schema = schema(value.getClass(), Direction.WRITTEN, false).orElseThrow();
    JsonNode json = Json.MAPPER.readTree(Json.MAPPER.writeValueAsString(value));

    fits(schema, schema.root(), json, value.getClass().getSimpleName());
  }

  private static void fits(DataSchema schema, Shape shape, JsonNode json, String path) {
    switch (Shape.withoutNull(schema.resolve(shape))) {
      case Shape.Fields(var fields) -> {
        Set<String> names = new LinkedHashSet<>();
        json.fieldNames().forEachRemaining(names::add);
        assertThat(fields.keySet()).as(path).containsExactlyInAnyOrderElementsOf(names);
        fields.forEach(
            (name, field) -> fits(schema, field.shape(), json.get(name), path + "." + name));
      }
      case Shape.Items(var element) -> {
        assertThat(json.isArray()).as(path).isTrue();
        json.forEach(each -> fits(schema, element, each, path + "[]"));
      }
      case Shape.Entries(var value) -> {
        assertThat(json.isObject()).as(path).isTrue();
        json.forEach(each -> fits(schema, value, each, path + ".*"));
      }
      case Shape.Text _ -> assertThat(json.isTextual()).as(path).isTrue();
      case Shape.Choice(var words) -> assertThat(words).as(path).contains(json.asText());
      case Shape.Whole _ -> assertThat(json.isIntegralNumber()).as(path).isTrue();
      case Shape.Decimal _ -> assertThat(json.isNumber()).as(path).isTrue();
      case Shape.Truth _ -> assertThat(json.isBoolean()).as(path).isTrue();
      case Shape.Anything _, Shape.Named _, Shape.OrNull _ -> {}
    }
  }

  @ParameterizedTest
  @MethodSource("values")
  void shouldReadWhatItWrites(Object value) {
    DataSchema written = schema(value.getClass(), Direction.WRITTEN, false).orElseThrow();

    for (boolean validated : new boolean[] {false, true}) {
      schema(value.getClass(), Direction.READ, validated)
          .ifPresent(read -> assertThat(SchemaRules.compare(written, read)).isEmpty());
    }
  }

  /** Nothing that Jackson reads from an empty object is required. */
  @ParameterizedTest
  @MethodSource("values")
  void shouldRequireOnlyWhatJacksonFailsWithout(Object value) {
    Optional<DataSchema> read = schema(value.getClass(), Direction.READ, false);
    if (read.isEmpty()) {
      assertThat(value).isInstanceOf(OnlyRead.class);
      return;
    }
    Shape.Fields root = (Shape.Fields) read.get().resolve(read.get().root());
    List<String> required =
        root.fields().keySet().stream().filter(name -> root.fields().get(name).required()).toList();

    if (required.isEmpty()) {
      assertThat(reads("{}", value.getClass())).isTrue();
    } else {
      assertThat(required).containsExactly("id");
      assertThatThrownBy(() -> Json.MAPPER.readValue("{\"other\":\"x\"}", value.getClass()))
          .isInstanceOf(JsonMappingException.class)
          .hasMessageContaining("id");
    }
  }

  private static boolean reads(String json, Class<?> type) {
    try {
      return type.isInstance(Json.MAPPER.readValue(json, type));
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldRequireWhatTheValidatorDoes() {
    assertThat(SchemaText.lines(schema(Checked.class, Direction.READ, true).orElseThrow()))
        .startsWith("name: text", "line?: Line", "words?: list of text");
    assertThat(SchemaText.lines(schema(Checked.class, Direction.READ, false).orElseThrow()))
        .startsWith("name?: text", "line?: Line", "words?: list of text");
    assertThat(SchemaText.lines(schema(Sparse.class, Direction.WRITTEN, false).orElseThrow()))
        .containsExactly("a?: text", "b: text");
  }

  static Stream<Class<?>> opaque() {
    return Stream.of(
        Coded.class, Formatted.class, Cat.class, Payment.class, Animal.class, Object.class);
  }

  @ParameterizedTest
  @MethodSource("opaque")
  void shouldKnowNothingOfWhatAnnotationsOrSubtypesDecide(Class<?> type) {
    assertThat(schema(type, Direction.WRITTEN, false)).isEmpty();
    assertThat(schema(type, Direction.READ, false)).isEmpty();
  }

  @Test
  void shouldLeaveOpenOnlyTheFieldOfWhichNothingIsKnown() {
    assertThat(SchemaText.lines(schema(Pays.class, Direction.WRITTEN, false).orElseThrow()))
        .containsExactly("payment: anything", "card: Card", "Card: object", "  number: text");
  }

  @Test
  void shouldFollowTypesThatContainThemselves() {
    assertThat(SchemaText.lines(schema(Tree.class, Direction.WRITTEN, false).orElseThrow()))
        .containsExactly("name: text", "children: list of Tree");
  }

  @Test
  void shouldKnowNothingWhenTheAppMakesItsOwnMapper() {
    Index own = index(Line.class, SimpleModule.class, OwnModule.class);

    assertThat(new JavaSchemas(own, false).of(type(Line.class), Direction.WRITTEN, false))
        .isEmpty();
    assertThat(new JavaSchemas(index(CLASSES), true).of(type(Line.class), Direction.WRITTEN, false))
        .isEmpty();
  }
}
