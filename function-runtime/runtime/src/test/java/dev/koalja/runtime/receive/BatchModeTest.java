package dev.koalja.runtime.receive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import io.cloudevents.CloudEvent;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a table of messages cannot show: bounds, and that no byte of JSON data is changed. */
class BatchModeTest {
  private static final String EVENT =
      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"data\":%s,\"x\":\"é\"}";

  private static List<CloudEvent> read(String body) {
    return read("", body.getBytes(StandardCharsets.UTF_8));
  }

  private static List<CloudEvent> read(String contentType, byte[] body) {
    return BatchMode.read(contentType, body, "task", List.of("in"), false).getFirst();
  }

  private static String data(CloudEvent event) {
    return new String(Objects.requireNonNull(event.getData()).toBytes(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "-0.10",
        "1e400",
        "123456789012345678901234567890.12345678901234567890",
        "null",
        "true",
        "\"\"",
        "\"ä€😀\\u00e4\\\"\"",
        "{ \"b\" : 1, \"a\" : [ [ ] , { } ], \"b\":2 }",
        "[1,2 ,\n3]"
      })
  void dataIsCutOutAsItStands(String data) {
    List<CloudEvent> events =
        read("[" + EVENT.formatted(data) + " , " + EVENT.formatted(" " + data + "\n") + "]");

    assertThat(events).hasSize(2).allSatisfy(event -> assertThat(data(event)).isEqualTo(data));
  }

  @Test
  void anyCharsetIsRead() {
    String body = "[" + EVENT.formatted("\"é\"") + "]";

    assertThat(
            data(
                read(
                        "application/json; charset=iso-8859-1",
                        body.getBytes(Charset.forName("latin1")))
                    .getFirst()))
        .isEqualTo("\"é\"");
    assertThat(data(read("", ("\uFEFF" + body).getBytes(StandardCharsets.UTF_8)).getFirst()))
        .isEqualTo("\"é\"");
    assertThatThrownBy(() -> read("", body.getBytes(StandardCharsets.UTF_16LE)))
        .hasMessageContaining("its data is not in UTF-8");
    assertThatThrownBy(() -> read("", body.getBytes(Charset.forName("latin1"))))
        .isInstanceOf(KoaljaException.class)
        .hasMessageContaining("no batch of CloudEvents");
  }

  @Test
  void eventsAndNestingAreBounded() {
    String many = String.join(",", Collections.nCopies(BatchMode.MAX_EVENTS, EVENT.formatted("1")));

    assertThat(read("[" + many + "]")).hasSize(BatchMode.MAX_EVENTS);
    assertThatThrownBy(() -> read("[" + many + "," + EVENT.formatted("1") + "]"))
        .hasMessage("the batch has more than 10000 events")
        .isInstanceOfSatisfying(
            KoaljaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE));
    assertThatThrownBy(() -> read("[" + EVENT.formatted("[".repeat(5000) + "]".repeat(5000)) + "]"))
        .hasMessageContaining("no batch of CloudEvents")
        .hasMessageContaining("nesting depth");
  }
}
