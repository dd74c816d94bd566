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
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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
  private static final int PURGE_STEP = 10_000;

  private final AgroalDataSource database;
  private final JournalSignal signal;
  private Instant purged = Instant.EPOCH;

  JournalWriter(@DataSource("koalja-journal") AgroalDataSource database, JournalSignal signal) {
    this.database = database;
    this.signal = signal;
  }

  /**
   * Indexes a batch; records that are none of ours, or that the index cannot hold, are logged and
   * passed over.
   */
  void write(ConsumerRecords<byte[], byte[]> records) throws SQLException {
    List<ConsumerRecord<byte[], byte[]>> batch = new ArrayList<>(records.count());
    records.forEach(batch::add);
    Map<TopicPartition, Long> next = new HashMap<>();
    for (TopicPartition partition : records.partitions()) {
      next.put(partition, records.records(partition).getLast().offset() + 1);
    }
    try {
      commit(batch, next);
    } catch (SQLException e) {
      if (!isOfARecord(e)) {
        throw e;
      }
      oneByOne(batch);
    }
    purge();
    signal.changed();
  }

  /** Finds the record the index cannot hold: everything else is indexed. */
  private void oneByOne(List<ConsumerRecord<byte[], byte[]>> batch) throws SQLException {
    for (ConsumerRecord<byte[], byte[]> record : batch) {
      Map<TopicPartition, Long> next =
          Map.of(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
      try {
        commit(List.of(record), next);
      } catch (SQLException e) {
        if (!isOfARecord(e)) {
          throw e;
        }
        unreadable(record, e.getMessage());
        commit(List.of(), next);
      }
    }
  }

  /** Whether it is the values (class 22) or a constraint (23): trying again would not help. */
  private static boolean isOfARecord(SQLException error) {
    String state = error.getSQLState();
    return state != null && (state.startsWith("22") || state.startsWith("23"));
  }

  private void commit(List<ConsumerRecord<byte[], byte[]>> records, Map<TopicPartition, Long> next)
      throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try (Rows rows = new Rows(connection)) {
        for (ConsumerRecord<byte[], byte[]> record : records) {
          write(rows, record);
        }
        for (Map.Entry<TopicPartition, Long> place : next.entrySet()) {
          rows.place(place.getKey(), place.getValue());
        }
        rows.execute();
        connection.commit();
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      }
    }
  }

  private static void write(Rows rows, ConsumerRecord<byte[], byte[]> record) throws SQLException {
    try {
      if (!record.topic().startsWith("koalja-journal.")) {
        Optional<Letter> letter = LetterReader.read(record);
        if (letter.isPresent()) {
          rows.letter(letter.get());
        }
        return;
      }
      Header kind = record.headers().lastHeader("koalja-kind");
      String word = kind == null ? "" : new String(kind.value(), StandardCharsets.UTF_8);
      JsonNode json = Json.MAPPER.readTree(record.value());
      switch (word) {
        case "invocation" ->
            rows.invocation(Json.MAPPER.treeToValue(json, InvocationRecord.class), json.toString());
        case "dead-letter-note" -> rows.note(Json.MAPPER.treeToValue(json, DeadLetterNote.class));
        default -> unreadable(record, "its koalja-kind is \"" + word + "\"");
      }
    } catch (IOException | RuntimeException e) {
      unreadable(record, e.toString());
    }
  }

  private static void unreadable(
      ConsumerRecord<byte[], byte[]> record, @org.jspecify.annotations.Nullable String why) {
    LOG.errorf(
        "journal record %s-%d@%d is not indexed: %s",
        record.topic(), record.partition(), record.offset(), why);
  }

  /** Forgets what Kafka has forgotten too, in steps that keep nobody else waiting for long. */
  private void purge() throws SQLException {
    Instant now = Instant.now();
    if (Duration.between(purged, now).compareTo(PURGE_EVERY) < 0) {
      return;
    }
    purged = now;
    OffsetDateTime before = now.minus(KEPT).atOffset(ZoneOffset.UTC);
    while (purgeInvocations(before)) {
      // the next step
    }
    for (String table : new String[] {"letter", "letter_note"}) {
      while (update("delete from " + table + " where at < ? limit " + PURGE_STEP, before)
          == PURGE_STEP) {
        // the next step
      }
    }
  }

  /** The oldest invocations by {@code seq}, in which they are indexed; false: no more of them. */
  private boolean purgeInvocations(OffsetDateTime before) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        long last = -1;
        int old = 0;
        try (PreparedStatement oldest =
            connection.prepareStatement(
                "select seq, ended_at from invocation order by seq limit " + PURGE_STEP)) {
          try (ResultSet row = oldest.executeQuery()) {
            while (row.next() && row.getObject(2, OffsetDateTime.class).isBefore(before)) {
              last = row.getLong(1);
              old++;
            }
          }
        }
        if (old > 0) {
          for (String sql :
              new String[] {
                "delete from event where (pipeline, invocation) in (select i.pipeline,"
                    + " i.invocation from invocation i where i.seq <= ?)",
                "delete from invocation where seq <= ?"
              }) {
            try (PreparedStatement delete = connection.prepareStatement(sql)) {
              delete.setLong(1, last);
              delete.executeUpdate();
            }
          }
        }
        connection.commit();
        return old == PURGE_STEP;
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      }
    }
  }

  private int update(String sql, OffsetDateTime before) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, before);
      return statement.executeUpdate();
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
