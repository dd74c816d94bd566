package dev.koalja.gateway.journal;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.journal.DeadLetterNote;
import dev.koalja.pipeline.journal.InvocationRecord;
import io.agroal.api.AgroalDataSource;
import io.quarkus.agroal.DataSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jboss.logging.Logger;

/**
 * Writes the index: the rows of a batch and how far it got, in one transaction. One thread at a
 * time calls {@link #write}.
 */
@ApplicationScoped
public class JournalWriter {
  private static final Logger LOG = Logger.getLogger(JournalWriter.class);
  private static final Duration KEPT = Duration.ofDays(8);
  private static final Duration PURGE_EVERY = Duration.ofHours(1);

  private final AgroalDataSource database;
  private final JournalSignal signal;
  private Instant purged = Instant.EPOCH;

  JournalWriter(@DataSource("koalja-journal") AgroalDataSource database, JournalSignal signal) {
    this.database = database;
    this.signal = signal;
  }

  /** Indexes a batch; records that are none of ours are logged and passed over. */
  void write(ConsumerRecords<byte[], byte[]> records) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try (Rows rows = new Rows(connection)) {
        for (ConsumerRecord<byte[], byte[]> record : records) {
          write(rows, record);
        }
        for (TopicPartition partition : records.partitions()) {
          long next = records.records(partition).getLast().offset() + 1;
          rows.place(partition, next);
        }
        rows.execute();
        purge(connection);
        connection.commit();
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      }
    }
    signal.changed();
  }

  private static void write(Rows rows, ConsumerRecord<byte[], byte[]> record) throws SQLException {
    if (!record.topic().startsWith("koalja-journal.")) {
      Optional<Letter> letter = LetterReader.read(record);
      if (letter.isPresent()) {
        rows.letter(letter.get());
      }
      return;
    }
    try {
      Header kind = record.headers().lastHeader("koalja-kind");
      String word = kind == null ? "" : new String(kind.value(), StandardCharsets.UTF_8);
      JsonNode json = Json.MAPPER.readTree(record.value());
      switch (word) {
        case "invocation" ->
            rows.invocation(Json.MAPPER.treeToValue(json, InvocationRecord.class), json.toString());
        case "dead-letter-note" -> rows.note(Json.MAPPER.treeToValue(json, DeadLetterNote.class));
        default -> unreadable(record, "its koalja-kind is \"" + word + "\"");
      }
    } catch (IOException | IllegalArgumentException e) {
      unreadable(record, e.getMessage());
    }
  }

  private static void unreadable(
      ConsumerRecord<byte[], byte[]> record, @org.jspecify.annotations.Nullable String why) {
    LOG.errorf(
        "journal record %s-%d@%d is not indexed: %s",
        record.topic(), record.partition(), record.offset(), why);
  }

  private void purge(Connection connection) throws SQLException {
    Instant now = Instant.now();
    if (Duration.between(purged, now).compareTo(PURGE_EVERY) < 0) {
      return;
    }
    purged = now;
    for (String sql :
        new String[] {
          "delete from event e where exists (select 1 from invocation i where i.pipeline ="
              + " e.pipeline and i.invocation = e.invocation and i.ended_at < ?)",
          "delete from invocation where ended_at < ?",
          "delete from letter where at < ?",
          "delete from letter_note where at < ?"
        }) {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setObject(1, now.minus(KEPT).atOffset(ZoneOffset.UTC));
        statement.executeUpdate();
      }
    }
  }

  /** Empties the index when it was made from another Kafka. */
  void belongsTo(String cluster) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      boolean same = false;
      try (ResultSet found = statement.executeQuery("select id from cluster")) {
        while (found.next()) {
          same |= found.getString(1).equals(cluster);
        }
      }
      if (!same) {
        for (String table :
            new String[] {"cluster", "place", "invocation", "event", "letter", "letter_note"}) {
          statement.executeUpdate("delete from " + table);
        }
        try (PreparedStatement insert =
            connection.prepareStatement("insert into cluster values (?)")) {
          insert.setString(1, cluster);
          insert.executeUpdate();
        }
      }
      connection.commit();
    }
  }

  /** The next offset to index of every partition that has been seen. */
  Map<TopicPartition, Long> places() throws SQLException {
    Map<TopicPartition, Long> places = new HashMap<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("select topic, part, next_offset from place")) {
      while (found.next()) {
        places.put(new TopicPartition(found.getString(1), found.getInt(2)), found.getLong(3));
      }
    }
    return places;
  }
}
