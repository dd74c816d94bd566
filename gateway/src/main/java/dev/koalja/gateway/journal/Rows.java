package dev.koalja.gateway.journal;

import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.journal.DeadLetterNote;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one transaction, as JDBC batches. Invocations are inserted, which is cheap, so who
 * repeats one has to ask first whether it is {@link #known}; of everything else a row written again
 * stays the same. Not thread-safe.
 */
final class Rows implements AutoCloseable {
  /** Of an invocation, how many ids are tried for one that few others have. */
  private static final int MOST_IDS = 16;

  /** In how many invocations an id may be that tells them apart. */
  private static final int MOST_SHARED = 64;

  private final Connection connection;
  private final long mostMillis;
  private final Map<String, PreparedStatement> statements = new LinkedHashMap<>();
  private final Map<Tally, Long> tallies = new HashMap<>();
  // in the order of the table: neighbours are written together
  private final TreeMap<Long, Place> sightings = new TreeMap<>();

  private long nextSeq;
  private int nextSighting;
  private long blockUntil;

  private record Tally(long block, String pipeline, String task, String outcome) {}

  private record Place(long seq, String id) {}

  Rows(Connection connection, IndexRetention retention) throws SQLException {
    this.connection = connection;
    this.mostMillis = retention.block().toMillis();
    try (Statement statement = connection.createStatement();
        ResultSet head =
            statement.executeQuery("select next_seq, next_sighting, block_until from head")) {
      if (!head.next()) {
        throw new SQLException("the journal index has no head");
      }
      nextSeq = head.getLong(1);
      nextSighting = head.getInt(2);
      blockUntil = head.getLong(3);
    }
  }

  void invocation(Entry entry) throws SQLException {
    long endedAt = entry.endedAt().toEpochMilli();
    Block block = blockFor(entry, endedAt);
    long seq = nextSeq++;
    add(
        "insert into invocation (seq, pipeline, task, ended_at, body) values (?, ?, ?, ?, ?)",
        seq,
        entry.pipeline(),
        entry.task(),
        endedAt,
        entry.body());
    for (String id : entry.ids()) {
      sightings.put(block.place(id, nextSighting++), new Place(seq, id));
    }
    tallies.merge(
        new Tally(block.number(), entry.pipeline(), entry.task(), entry.outcome().name()),
        1L,
        Long::sum);
    if (entry.coldStart().isPresent()) {
      add(
          "insert into cold_start (seq, pipeline, task, millis) values (?, ?, ?, ?)",
          seq,
          entry.pipeline(),
          entry.task(),
          entry.coldStart().map(Duration::toMillis).orElseThrow());
    }
  }

  /** The block the next invocation is in: a new one when it is full, or was begun long ago. */
  private Block blockFor(Entry entry, long endedAt) throws SQLException {
    Block block = Block.of(nextSeq);
    boolean begun = nextSeq > block.firstSeq();
    if (begun
        && (endedAt >= blockUntil || nextSighting + entry.ids().size() > Block.MOST_SIGHTINGS)) {
      block = block.next();
      begun = false;
    }
    if (!begun) {
      nextSeq = block.firstSeq();
      nextSighting = 0;
      blockUntil = Math.max(blockUntil, endedAt + mostMillis);
      add("insert into block (number) values (?)", block.number());
    }
    return block;
  }

  /** Whether an invocation has been indexed already, in this transaction or before. */
  boolean known(Entry entry) throws SQLException {
    execute();
    // An event may be in every invocation of a task, as the slow side of a snapshot is, but hardly
    // all of them are; what an invocation made comes last, and is its own.
    for (String id : List.copyOf(entry.ids()).reversed().stream().limit(MOST_IDS).toList()) {
      List<Long> seqs = seqs(id, MOST_SHARED + 1);
      if (seqs.size() <= MOST_SHARED) {
        return isAmong(seqs, entry);
      }
    }
    return isAmong(seqs(entry.ids().iterator().next(), Integer.MAX_VALUE), entry);
  }

  private List<Long> seqs(String id, int most) throws SQLException {
    PreparedStatement found = statement(JournalIndex.SEQS + " limit ?");
    set(found, Block.least(id), Block.greatest(id), id, most);
    List<Long> seqs = new ArrayList<>();
    try (ResultSet row = found.executeQuery()) {
      while (row.next()) {
        seqs.add(row.getLong(1));
      }
    }
    return seqs;
  }

  private boolean isAmong(List<Long> seqs, Entry entry) throws SQLException {
    PreparedStatement found =
        statement(
            "select body from invocation where seq = ? and ended_at = ? and pipeline = ? and"
                + " task = ?");
    for (long seq : seqs) {
      set(found, seq, entry.endedAt().toEpochMilli(), entry.pipeline(), entry.task());
      try (ResultSet row = found.executeQuery()) {
        if (row.next()
            && Json.MAPPER
                .readTree(row.getBytes(1))
                .path("invocation")
                .asText()
                .equals(entry.invocation())) {
          return true;
        }
      } catch (IOException e) {
        throw new SQLException("an invocation was indexed that cannot be read", e);
      }
    }
    return false;
  }

  void letter(Letter letter) throws SQLException {
    add(
        "merge into letter (topic, part, record_offset, kind, pipeline, task, input, cause,"
            + " code, attempts, at, id, source, type, event_key)"
            + " key (topic, part, record_offset)"
            + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        letter.topic(),
        letter.partition(),
        letter.offset(),
        letter.kind().word(),
        letter.pipeline(),
        letter.task(),
        letter.input(),
        letter.cause(),
        letter.code(),
        letter.attempts(),
        letter.time().atOffset(ZoneOffset.UTC),
        letter.id(),
        letter.source(),
        letter.type(),
        letter.key().orElse(null));
  }

  void note(DeadLetterNote note) throws SQLException {
    add(
        "merge into letter_note (topic, part, record_offset, action, at)"
            + " key (topic, part, record_offset) values (?, ?, ?, ?, ?)",
        note.topic(),
        note.partition(),
        note.offset(),
        note.action().name(),
        note.at().atOffset(ZoneOffset.UTC));
  }

  /**
   * How far a partition is indexed.
   *
   * @param next where to go on
   * @param seen behind everything that has ever been indexed
   */
  void place(TopicPartition partition, long next, long seen) throws SQLException {
    add(
        "merge into place (topic, part, next_offset, seen_offset) key (topic, part)"
            + " values (?, ?, ?, ?)",
        partition.topic(),
        partition.partition(),
        next,
        seen);
  }

  void execute() throws SQLException {
    for (Map.Entry<Long, Place> each : sightings.entrySet()) {
      add(
          "insert into sighting (place, seq, id) values (?, ?, ?)",
          each.getKey(),
          each.getValue().seq(),
          each.getValue().id());
    }
    sightings.clear();
    for (Map.Entry<Tally, Long> each : tallies.entrySet()) {
      tally(each.getKey(), each.getValue());
    }
    tallies.clear();
    add(
        "update head set next_seq = ?, next_sighting = ?, block_until = ?",
        nextSeq,
        nextSighting,
        blockUntil);
    for (PreparedStatement each : statements.values()) {
      each.executeBatch();
    }
  }

  private void tally(Tally tally, long more) throws SQLException {
    PreparedStatement has =
        statement(
            "update tally set invocations = invocations + ? where pipeline = ? and task = ? and"
                + " outcome = ? and block = ?");
    set(has, more, tally.pipeline(), tally.task(), tally.outcome(), tally.block());
    if (has.executeUpdate() == 0) {
      add(
          "insert into tally (invocations, pipeline, task, outcome, block) values (?, ?, ?, ?, ?)",
          more,
          tally.pipeline(),
          tally.task(),
          tally.outcome(),
          tally.block());
    }
  }

  private PreparedStatement statement(String sql) throws SQLException {
    PreparedStatement has = statements.get(sql);
    if (has == null) {
      has = connection.prepareStatement(sql);
      statements.put(sql, has);
    }
    return has;
  }

  private void add(String sql, @Nullable Object... values) throws SQLException {
    PreparedStatement statement = statement(sql);
    set(statement, values);
    statement.addBatch();
  }

  private static void set(PreparedStatement statement, @Nullable Object... values)
      throws SQLException {
    for (int i = 0; i < values.length; i++) {
      switch (values[i]) {
        case null -> statement.setNull(i + 1, Types.NULL);
        case Long number -> statement.setLong(i + 1, number);
        case Integer number -> statement.setInt(i + 1, number);
        case String text -> statement.setString(i + 1, text);
        case byte[] bytes -> statement.setBytes(i + 1, bytes);
        case Object other -> statement.setObject(i + 1, other);
      }
    }
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement each : statements.values()) {
      each.close();
    }
  }
}
