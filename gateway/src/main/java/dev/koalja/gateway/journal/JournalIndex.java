package dev.koalja.gateway.journal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.pipeline.Json;
import io.agroal.api.AgroalDataSource;
import io.quarkus.agroal.DataSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;

/** What can be asked about the past. Thread-safe; answers what has been indexed so far. */
@ApplicationScoped
public class JournalIndex {
  private static final int MOST_MATCHES = 20;
  private static final int MOST_AFTER = 1000;
  private static final int MOST_LETTERS = 10_000;

  /** What {@link Letter#place} makes. */
  private static final Pattern PLACE =
      Pattern.compile("(?<topic>.+):(?<part>[0-9]{1,9}):(?<offset>[0-9]{1,18})");

  private static final String LETTERS =
      "select l.*, n.action from letter l left join letter_note n on n.topic = l.topic and"
          + " n.part = l.part and n.record_offset = l.record_offset";

  /**
   * Of the invocations an event is in: so many of the newest, and of the oldest, as one made it.
   */
  private static final int MOST_NEWEST = 400;

  private static final int MOST_OLDEST = 50;

  /** The invocations an id occurs in; values: least and greatest place of the id, the id. */
  static final String SEQS =
      "select s.seq from block b join sighting s on s.place between b.number"
          + Block.FIRST_PLACE
          + "+ ? and b.number"
          + Block.FIRST_PLACE
          + "+ ? where s.id = ?";

  private final Sql sql;

  JournalIndex(@DataSource("koalja-journal") AgroalDataSource database) {
    this.sql = new Sql(database);
  }

  /**
   * An invocation.
   *
   * @param seq its place in the order of indexing
   * @param json the {@code InvocationRecord}
   */
  public record Invocation(long seq, ObjectNode json) {}

  /** An event's identity. */
  public record Identity(String id, String source) {}

  /**
   * Counts of one task.
   *
   * @param done invocations that succeeded
   * @param failed invocations that did not
   * @param filtered events that a filter did not let pass
   * @param expired events that came too late, or waited for a snapshot in vain
   * @param deadLetters letters still open
   * @param quarantined quarantined records still open
   * @param coldStartP50Ms median of what cold starts took
   */
  public record TaskCounts(
      long done,
      long failed,
      long filtered,
      long expired,
      long deadLetters,
      long quarantined,
      Optional<Long> coldStartP50Ms) {
    /** Of a task that has never had an event. */
    public static final TaskCounts NONE = new TaskCounts(0, 0, 0, 0, 0, 0, Optional.empty());

    TaskCounts withColdStart(long millis) {
      return new TaskCounts(
          done, failed, filtered, expired, deadLetters, quarantined, Optional.of(millis));
    }

    TaskCounts withOpen(Letter.Kind kind, long letters) {
      return switch (kind) {
        case DEAD_LETTER ->
            new TaskCounts(done, failed, filtered, expired, letters, quarantined, coldStartP50Ms);
        case QUARANTINE ->
            new TaskCounts(done, failed, filtered, expired, deadLetters, letters, coldStartP50Ms);
      };
    }
  }

  /**
   * A letter and what became of it.
   *
   * @param letter as indexed
   * @param state {@code open}, {@code retried} or {@code deleted}
   */
  public record LetterState(Letter letter, String state) {}

  /** The counts of every task of a pipeline that has any, by task. */
  public Map<String, TaskCounts> counts(String pipeline) {
    Map<String, TaskCounts> counts = new HashMap<>();
    sql.list(
        "select task, sum(case when outcome = 'SUCCEEDED' then invocations else 0 end),"
            + " sum(case when outcome = 'FILTERED' then invocations else 0 end),"
            + " sum(case when outcome = 'EXPIRED' then invocations else 0 end), sum(invocations)"
            + " from tally where pipeline = ? group by task",
        row -> {
          long done = row.getLong(2);
          long filtered = row.getLong(3);
          long expired = row.getLong(4);
          return counts.put(
              row.getString(1),
              new TaskCounts(
                  done,
                  row.getLong(5) - done - filtered - expired,
                  filtered,
                  expired,
                  0,
                  0,
                  Optional.empty()));
        },
        pipeline);
    sql.list(
        "select task, percentile_disc(0.5) within group (order by millis)"
            + " from cold_start where pipeline = ? group by task",
        row ->
            counts.computeIfPresent(
                row.getString(1), (_, has) -> has.withColdStart(coldStart(row))),
        pipeline);
    sql.list(
        "select task, kind, count(*) from letter l where pipeline = ? and not exists (select 1"
            + " from letter_note n where n.topic = l.topic and n.part = l.part and"
            + " n.record_offset = l.record_offset) group by task, kind",
        row -> {
          TaskCounts has = counts.getOrDefault(row.getString(1), TaskCounts.NONE);
          return counts.put(
              row.getString(1), has.withOpen(Letter.Kind.of(row.getString(2)), row.getLong(3)));
        },
        pipeline);
    return counts;
  }

