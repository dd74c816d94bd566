package dev.koalja.gateway.journal;

import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.journal.DeadLetterNote;
import io.agroal.api.AgroalDataSource;
import io.quarkus.agroal.DataSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes the index: the rows of a batch and how far it got, in one transaction. One thread at a
 * time calls {@link #write}.
 */
@ApplicationScoped
public class JournalWriter {
  private static final Logger LOG = Logger.getLogger(JournalWriter.class);
  private static final int PURGE_STEP = 10_000;

  private final AgroalDataSource database;
  private final JournalSignal signal;
  private final IndexRetention retention;
  private final InstantSource clock;
  // behind everything that has ever been indexed, by partition; unknown after a failure
  private @Nullable Map<TopicPartition, Long> seen;
  private Instant purged = Instant.EPOCH;

  @Inject
  JournalWriter(
      @DataSource("koalja-journal") AgroalDataSource database,
      JournalSignal signal,
      @ConfigProperty(name = IndexRetention.SETTING, defaultValue = IndexRetention.DEFAULT)
          Duration kept) {
    this(database, signal, new IndexRetention(kept), InstantSource.system());
  }

  JournalWriter(
      AgroalDataSource database,
      JournalSignal signal,
      IndexRetention retention,
      InstantSource clock) {
    this.database = database;
    this.signal = signal;
    this.retention = retention;
    this.clock = clock;
  }

  /**
   * Indexes a batch; records that are none of ours, or that the index cannot hold, are logged and
   * passed over.
   */
  synchronized void write(ConsumerRecords<byte[], byte[]> records) throws SQLException {
    if (records.isEmpty()) {
      return;
    }
    List<ConsumerRecord<byte[], byte[]>> batch = new ArrayList<>(records.count());
    records.forEach(batch::add);
    index(batch);
    try {
      purge();
    } catch (SQLException e) {
      // what is old can wait; the batch is written, and must not be written again
      LOG.errorf("old rows of the journal index are not deleted: %s", e.getMessage());
    }
    signal.changed();
  }

  /** Indexes a batch; around a record that the index cannot hold, in halves until it is alone. */
  private void index(List<ConsumerRecord<byte[], byte[]>> batch) throws SQLException {
    Map<TopicPartition, Long> next = new HashMap<>();
    batch.forEach(record -> next.put(partition(record), record.offset() + 1));
    try {
      commit(batch, next);
    } catch (SQLException e) {
      if (!isOfARecord(e)) {
        throw e;
      }
      if (batch.size() == 1) {
        unreadable(batch.getFirst(), e.getMessage());
        commit(List.of(), next);
        return;
      }
      int half = batch.size() / 2;
      index(batch.subList(0, half));
      index(batch.subList(half, batch.size()));
    }
  }

  /** Whether it is the values (class 22) or a constraint (23): trying again would not help. */
  private static boolean isOfARecord(SQLException error) {
    String state = error.getSQLState();
    return state != null && (state.startsWith("22") || state.startsWith("23"));
  }

  private void commit(List<ConsumerRecord<byte[], byte[]>> records, Map<TopicPartition, Long> next)
      throws SQLException {
    Map<TopicPartition, Long> before = seen == null ? offsets("seen_offset") : seen;
    seen = null;
    Map<TopicPartition, Long> now = new HashMap<>(before);
    next.forEach((partition, offset) -> now.merge(partition, offset, Math::max));
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try (Rows rows = new Rows(connection, retention)) {
        for (ConsumerRecord<byte[], byte[]> record : records) {
          write(rows, record, before);
        }
        for (Map.Entry<TopicPartition, Long> place : next.entrySet()) {
          rows.place(
              place.getKey(), place.getValue(), now.getOrDefault(place.getKey(), place.getValue()));
        }
        rows.execute();
        connection.commit();
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      }
    }
    seen = now;
  }

  private static void write(
      Rows rows, ConsumerRecord<byte[], byte[]> record, Map<TopicPartition, Long> seen)
      throws SQLException {
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
      switch (word) {
        case "invocation" -> {
          Entry entry = Entry.read(record.value());
          // Kafka gives no record twice but after a crash, or when a topic was made anew
          if (record.offset() >= seen.getOrDefault(partition(record), 0L) || !rows.known(entry)) {
            rows.invocation(entry);
          }
        }
        case "dead-letter-note" ->
            rows.note(Json.MAPPER.readValue(record.value(), DeadLetterNote.class));
        default -> unreadable(record, "its koalja-kind is \"" + word + "\"");
      }
    } catch (IOException | RuntimeException e) {
      unreadable(record, e.toString());
    }
  }

  private static TopicPartition partition(ConsumerRecord<byte[], byte[]> record) {
    return new TopicPartition(record.topic(), record.partition());
  }

  private static void unreadable(ConsumerRecord<byte[], byte[]> record, @Nullable String why) {
    LOG.errorf(
        "journal record %s-%d@%d is not indexed: %s",
        record.topic(), record.partition(), record.offset(), why);
  }

  /** Forgets what is older than the retention, in steps that keep nobody else waiting for long. */
  private void purge() throws SQLException {
    Instant now = clock.instant();
    if (Duration.between(purged, now).compareTo(retention.looked()) < 0) {
      return;
    }
    purged = now;
    Instant oldest = now.minus(retention.kept());
    while (purgeBlock(oldest.toEpochMilli())) {
      // the next block
    }
    OffsetDateTime before = oldest.atOffset(ZoneOffset.UTC);
    for (String table : new String[] {"letter", "letter_note"}) {
      while (update("delete from " + table + " where at < ? limit " + PURGE_STEP, before)
          == PURGE_STEP) {
        // the next step
      }
    }
  }

  /** The oldest block, when all of it is old; false: it is not. */
  private boolean purgeBlock(long before) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        Optional<Block> oldest = oldest(connection);
        if (oldest.isEmpty() || newest(connection, oldest.get()) >= before) {
          connection.rollback();
          return false;
        }
        Block block = oldest.get();
        delete(connection, "sighting where place", block.firstPlace(), block.lastPlace());
        delete(connection, "cold_start where seq", block.firstSeq(), block.lastSeq());
        delete(connection, "invocation where seq", block.firstSeq(), block.lastSeq());
        delete(connection, "tally where block", block.number(), block.number());
        delete(connection, "block where number", block.number(), block.number());
        // whoever is next begins another block: this one is gone
        try (PreparedStatement head =
            connection.prepareStatement(
                "update head set next_seq = ? where next_seq between ? and ?")) {
          head.setLong(1, block.next().firstSeq());
          head.setLong(2, block.firstSeq());
          head.setLong(3, block.lastSeq());
          head.executeUpdate();
        }
        connection.commit();
        return true;
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      }
    }
  }

  private static Optional<Block> oldest(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select number from block order by number limit 1")) {
      return row.next() ? Optional.of(new Block(row.getLong(1))) : Optional.empty();
    }
  }

  /** When the last invocation of a block ended. */
  private static long newest(Connection connection, Block block) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select coalesce(max(ended_at), 0) from invocation where seq between ? and ?")) {
      statement.setLong(1, block.firstSeq());
      statement.setLong(2, block.lastSeq());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  private static void delete(Connection connection, String rows, long first, long last)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("delete from " + rows + " between ? and ?")) {
      statement.setLong(1, first);
      statement.setLong(2, last);
      statement.executeUpdate();
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
  synchronized void belongsTo(String cluster) throws SQLException {
    seen = null;
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
            new String[] {
              "cluster",
              "place",
              "block",
              "invocation",
              "sighting",
              "tally",
              "cold_start",
              "letter",
              "letter_note"
            }) {
          statement.executeUpdate("delete from " + table);
        }
        // those who follow the index go on by number: it only ever grows
        statement.executeUpdate("update head set next_seq = (next_seq / 8192 + 1) * 8192");
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
    return offsets("next_offset");
  }

  private Map<TopicPartition, Long> offsets(String column) throws SQLException {
    Map<TopicPartition, Long> places = new HashMap<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("select topic, part, " + column + " from place")) {
      while (found.next()) {
        places.put(new TopicPartition(found.getString(1), found.getInt(2)), found.getLong(3));
      }
    }
    return places;
  }
}
