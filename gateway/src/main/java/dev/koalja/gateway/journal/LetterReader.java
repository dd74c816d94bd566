package dev.koalja.gateway.journal;

import dev.koalja.pipeline.event.KoaljaExtensions;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Reads the headers of dead letters and quarantined records. Pure. */
public final class LetterReader {
  /** Begins the header of every CloudEvents attribute. */
  public static final String ATTRIBUTE = "ce_";

  /** Why a record was quarantined. */
  public static final String REASON = "koalja-reason";

  private LetterReader() {}

  /** The letter a record is; empty for records of other topics. */
  public static Optional<Letter> read(ConsumerRecord<byte[], byte[]> record) {
    for (Letter.Kind kind : Letter.Kind.values()) {
      if (record.topic().startsWith(kind.topicPrefix())) {
        String[] names = record.topic().substring(kind.topicPrefix().length()).split("\\.", -1);
        return names.length == 3 ? Optional.of(letter(record, kind, names)) : Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static Letter letter(
      ConsumerRecord<byte[], byte[]> record, Letter.Kind kind, String[] names) {
    boolean dead = kind == Letter.Kind.DEAD_LETTER;
    String place = Letter.place(record.topic(), record.partition(), record.offset());
    return new Letter(
        record.topic(),
        record.partition(),
        record.offset(),
        kind,
        names[0],
        names[1],
        names[2],
        dead ? attribute(record, KoaljaExtensions.CAUSE).orElse("unknown") : reason(record),
        attribute(record, KoaljaExtensions.ERROR_CODE).orElse(""),
        attempts(record),
        Instant.ofEpochMilli(record.timestamp()),
        attribute(record, "id").filter(_ -> dead).orElse(place),
        attribute(record, "source").filter(_ -> dead).orElse(""),
        attribute(record, "type").filter(_ -> dead).orElse(""),
        Optional.ofNullable(record.key()).map(key -> new String(key, StandardCharsets.UTF_8)));
  }

  private static String reason(ConsumerRecord<byte[], byte[]> record) {
    return header(record, REASON).orElse("unknown");
  }

  private static int attempts(ConsumerRecord<byte[], byte[]> record) {
    try {
      return attribute(record, KoaljaExtensions.ATTEMPTS).map(Integer::parseInt).orElse(0);
    } catch (NumberFormatException _) {
      return 0;
    }
  }

  private static Optional<String> attribute(ConsumerRecord<byte[], byte[]> record, String name) {
    return header(record, ATTRIBUTE + name);
  }

  private static Optional<String> header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null || header.value() == null
        ? Optional.empty()
        : Optional.of(new String(header.value(), StandardCharsets.UTF_8));
  }
}