  private static long coldStart(ResultSet row) {
    try {
      return row.getLong(2);
    } catch (SQLException e) {
      throw new IllegalStateException("the query selects two columns", e);
    }
  }

  /** Conditions of a query, and their values: only those that are asked for, so indexes count. */
  private static final class Where {
    private final StringBuilder text = new StringBuilder(" where true");
    private final List<Object> values = new ArrayList<>();

    Where and(String condition, Object... parameters) {
      text.append(" and ").append(condition);
      values.addAll(List.of(parameters));
      return this;
    }

    Where is(String column, Optional<String> value) {
      value.ifPresent(text -> and(column + " = ?", text));
      return this;
    }

    Object[] values(Object... more) {
      List<Object> all = new ArrayList<>(values);
      all.addAll(List.of(more));
      return all.toArray();
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }

  /** The last invocations, oldest first. */
  public List<Invocation> last(Optional<String> pipeline, Optional<String> task, int most) {
    List<Invocation> last = new ArrayList<>();
    List<Block> blocks = blocks(pipeline, task, 0).reversed();
    for (int i = 0; i < blocks.size() && last.size() < most; i++) {
      last.addAll(
          inBlock(
              blocks.get(i), 0, pipeline, task, " order by seq desc limit ", most - last.size()));
    }
    return last.reversed();
  }

  /** Invocations indexed after {@code seq}, oldest first, a thousand at most. */
  public List<Invocation> after(long seq, Optional<String> pipeline, Optional<String> task) {
    List<Invocation> after = new ArrayList<>();
    List<Block> blocks = blocks(pipeline, task, seq + 1);
    for (int i = 0; i < blocks.size() && after.size() < MOST_AFTER; i++) {
      after.addAll(
          inBlock(
              blocks.get(i),
              seq + 1,
              pipeline,
              task,
              " order by seq limit ",
              MOST_AFTER - after.size()));
    }
    return after;
  }

  /** The blocks from {@code seq} on that have invocations of a task, in order. */
  private List<Block> blocks(Optional<String> pipeline, Optional<String> task, long seq) {
    Where where =
        new Where()
            .and("block >= ?", Block.of(seq).number())
            .is("pipeline", pipeline)
            .is("task", task);
    return sql.list(
        "select distinct block from tally" + where + " order by block",
        row -> new Block(row.getLong(1)),
        where.values());
  }

  private List<Invocation> inBlock(
      Block block,
      long from,
      Optional<String> pipeline,
      Optional<String> task,
      String order,
      int most) {
    Where where =
        new Where()
            .and("seq between ? and ?", Math.max(from, block.firstSeq()), block.lastSeq())
            .is("pipeline", pipeline)
            .is("task", task);
    return sql.list(
        "select seq, body from invocation" + where + order + most,
        JournalIndex::invocation,
        where.values());
  }

  /** The place of the newest invocation in the order of indexing; 0 without any. */
  public long newest() {
    return sql.list("select coalesce(max(seq), 0) from invocation", row -> row.getLong(1))
        .getFirst();
  }

  /** The invocation that ended in a letter. */
  public Optional<ObjectNode> ofLetter(String pipeline, String invocation) {
    return occurrences(invocation).seqs().stream()
        .flatMap(seq -> invocation(seq).stream())
        .filter(each -> each.path("invocation").asText().equals(invocation))
        .filter(each -> each.path("pipeline").asText().equals(pipeline))
        .reduce((_, last) -> last);
  }

  /** The invocation an event was seen in. */
  public Optional<ObjectNode> invocation(Sighting sighting) {
    return invocation(sighting.seq());
  }

  /** The same without its other inputs, which may be thousands. */
  public Optional<ObjectNode> reading(Identity event, Sighting sighting) {
    Optional<ObjectNode> invocation = invocation(sighting);
    invocation.ifPresent(
        json ->
            json.withArray("inputs")
                .removeIf(
                    input ->
                        !input.path("id").asText().equals(event.id())
                            || !input.path("source").asText().equals(event.source())));
    return invocation;
  }

  private Optional<ObjectNode> invocation(long seq) {
    return sql
        .list("select seq, body from invocation where seq = ?", JournalIndex::invocation, seq)
        .stream()
        .map(Invocation::json)
        .findFirst();
  }

  /**
   * Where an id occurs.
   *
   * @param seqs the invocations in the order of indexing
   * @param cut whether there are others between the oldest and the newest of them
   */
  private record Occurrences(SortedSet<Long> seqs, boolean cut) {}

