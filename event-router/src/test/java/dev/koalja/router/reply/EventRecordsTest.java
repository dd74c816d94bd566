package dev.koalja.router.reply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.pipeline.event.KoaljaExtensions;
import dev.koalja.pipeline.event.TraceParent;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class EventRecordsTest {
  private static final TraceParent TRACE = TraceParent.start();
  private static final CloudEvent EVENT =
      CloudEventBuilder.v1()
          .withId("7")
          .withSource(URI.create("/s"))
          .withType("t")
          .withSubject("é")
          .withDataSchema(URI.create("/schema"))
          .withTime(OffsetDateTime.parse("2026-11-22T10:00:00Z"))
          .withDataContentType("text/plain")
          .withExtension(KoaljaExtensions.OUTPUT, "b")
          .withExtension(KoaljaExtensions.PARTITION_KEY, "own")
          .withExtension("number", 3)
          .withExtension("flag", true)
          .withData("x".getBytes(StandardCharsets.UTF_8))
          .build();

  @Test
  void shouldKeepEverythingAnEventHas() {
    ProducerRecord<byte[], byte[]> record = EventRecords.of("topic", EVENT, TRACE);
    assertThat(record.key()).asString().isEqualTo("own");
    assertThat(record.value()).asString().isEqualTo("x");
    Map<String, String> expected = new TreeMap<>();
    expected.put("ce_specversion", "1.0");
    expected.put("ce_id", "7");
    expected.put("ce_source", "/s");
    expected.put("ce_type", "t");
    expected.put("ce_subject", "é");
    expected.put("ce_dataschema", "/schema");
    expected.put("ce_time", "2026-11-22T10:00:00Z");
    expected.put("content-type", "text/plain");
    expected.put("ce_koaljaoutput", "b");
    expected.put("ce_partitionkey", "own");
    expected.put("ce_number", "3");
    expected.put("ce_flag", "true");
    expected.put("traceparent", TRACE.toString());
    assertThat(headers(record)).isEqualTo(expected);
  }

  @Test
  void shouldWriteAnotherKeyAndLeaveOutWhatIsNamed() {
    ProducerRecord<byte[], byte[]> record =
        EventRecords.of("topic", EVENT, "other", Set.of(KoaljaExtensions.OUTPUT), TRACE);
    assertThat(record.key()).asString().isEqualTo("other");
    assertThat(headers(record))
        .containsEntry("ce_partitionkey", "other")
        .containsEntry("ce_number", "3")
        .doesNotContainKey("ce_koaljaoutput");
    ProducerRecord<byte[], byte[]> keyless = EventRecords.of("topic", EVENT, null, Set.of(), TRACE);
    assertThat(keyless.key()).isNull();
    assertThat(headers(keyless)).doesNotContainKey("ce_partitionkey");
  }

  private static Map<String, String> headers(ProducerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new TreeMap<>();
    record
        .headers()
        .forEach(
            header ->
                assertThat(
                        headers.put(
                            header.key(), new String(header.value(), StandardCharsets.UTF_8)))
                    .as(header.key())
                    .isNull());
    return headers;
  }
}
