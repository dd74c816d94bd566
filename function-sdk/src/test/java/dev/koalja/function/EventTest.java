package dev.koalja.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventTest {
  private static final CloudEvent CAME =
      CloudEventBuilder.v1()
          .withId("1")
          .withSource(URI.create("/s"))
          .withType("t")
          .withSubject("about")
          .withTime(OffsetDateTime.parse("2026-01-01T01:00:00+01:00"))
          .withDataSchema(URI.create("urn:schema"))
          .withDataContentType("application/json")
          .withExtension("partitionkey", "ann")
          .withExtension("color", "red")
          .withExtension("koaljahops", 3)
          .build();

  @Test
  void saysWhatCame() {
    Event<String> event = Event.of("data", CAME);

    assertThat(event.data()).isEqualTo("data");
    assertThat(event.id()).isEqualTo("1");
    assertThat(event.source()).isEqualTo(URI.create("/s"));
    assertThat(event.type()).isEqualTo("t");
    assertThat(event.subject()).contains("about");
    assertThat(event.time()).contains(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(event.key()).contains("ann");
    assertThat(event.contentType()).contains("application/json");
    assertThat(event.attribute("color")).contains("red");
    assertThat(event.attribute("shape")).isEmpty();
    assertThat(event.attributes()).containsEntry("koaljahops", 3).doesNotContainKey("specversion");
  }

  @Test
  void handsOnWhatIsNotOfItsData() {
    Event<Integer> next = Event.of("data", CAME).with(12);

    assertThat(next.attributes()).isEqualTo(Map.of("subject", "about", "color", "red"));
    assertThat(next.chosen()).isEmpty();
    assertThat(next.subject("other").with(13).subject()).contains("other");
    assertThatThrownBy(next::id)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a result has no id yet: the runtime gives it one");
  }

  @Test
  void isChangedByMakingAnother() {
    Event<String> event = Event.of("data");
    Event<String> other = event.time(Instant.EPOCH).extension("at", Instant.EPOCH);

    assertThat(event.attributes()).isEmpty();
    assertThat(other.time()).contains(Instant.EPOCH);
    assertThat(other.chosen()).containsEntry("at", OffsetDateTime.parse("1970-01-01T00:00:00Z"));
    assertThat(other)
        .isNotEqualTo(event)
        .isEqualTo(event.time(Instant.EPOCH).extension("at", Instant.EPOCH));
    assertThat(other.toString()).contains("1970").doesNotContain("data");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "id           | \"id\" is not set like this: the runtime derives it from the call",
        "source       | \"source\" is not set like this: the runtime derives it from the app and the task",
        "partitionkey | \"partitionkey\" is not set like this: write @Key, or key of the Event",
        "subject      | \"subject\" is no extension: write subject(…)",
        "dataschema   | \"dataschema\" is no extension: write schema(…)",
        "koaljahops   | \"koaljahops\" begins as Koalja's own attributes do",
        "tenantId     | \"tenantId\" is no attribute: 1 to 20 lower-case letters and digits",
      })
  void refusesExtensionsThatAreNone(String name, String message) {
    assertThatThrownBy(() -> Event.of("data").extension(name, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
