package dev.koalja.router.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class DuplicatesTest {
  private final Duplicates duplicates = new Duplicates(Duration.ofMillis(100));

  private Optional<Long> at(long offset, long time, String source, String id) {
    CloudEvent event =
        CloudEventBuilder.v1().withId(id).withSource(URI.create(source)).withType("t").build();
    return duplicates.before(
        event,
        new ConsumerRecord<>(
            "t",
            0,
            offset,
            time,
            TimestampType.CREATE_TIME,
            0,
            0,
            null,
            null,
            new RecordHeaders(),
            Optional.empty()));
  }

  @Test
  void shouldKnowTheSameSourceAndIdWithinTheWindow() {
    assertThat(at(1, 1000, "/a", "1")).isEmpty();
    assertThat(at(2, 1050, "/a", "2")).isEmpty();
    assertThat(at(3, 1060, "/b", "1")).isEmpty();
    assertThat(at(4, 1100, "/a", "1")).contains(1L);
    // the window begins with the last one, repeated or not
    assertThat(at(5, 1200, "/a", "1")).contains(4L);
    assertThat(at(6, 1301, "/a", "1")).isEmpty();
  }

  @Test
  void shouldBeBounded() {
    for (int i = 0; i <= Duplicates.MAX; i++) {
      assertThat(at(i, 1000, "/a", "id" + i)).isEmpty();
    }
    assertThat(at(Duplicates.MAX + 1, 1000, "/a", "id0")).isEmpty();
    assertThat(at(Duplicates.MAX + 2, 1000, "/a", "id" + Duplicates.MAX)).isPresent();
  }

  /** Against every pair compared, for times that only grow. */
  @Test
  void shouldAgreeWithComparingEachWithAllBefore() {
    Random random = new Random(3);
    record Event(String id, long time) {}
    List<Event> all = new ArrayList<>();
    long time = 1000;
    for (int i = 0; i < 5000; i++) {
      time += random.nextInt(20);
      Event event = new Event("" + random.nextInt(30), time);
      Optional<Long> expected = Optional.empty();
      for (int j = all.size() - 1; j >= 0 && expected.isEmpty(); j--) {
        if (all.get(j).id().equals(event.id()) && time - all.get(j).time() <= 100) {
          expected = Optional.of((long) j);
        }
      }
      all.add(event);
      assertThat(at(i, time, "/a", event.id())).isEqualTo(expected);
    }
  }
}
