package dev.koalja.gateway.journal;

import dev.koalja.pipeline.journal.DeadLetterNote;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.pipeline.journal.InvocationRecord.InputEvent;
import dev.koalja.pipeline.journal.InvocationRecord.OutputEvent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/** The rows of one batch, as JDBC batches; written again, a row stays the same. Not thread-safe. */
final class Rows implements AutoCloseable {
  private final PreparedStatement invocations;
  private final PreparedStatement events;
  private final PreparedStatement letters;
  private final PreparedStatement notes;
  private final PreparedStatement places;

  Rows(Connection connection) throws SQLException {
    invocations =
        connection.prepareStatement(
            "merge into invocation (pipeline, invocation, task, outcome, cold_start_ms, ended_at,"
                + " body) key (pipeline, invocation) values (?, ?, ?, ?, ?, ?, ?)");
    events =
        connection.prepareStatement(
            "merge into event (pipeline, invocation, direction, pos, id, source, type, link,"
                + " topic, part, record_offset, event_key, size, sha256)"
                + " key (pipeline, invocation, direction, pos)"
                + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    letters =
        connection.prepareStatement(
            "merge into letter (topic, part, record_offset, kind, pipeline, task, input, cause,"
                + " code, attempts, at, id, source, type, event_key)"
                + " key (topic, part, record_offset)"
                + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    notes =
        connection.prepareStatement(
            "merge into letter_note (topic, part, record_offset, action, at)"
                + " key (topic, part, record_offset) values (?, ?, ?, ?, ?)");
    places =
        connection.prepareStatement(
            "merge into place (topic, part, next_offset) key (topic, part) values (?, ?, ?)");
  }

  /** Values of a row to come: a record whose values cannot be told leaves none behind. */
  private record Row(
      PreparedStatement statement, @org.jspecify.annotations.Nullable Object... values) {}

  void invocation(InvocationRecord record, String json) throws SQLException {
    for (Row row : rows(record, json)) {
      set(row.statement(), row.values());
    }
  }

  private List<Row> rows(InvocationRecord record, String json) {
    List<Row> rows = new ArrayList<>();
    rows.add(
        new Row(
            invocations,
            record.pipeline(),
            record.invocation(),
            record.task(),
            record.outcome().name(),
            record.coldStart().map(Duration::toMillis).orElse(null),
            record.endedAt().atOffset(ZoneOffset.UTC),
            json));
    for (int i = 0; i < record.inputs().size(); i++) {
      InputEvent in = record.inputs().get(i);
      rows.add(
          new Row(
              events,
              record.pipeline(),
              record.invocation(),
              "in",
              i,
              in.id(),
              in.source(),
              in.type(),
              in.link(),
              in.topic(),
              in.partition(),
              in.offset(),
              in.key().orElse(null),
              in.size(),
              null));
    }
    for (int i = 0; i < record.outputs().size(); i++) {
      OutputEvent out = record.outputs().get(i);
      rows.add(
          new Row(
              events,
              record.pipeline(),
              record.invocation(),
              // a dead letter is the event that was read, not one that was made
              out.link().isEmpty() ? "end" : "out",
              i,
              out.id(),
              out.source(),
              out.type(),
              out.link(),
              out.topic(),
              null,
              null,
              out.key().orElse(null),
              out.size(),
              out.sha256()));
    }
    return rows;
  }

  void letter(Letter letter) throws SQLException {
    set(
        letters,
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
    set(
        notes,
        note.topic(),
        note.partition(),
        note.offset(),
        note.action().name(),
        note.at().atOffset(ZoneOffset.UTC));
  }

  void place(TopicPartition partition, long next) throws SQLException {
    set(places, partition.topic(), partition.partition(), next);
  }

  void execute() throws SQLException {
    for (PreparedStatement each : all()) {
      each.executeBatch();
    }
  }

  private static void set(
      PreparedStatement statement, @org.jspecify.annotations.Nullable Object... values)
      throws SQLException {
    for (int i = 0; i < values.length; i++) {
      if (values[i] == null) {
        statement.setNull(i + 1, Types.NULL);
      } else {
        statement.setObject(i + 1, values[i]);
      }
    }
    statement.addBatch();
  }

  private List<PreparedStatement> all() {
    return List.of(invocations, events, letters, notes, places);
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement each : all()) {
      each.close();
    }
  }
}