  /** An event may be in a million invocations: of many, the oldest and the newest. */
  private Occurrences occurrences(String id) {
    List<Long> blocks = sql.list("select number from block order by number", row -> row.getLong(1));
    // one more than is answered tells whether there are more
    TreeSet<Long> newest = some(MOST_NEWEST + 1, id, blocks.reversed(), TreeSet::pollFirst);
    if (newest.size() <= MOST_NEWEST) {
      return new Occurrences(newest, false);
    }
    newest.pollFirst();
    TreeSet<Long> all = some(MOST_OLDEST + 1, id, blocks, TreeSet::pollLast);
    boolean cut = all.last() < newest.first();
    if (cut) {
      all.pollLast();
    }
    all.addAll(newest);
    return new Occurrences(all, cut);
  }

  /**
   * Those of the first blocks that have enough of them.
   *
   * @param blocks neighbours one after the other, in either direction
   * @param drop takes away one of those that are too many
   */
  private TreeSet<Long> some(int most, String id, List<Long> blocks, Consumer<TreeSet<Long>> drop) {
    TreeSet<Long> found = new TreeSet<>();
    // ever more blocks at a time: few questions, and few rows behind the last that counts
    int from = 0;
    for (int width = 1; from < blocks.size() && found.size() < most; width *= 2) {
      int to = Math.min(blocks.size(), from + width);
      long one = blocks.get(from);
      long other = blocks.get(to - 1);
      found.addAll(
          sql.list(
              SEQS + " and b.number between ? and ?",
              row -> row.getLong(1),
              Block.least(id),
              Block.greatest(id),
              id,
              Math.min(one, other),
              Math.max(one, other)));
      from = to;
    }
    while (found.size() > most) {
      drop.accept(found);
    }
    return found;
  }

  /**
   * Where an event was seen.
   *
   * @param all in the order of indexing
   * @param cut whether it was seen in more invocations than are answered: these are the oldest, as
   *     one of them made it, and the newest
   */
  public record Sightings(List<Sighting> all, boolean cut) {}

  /** The sightings of an event. */
  public Sightings sightings(Identity event) {
    Occurrences occurrences = occurrences(event.id());
    // who lets a router read again has two records of one invocation: the later one counts
    Map<List<String>, List<Sighting>> sightings = new LinkedHashMap<>();
    for (long seq : occurrences.seqs()) {
      // one at a time: each may be mebibytes
      invocation(seq)
          .ifPresent(
              json ->
                  sightings.put(
                      List.of(json.path("pipeline").asText(), json.path("invocation").asText()),
                      Sighting.in(seq, json).stream()
                          .filter(
                              it ->
                                  it.id().equals(event.id()) && it.source().equals(event.source()))
                          .toList()));
    }
    return new Sightings(
        sightings.values().stream().flatMap(List::stream).toList(), occurrences.cut());
  }

  /**
   * An event's making.
   *
   * @param sighting the event there
   * @param invocation the invocation that made it
   */
  public record Made(Sighting sighting, ObjectNode invocation) {}

  /**
   * The making of an event on a link, when something made it. A filter makes what it passes on once
   * more: of several the last counts.
   */
  public Optional<Made> maker(Identity event, String link) {
    return maker(sightings(event).all().stream().filter(each -> each.link().equals(link)).toList());
  }

  /** The last making among sightings of an event. */
  public Optional<Made> maker(List<Sighting> sightings) {
    return sightings.stream()
        .filter(Sighting::made)
        .<Made>mapMulti(
            (each, sink) ->
                invocation(each).ifPresent(invocation -> sink.accept(new Made(each, invocation))))
        .max(
            Comparator.comparing(
                made -> Instant.parse(made.invocation().path("endedAt").asText())));
  }

  /** The events a person may mean: those with the whole id, else those it is a part of. */
  public List<Identity> find(EventName name) {
    List<Identity> whole = identities(name.text());
    if (!whole.isEmpty()) {
      return whole;
    }
    // one pass over all ids, however many patterns
    Set<Identity> parts = new LinkedHashSet<>();
    sql.list(
            "select distinct id from sighting where "
                + isLike("id", name)
                + " limit "
                + MOST_MATCHES,
            row -> row.getString(1),
            (Object[]) name.patterns())
        .forEach(id -> parts.addAll(identities(id)));
    return parts.stream().limit(MOST_MATCHES).toList();
  }

  /** The events of an id. */
  private List<Identity> identities(String id) {
    return occurrences(id).seqs().stream()
        .flatMap(seq -> invocation(seq).stream().flatMap(json -> Sighting.in(seq, json).stream()))
        .filter(each -> each.id().equals(id))
        .map(each -> new Identity(each.id(), each.source()))
        .distinct()
        .limit(MOST_MATCHES)
        .toList();
  }

