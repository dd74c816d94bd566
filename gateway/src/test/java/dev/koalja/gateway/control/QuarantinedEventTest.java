package dev.koalja.gateway.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.gateway.http.Requests;
import dev.koalja.gateway.ingress.EventReader;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuarantinedEventTest {
  private static ObjectNode draft(byte[] bytes, String... contentType) {
    ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>("q", 0, 0, new byte[0], bytes);
    for (String each : contentType) {
      record.headers().add("content-type", each.getBytes(UTF_8));
    }
    return QuarantinedEvent.draft(record);
  }

  /** What a function is given when the draft is completed and sent back as it is. */
  private static byte[] sentBack(ObjectNode draft) {
    draft.put("id", "1").put("source", "/me").put("type", "t");
    return Objects.requireNonNull(
            new EventReader(20, 1)
                .read(
                    Requests.post(
                        Map.of("Content-Type", "application/cloudevents+json"), draft.toString()))
                .getFirst()
                .getData())
        .toBytes();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "{\"a\":1.10}|application/json|{\"a\":1.10}",
        "[1,2]|application/json|[1,2]",
        "\"a\"|application/json|\"a\"",
        "{\"a\":1|text/plain|\"{\\\"a\\\":1\"",
        "{\"a\":1} b|text/plain|\"{\\\"a\\\":1} b\"",
        "42 pieces|text/plain|\"42 pieces\"",
      })
  void shouldSayWhatBytesWithoutAContentTypeLookLike(String bytes, String type, String data) {
    ObjectNode draft = draft(bytes.getBytes(UTF_8));
    assertThat(draft.path("datacontenttype").asText()).isEqualTo(type);
    assertThat(draft.path("data")).hasToString(data);
    assertThat(sentBack(draft)).asString(UTF_8).isEqualTo(bytes);
  }

  @Test
  void shouldGiveBackBytesThatAreNoText() {
    ObjectNode draft = draft(new byte[] {0, 1, -1});
    assertThat(draft.path("datacontenttype").asText()).isEqualTo("application/octet-stream");
    assertThat(sentBack(draft)).containsExactly(0, 1, -1);
    assertThat(sentBack(draft(new byte[0]))).isEmpty();
  }

  @Test
  void shouldKeepWhatTheSenderSaidAndTakeAStructuredEventAsItIs() {
    assertThat(draft("{}".getBytes(UTF_8), "text/csv").path("datacontenttype").asText())
        .isEqualTo("text/csv");
    ObjectNode structured =
        draft("{\"data\":[2.50]}".getBytes(UTF_8), "application/cloudevents+json");
    assertThat(structured.has("datacontenttype")).isFalse();
    assertThat(structured.path("data")).hasToString("[2.50]");
  }
}
