package dev.koalja.pipeline.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.PipelineName;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventNamesTest {
  private static final Instant TIME = Instant.parse("2026-11-22T10:00:00Z");

  @Test
  void shouldDeriveTheSameIdFromTheSameCauseAndAnotherFromAnyOther() {
    assertThat(Ulid.derived(TIME, "a", "b")).isEqualTo(Ulid.derived(TIME, "a", "b"));
    assertThat(Ulid.derived(TIME, "ab", "")).isNotEqualTo(Ulid.derived(TIME, "a", "b"));
    assertThat(Ulid.derived(TIME, "a")).isNotEqualTo(Ulid.derived(TIME.plusMillis(1), "a"));
  }

  @Test
  void shouldSortIdsByTime() {
    String early = Ulid.random(TIME);
    String late = Ulid.random(TIME.plusMillis(1));
    assertThat(early).isLessThan(late).matches("[0-9A-HJKMNP-TV-Z]{26}");
    assertThat(Ulid.random(Instant.EPOCH)).startsWith("0000000000");
    assertThat(Ulid.random(Instant.ofEpochMilli(1_469_918_176_385L))).startsWith("01ARYZ6S41");
  }

  @Test
  void shouldTellTopicsOfLinksFromOthers() {
    String topic = TopicName.link(new PipelineName("shop"), new LinkName("order"));
    assertThat(topic).isEqualTo("koalja.shop.order");
    assertThat(TopicName.linkOf(topic)).hasValue("order");
    assertThat(TopicName.linkOf("koalja-journal.shop")).isEmpty();
  }

  @Test
  void shouldReadATraceParentAndStayInItsTrace() {
    String header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    TraceParent trace = TraceParent.parse(header).orElseThrow();
    assertThat(trace.toString()).isEqualTo(header);
    assertThat(trace.child().traceId()).isEqualTo(trace.traceId());
    assertThat(trace.child().spanId()).isNotEqualTo(trace.spanId());
    assertThat(TraceParent.parse(TraceParent.start().toString())).isPresent();
    assertThat(TraceParent.parse(" " + header + " ")).hasValue(trace);
    assertThat(TraceParent.parse(header.substring(0, 53) + "fe").orElseThrow().sampled()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-011",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0A",
        "00-0af7651916cd43dd8448eb211c80319cXb7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331X01",
        "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01"
      })
  void shouldPassOverWhatIsNoTraceParent(String header) {
    assertThat(TraceParent.parse(header)).isEmpty();
  }

  @Test
  void shouldReadAndWriteTimesOfFourDigitYears() {
    assertThat(Rfc3339.format(Rfc3339.parse("2026-01-01T10:00:00+02:00")))
        .isEqualTo("2026-01-01T10:00:00+02:00");
    for (String outside :
        List.of(
            "+12026-01-01T00:00:00Z",
            "-0001-12-31T00:00:00Z",
            "9999-12-31T23:59:59-01:00",
            "0000-01-01T00:00:00+01:00",
            "+999999999-12-31T23:59:59-18:00")) {
      assertThatThrownBy(() -> Rfc3339.parse(outside))
          .as(outside)
          .isInstanceOf(DateTimeException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-22T16:54:24Z",
        "2026-11-22T16:54:24.5Z",
        "2026-11-22T16:54:24.123456789Z",
        "2026-11-22T16:54:24.000000001Z",
        "2024-02-29T00:00:00Z",
        "0000-01-01T00:00:00.010Z",
        "9999-12-31T23:59:59.999999999Z",
        "2026-11-22t16:54:24z",
        "2026-11-22T16:54:24.Z",
        "2026-11-22T16:54:24+00:00",
        "2026-11-22T16:54Z",
        "2026-11-22T16:54:24.50+02:00"
      })
  void shouldReadAndWriteTimesAsJavaDoes(String text) {
    OffsetDateTime time = Rfc3339.parse(text);
    assertThat(time).isEqualTo(OffsetDateTime.parse(text));
    assertThat(time.getOffset()).isEqualTo(OffsetDateTime.parse(text).getOffset());
    assertThat(Rfc3339.format(time)).isEqualTo(DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Z",
        "2026-11-22T16:54:24.1234567890Z",
        "2026-11-22T16:54:24,5Z",
        "2026-11-22 16:54:24Z",
        "2026-13-22T16:54:24Z",
        "2025-02-29T16:54:24Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T16:60:24Z",
        "2026-11-22T16:54:60Z",
        "2026-11-22T16:54:2xZ",
        "2026-1a-22T16:54:24Z",
        "202a-11-22T16:54:24Z",
        "2026-11-22T16:54:24.-1Z",
        "2026-11-22T16:54:24.\u0661Z"
      })
  void shouldRefuseTimesAsJavaDoes(String text) {
    assertThatThrownBy(() -> OffsetDateTime.parse(text)).isInstanceOf(DateTimeException.class);
    assertThatThrownBy(() -> Rfc3339.parse(text)).isInstanceOf(DateTimeException.class);
  }
}