  /** The letters an event became, oldest first; those of snapshots it is part of are not. */
  public List<LetterState> letters(Identity event) {
    return sql.list(
        LETTERS
            + " where l.id = ? and l.source = ? order by l.at, l.topic, l.part, l.record_offset",
        JournalIndex::letter,
        event.id(),
        event.source());
  }

  /** Letters, newest first, ten thousand at most. */
  public List<LetterState> letters(
      Optional<String> pipeline, Optional<String> task, Optional<Letter.Kind> kind) {
    Where where =
        new Where()
            .is("l.pipeline", pipeline)
            .is("l.task", task)
            .is("l.kind", kind.map(Letter.Kind::word));
    return letters(where, MOST_LETTERS);
  }

  /**
   * The letters a person may mean: the one at that place, else those whose event has the whole id,
   * else those it is a part of. Newest first, twenty at most.
   */
  public List<LetterState> letters(EventName name) {
    Matcher place = PLACE.matcher(name.text());
    if (place.matches()) {
      List<LetterState> there =
          letters(
              new Where()
                  .and("l.topic = ?", place.group("topic"))
                  .and("l.part = ?", Integer.parseInt(place.group("part")))
                  .and("l.record_offset = ?", Long.parseLong(place.group("offset"))),
              1);
      if (!there.isEmpty()) {
        return there;
      }
    }
    List<LetterState> whole = letters(new Where().and("l.id = ?", name.text()), MOST_MATCHES);
    return whole.isEmpty()
        ? letters(new Where().and(isLike("l.id", name), (Object[]) name.patterns()), MOST_MATCHES)
        : whole;
  }

  private List<LetterState> letters(Where where, int most) {
    return sql.list(
        LETTERS
            + where
            + " order by l.at desc, l.topic, l.part, l.record_offset desc limit "
            + most,
        JournalIndex::letter,
        where.values());
  }

  /** A condition for the patterns of a name. */
  private static String isLike(String column, EventName name) {
    return "("
        + String.join(
            " or ", Collections.nCopies(name.patterns().length, column + " like ? escape '\\'"))
        + ")";
  }

  /**
   * Open letters behind {@code behind} in the order of their time, oldest first.
   *
   * @param behind the last letter of the page before, unless this is the first
   * @param most how many at most
   */
  public List<Letter> open(
      Optional<String> pipeline, Optional<String> task, Optional<Letter> behind, int most) {
    Where where =
        new Where()
            .is("l.pipeline", pipeline)
            .is("l.task", task)
            .and(
                "not exists (select 1 from letter_note n where n.topic = l.topic and n.part = l.part"
                    + " and n.record_offset = l.record_offset)");
    behind.ifPresent(
        letter ->
            where.and(
                "(l.at, l.topic, l.part, l.record_offset) > (?, ?, ?, ?)",
                letter.time().atOffset(ZoneOffset.UTC),
                letter.topic(),
                letter.partition(),
                letter.offset()));
    return sql
        .list(
            "select l.*, null as action from letter l"
                + where
                + " order by l.at, l.topic, l.part, l.record_offset limit ?",
            JournalIndex::letter,
            where.values(most))
        .stream()
        .map(LetterState::letter)
        .toList();
  }

  /** The newest letter of each partition that has any: what comes later has a higher offset. */
  public Map<TopicPartition, Long> newestLetters() {
    Map<TopicPartition, Long> newest = new HashMap<>();
    sql.list(
        "select topic, part, max(record_offset) from letter group by topic, part",
        row -> newest.put(new TopicPartition(row.getString(1), row.getInt(2)), row.getLong(3)));
    return newest;
  }

  /** The offset up to which a topic of one partition has been indexed. */
  public long indexedUpTo(String topic) {
    return sql
        .list("select next_offset from place where topic = ?", row -> row.getLong(1), topic)
        .stream()
        .findFirst()
        .orElse(0L);
  }

  private static Invocation invocation(ResultSet row) throws SQLException {
    try {
      return new Invocation(row.getLong(1), (ObjectNode) Json.MAPPER.readTree(row.getBytes(2)));
    } catch (IOException e) {
      throw new SQLException("an invocation was indexed that is not JSON", e);
    }
  }

  private static LetterState letter(ResultSet row) throws SQLException {
    String action = row.getString("action");
    return new LetterState(
        new Letter(
            row.getString("topic"),
            row.getInt("part"),
            row.getLong("record_offset"),
            Letter.Kind.of(row.getString("kind")),
            row.getString("pipeline"),
            row.getString("task"),
            row.getString("input"),
            row.getString("cause"),
            row.getString("code"),
            row.getInt("attempts"),
            row.getObject("at", OffsetDateTime.class).toInstant(),
            row.getString("id"),
            row.getString("source"),
            row.getString("type"),
            Optional.ofNullable(row.getString("event_key"))),
        action == null ? "open" : action.toLowerCase(java.util.Locale.ROOT));
  }
}
