package dev.koalja.soak;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.pipeline.Correlation;
import dev.koalja.pipeline.Input;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Link;
import dev.koalja.pipeline.Order;
import dev.koalja.pipeline.Output;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.pipeline.journal.InvocationRecord.InputEvent;
import dev.koalja.pipeline.journal.InvocationRecord.Outcome;
import dev.koalja.pipeline.journal.InvocationRecord.OutputEvent;
import dev.koalja.soak.Behaviour.Expected;
import dev.koalja.soak.Behaviour.Given;
import dev.koalja.soak.Behaviour.Made;
import dev.koalja.soak.Breach.Kind;
import dev.koalja.soak.Entry.At;
import dev.koalja.soak.SnapshotModel.Slot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compares what stands on the topics of a pipeline with what was promised:
 *
 * <ul>
 *   <li>what was answered 2xx is on its link, in the order it was sent per key;
 *   <li>every record has one outcome per reader: a journal record, or a place among the arrivals;
 *   <li>the snapshots are those that the order of arrivals makes, and each has one outcome;
 *   <li>journal and topics agree, record for record and byte for byte;
 *   <li>nothing of one key overtook anything else;
 *   <li>known functions gave the results they give;
 *   <li>no transaction is left open.
 * </ul>
 *
 * Knows the topics and the words of the contract, and nothing of who writes them. Pure.
 */
public final class Audit {
  private final Pipeline pipeline;
  private final Behaviour behaviour;
  private final Standing standing;
  private final List<Breach> breaches = new ArrayList<>();
  private final List<Claim> claims = new ArrayList<>();
  private final Map<At, Entry> entries = new HashMap<>();
  private final Map<String, Entry> firsts = new HashMap<>();

  /**
   * An event that was sent.
   *
   * @param link where to
   * @param id its id
   * @param key its key
   * @param acknowledged whether it was answered 2xx
   */
  public record Sent(String link, String id, String key, boolean acknowledged) {}

  /**
   * What was found.
   *
   * @param breaches what was not kept; empty when all was
   * @param events records on the links
   * @param snapshots snapshots that were made
   * @param outcomes invocations by how they ended
   */
  public record Report(
      List<Breach> breaches, long events, long snapshots, Map<Outcome, Long> outcomes) {
    public Report {
      breaches = List.copyOf(breaches);
      outcomes = Map.copyOf(outcomes);
    }

    /** Every outcome of every reader. */
    public long invocations() {
      return outcomes.values().stream().mapToLong(each -> each).sum();
    }
  }

  /** A journal record, and what it is the outcome of once that is found. */
  private static final class Claim {
    private final Entry entry;
    private final InvocationRecord record;
    private Optional<Entry> source = Optional.empty();

    Claim(Entry entry, InvocationRecord record) {
      this.entry = entry;
      this.record = record;
    }

    @Override
    public String toString() {
      return "journal %s: %s of %s is %s"
          .formatted(entry.at(), record.invocation(), record.task(), record.outcome());
    }
  }

  private Audit(Pipeline pipeline, Behaviour behaviour, Standing standing) {
    this.pipeline = pipeline;
    this.behaviour = behaviour;
    this.standing = standing;
  }

  /**
   * Audits everything.
   *
   * @param pipeline the pipeline that was in force
   * @param behaviour what is known of its functions
   * @param standing what stands, when nothing moves any more
   * @param sent everything that was sent, per key in this order
   */
  public static Report of(
      Pipeline pipeline, Behaviour behaviour, Standing standing, List<Sent> sent) {
    Audit audit = new Audit(pipeline, behaviour, standing);
    standing
        .topics()
        .values()
        .forEach(all -> all.forEach(each -> audit.entries.put(each.at(), each)));
    audit.readJournal();
    audit.ingress(sent);
    for (Task task : pipeline.tasks()) {
      if (task.snapshot().isPresent()) {
        audit.joining(task);
      } else {
        audit.oneByOne(task);
      }
    }
    audit.outputs(sent);
    audit.journalOrder();
    audit.results();
    standing
        .undecided()
        .forEach(each -> audit.breach(Kind.UNDECIDED, "a transaction is open: " + each));
    return audit.report();
  }

  private Report report() {
    Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
    claims.forEach(claim -> outcomes.merge(claim.record.outcome(), 1L, Long::sum));
    long events =
        pipeline.links().stream()
            .mapToLong(link -> standing.of(TopicName.link(pipeline.name(), link.name())).size())
            .sum();
    long snapshots =
        pipeline.tasks().stream()
            .filter(task -> task.snapshot().isPresent())
            .mapToLong(
                task -> standing.of(TopicName.snapshots(pipeline.name(), task.name())).size())
            .sum();
    return new Report(breaches, events, snapshots, outcomes);
  }

  private void breach(Kind kind, String what, Object... records) {
    List<String> where = new ArrayList<>();
    for (Object each : records) {
      where.add(each.toString());
    }
    breaches.add(new Breach(kind, what, where));
  }

  // --- what came in ----------------------------------------------------------------------------

  private void ingress(List<Sent> sent) {
    Map<String, Set<String>> there = new HashMap<>();
    for (Sent each : sent) {
      Set<String> ids =
          there.computeIfAbsent(
              each.link(),
              link ->
                  standing.of(link(link)).stream()
                      .map(Entry::id)
                      .collect(Collectors.toCollection(HashSet::new)));
      if (each.acknowledged() && !ids.contains(each.id())) {
        breach(
            Kind.LOST,
            "answered 2xx, and not on link " + each.link(),
            each.id() + " " + each.key());
      }
    }
    for (String link : there.keySet()) {
      ingressOrder(link, sent);
    }
  }

  /** Repeats are allowed; what counts is where each id stands first. */
  private void ingressOrder(String link, List<Sent> sent) {
    Map<String, Entry> first = new HashMap<>();
    standing.of(link(link)).forEach(entry -> first.putIfAbsent(entry.id(), entry));
    Map<String, Entry> last = new HashMap<>();
    for (Sent each : sent) {
      Entry entry = first.get(each.id());
      if (!each.link().equals(link) || !each.acknowledged() || entry == null) {
        continue;
      }
      Entry before = last.put(each.key(), entry);
      if (before != null && before.at().offset() > entry.at().offset()) {
        breach(Kind.REORDERED, "sent first, and stands later on its link", before, entry);
      }
    }
  }

  private String link(String link) {
    return pipeline
        .link(link)
        .map(each -> TopicName.link(pipeline.name(), each.name()))
        .orElse(link);
  }

  // --- journal ---------------------------------------------------------------------------------

  private void readJournal() {
    Map<String, Entry> ids = new HashMap<>();
    for (Entry entry : standing.of(TopicName.journal(pipeline.name()))) {
      if (!entry.headers().getOrDefault("koalja-kind", "invocation").equals("invocation")) {
        continue;
      }
      try {
        InvocationRecord record = Json.MAPPER.readValue(entry.value(), InvocationRecord.class);
        claims.add(new Claim(entry, record));
        Entry other = ids.putIfAbsent(record.invocation(), entry);
        if (other != null) {
          breach(
              Kind.DOUBLED,
              "invocation " + record.invocation() + " of " + record.task() + " ended twice",
              other,
              entry);
        }
      } catch (IOException e) {
        breach(Kind.WITHOUT_RECORD, "a journal record that cannot be read: " + e, entry);
      }
    }
  }

  private static At at(InputEvent input) {
    return new At(input.topic(), input.partition(), input.offset());
  }

  private List<Claim> claims(Task task) {
    return claims.stream()
        .filter(claim -> claim.record.task().equals(task.name().value()))
        .toList();
  }

  // --- tasks that take events one by one -------------------------------------------------------

  private void oneByOne(Task task) {
    record Read(String input, At at) {}
    Map<Read, List<Claim>> outcomes = new HashMap<>();
    for (Claim claim : claims(task)) {
      for (InputEvent input : claim.record.inputs()) {
        Read read = new Read(input.input(), at(input));
        outcomes.computeIfAbsent(read, _ -> new ArrayList<>()).add(claim);
        claim.source = Optional.ofNullable(entries.get(read.at()));
        if (claim.source.isEmpty()) {
          breach(
              Kind.WITHOUT_RECORD,
              "the journal names an event that is not there",
              claim,
              read.at());
        }
      }
    }
    for (Reader reader : readers(task)) {
      for (Entry entry : readBy(reader)) {
        List<Claim> found =
            outcomes.getOrDefault(new Read(reader.input().name().value(), entry.at()), List.of());
        exactlyOne(reader.toString(), entry, found);
      }
    }
  }

  private void exactlyOne(String reader, Object what, List<?> found) {
    if (found.isEmpty()) {
      breach(Kind.LOST, "no outcome for " + reader, what);
    } else if (found.size() > 1) {
      List<Object> all = new ArrayList<>(List.of(what));
      all.addAll(found);
      breach(Kind.DOUBLED, found.size() + " outcomes for " + reader, all.toArray());
    }
  }

  private List<Reader> readers(Task task) {
    return pipeline.readers().stream().filter(reader -> reader.task().equals(task)).toList();
  }

  /** What stands on the reader's own topic, and what was sent back to it alone. */
  private List<Entry> readBy(Reader reader) {
    List<Entry> all = new ArrayList<>(standing.of(reader.topic()));
    all.addAll(standing.of(TopicName.retry(reader)));
    return all;
  }

  // --- tasks that join or collect --------------------------------------------------------------

  /** An arrival as its intake wrote it. */
  private record Arrived(Entry entry, String key, Slot slot) {}

  private void joining(Task task) {
    List<Arrived> arrivals = arrivals(task);
    List<Claim> refusals = new ArrayList<>();
    List<Claim> invocations = new ArrayList<>();
    for (Claim claim : claims(task)) {
      (isRefusal(claim.record) ? refusals : invocations).add(claim);
    }
    intake(task, arrivals, refusals);
    arrivalOrder(task, arrivals);
    snapshots(task, arrivals, refusals, invocations);
  }

  /** Ended before the function was called: by a filter, for want of a key, by time, unreadable. */
  private static boolean isRefusal(InvocationRecord record) {
    return switch (record.outcome()) {
      case FILTERED, EXPIRED, QUARANTINED -> true;
      case DEAD_LETTERED -> record.attempts().isEmpty();
      case SUCCEEDED -> false;
    };
  }

  private static boolean atIntake(InvocationRecord record) {
    return record.outcome() == Outcome.FILTERED
        || record.outcome() == Outcome.QUARANTINED
        || record.error().filter(error -> error.code().equals("uncorrelated")).isPresent();
  }

  private List<Arrived> arrivals(Task task) {
    List<Arrived> arrivals = new ArrayList<>();
    for (Entry entry : standing.of(TopicName.arrivals(pipeline.name(), task.name()))) {
      try {
        String position = Json.MAPPER.readTree(entry.value()).path("koaljaposition").asText();
        String input = entry.headers().getOrDefault("koalja-input", "");
        arrivals.add(new Arrived(entry, entry.key().orElse(""), new Slot(input, position)));
      } catch (IOException e) {
        breach(Kind.WRONG_TUPLE, "an arrival that cannot be read: " + e, entry);
      }
    }
    return arrivals;
  }

  /** Every record of every input stands among the arrivals once, or was refused once. */
  private void intake(Task task, List<Arrived> arrivals, List<Claim> refusals) {
    Map<Slot, List<Object>> taken = new HashMap<>();
    for (Arrived each : arrivals) {
      taken.computeIfAbsent(each.slot(), _ -> new ArrayList<>()).add(each.entry());
    }
    record Read(String input, At at) {}
    Map<Read, List<Claim>> refused = new HashMap<>();
    for (Claim claim : refusals) {
      if (atIntake(claim.record)) {
        for (InputEvent event : claim.record.inputs()) {
          refused
              .computeIfAbsent(new Read(event.input(), at(event)), _ -> new ArrayList<>())
              .add(claim);
        }
      }
    }
    Map<Slot, List<Object>> wanted = new LinkedHashMap<>();
    for (Input input : task.inputs()) {
      String target = input.mergeInto().orElse(input.name()).value();
      Reader reader = new Reader(pipeline.name(), task, input);
      for (Entry entry : readBy(reader)) {
        Slot slot = new Slot(target, entry.at().toString());
        List<Object> found = new ArrayList<>();
        for (Claim claim :
            refused.getOrDefault(new Read(input.name().value(), entry.at()), List.of())) {
          found.add(claim);
          claim.source = Optional.of(entry);
        }
        boolean second = wanted.put(slot, found) != null; // two inputs merged from one link
        if (!second) {
          found.addAll(taken.getOrDefault(slot, List.of()));
          exactlyOne(reader.toString(), entry, found);
        }
        correlation(task, input, entry, taken.getOrDefault(slot, List.of()));
      }
    }
    taken.forEach(
        (slot, there) -> {
          if (!wanted.containsKey(slot)) {
            breach(
                Kind.WITHOUT_JOURNAL,
                task.name() + " took in what is not on its links",
                there.toArray());
          }
        });
  }

  private void correlation(Task task, Input input, Entry entry, List<Object> arrivals) {
    Correlation rule = input.correlate().orElseGet(() -> task.snapshot().orElseThrow().correlate());
    Optional<String> wanted =
        switch (rule) {
          case Correlation.Key _ -> entry.key();
          case Correlation.None _ -> Optional.of("");
          case Correlation.Attribute _, Correlation.Pointer _ -> Optional.empty();
        };
    for (Object each : arrivals) {
      if (each instanceof Entry arrival
          && wanted.filter(key -> !key.equals(arrival.key().orElse(""))).isPresent()) {
        breach(Kind.WRONG_TUPLE, task.name() + " correlated by another key", entry, arrival);
      }
    }
  }

  /** What stood before another on one partition of a link, stands before it among the arrivals. */
  private void arrivalOrder(Task task, List<Arrived> arrivals) {
    record Way(int partition, String input, String from) {}
    Map<Way, Arrived> last = new HashMap<>();
    Map<String, Integer> homes = new HashMap<>();
    for (Arrived each : arrivals) {
      At at = each.entry().at();
      String position = each.slot().position();
      int slash = position.lastIndexOf('/');
      String from = slash < 0 ? "" : position.substring(0, slash);
      Way way = new Way(at.partition(), each.slot().input(), from);
      Arrived before = last.put(way, each);
      if (before != null && offset(before.slot()) > offset(each.slot())) {
        breach(
            Kind.REORDERED,
            "%s took %s in before %s"
                .formatted(task.name(), before.slot().position(), each.slot().position()),
            before.entry(),
            each.entry());
      }
      Integer home = homes.putIfAbsent(each.key(), at.partition());
      if (home != null && home != at.partition()) {
        breach(Kind.WRONG_TUPLE, "key " + each.key() + " arrives on two partitions", each.entry());
      }
    }
  }

  private static long offset(Slot slot) {
    String position = slot.position();
    return Long.parseLong("0" + position.substring(position.lastIndexOf('/') + 1));
  }

  private void snapshots(
      Task task, List<Arrived> arrivals, List<Claim> refusals, List<Claim> invocations) {
    Map<Integer, List<List<Slot>>> actual = new TreeMap<>();
    Map<List<Slot>, List<Entry>> there = new LinkedHashMap<>();
    for (Entry entry : standing.of(TopicName.snapshots(pipeline.name(), task.name()))) {
      List<Slot> slots = slots(entry);
      actual.computeIfAbsent(entry.at().partition(), _ -> new ArrayList<>()).add(slots);
      there.computeIfAbsent(slots, _ -> new ArrayList<>()).add(entry);
    }
    if (SnapshotModel.predicts(task)) {
      Map<Integer, List<List<Slot>>> wanted = new TreeMap<>();
      SnapshotModel model = new SnapshotModel(task);
      for (Arrived each : arrivals) {
        List<Slot> fired = model.arrive(each.key(), each.slot());
        if (!fired.isEmpty()) {
          wanted.computeIfAbsent(each.entry().at().partition(), _ -> new ArrayList<>()).add(fired);
        }
      }
      Set<Integer> partitions = new LinkedHashSet<>(wanted.keySet());
      partitions.addAll(actual.keySet());
      for (int partition : partitions) {
        compare(
            task,
            wanted.getOrDefault(partition, List.of()),
            actual.getOrDefault(partition, List.of()),
            there);
      }
    } else {
      usedOnce(task, arrivals, refusals, there);
    }
    invoked(task, there, invocations);
  }

  private void compare(
      Task task,
      List<List<Slot>> wanted,
      List<List<Slot>> actual,
      Map<List<Slot>, List<Entry>> there) {
    List<List<Slot>> missing = without(wanted, actual);
    List<List<Slot>> surplus = without(actual, wanted);
    Set<List<Slot>> known = new HashSet<>(wanted);
    for (List<Slot> each : missing) {
      breach(Kind.LOST, "%s should have got the snapshot %s".formatted(task.name(), each));
    }
    for (List<Slot> each : surplus) {
      Object[] where = there.getOrDefault(each, List.of()).toArray();
      if (known.contains(each)) {
        breach(Kind.DOUBLED, "%s got the snapshot %s again".formatted(task.name(), each), where);
      } else {
        breach(
            Kind.WRONG_TUPLE,
            "%s got %s, which the arrivals do not make".formatted(task.name(), each),
            where);
      }
    }
    if (missing.isEmpty() && surplus.isEmpty() && !wanted.equals(actual)) {
      int i = 0;
      while (wanted.get(i).equals(actual.get(i))) {
        i++;
      }
      breach(
          Kind.REORDERED,
          "%s got %s where the arrivals make %s"
              .formatted(task.name(), actual.get(i), wanted.get(i)),
          there.getOrDefault(actual.get(i), List.of()).toArray());
    }
  }

  /** Those of {@code some} that are left when each of {@code others} took one away. */
  private static <T> List<T> without(Collection<T> some, Collection<T> others) {
    Map<T, Integer> counts = new HashMap<>();
    others.forEach(each -> counts.merge(each, 1, Integer::sum));
    List<T> left = new ArrayList<>();
    for (T each : some) {
      if (Objects.requireNonNull(counts.merge(each, -1, Integer::sum)) < 0) {
        left.add(each);
      }
    }
    return left;
  }

  /** Where the clock has a say: nothing is used that did not arrive, and AllNew uses it once. */
  private void usedOnce(
      Task task, List<Arrived> arrivals, List<Claim> refusals, Map<List<Slot>, List<Entry>> there) {
    Map<Slot, List<Object>> uses = new HashMap<>();
    arrivals.forEach(each -> uses.put(each.slot(), new ArrayList<>()));
    there.forEach(
        (slots, snapshots) -> {
          for (Entry snapshot : snapshots) {
            for (Slot slot : slots) {
              List<Object> known = uses.get(slot);
              if (known == null) {
                breach(Kind.WRONG_TUPLE, task.name() + " got what did not arrive", snapshot, slot);
              } else {
                known.add(snapshot);
              }
            }
          }
        });
    if (task.snapshot().orElseThrow().policy() != dev.koalja.pipeline.Snapshot.Policy.ALL_NEW) {
      return;
    }
    Map<String, List<Claim>> refused = new HashMap<>();
    for (Claim claim : refusals) {
      if (!atIntake(claim.record)) {
        for (InputEvent input : claim.record.inputs()) {
          refused.computeIfAbsent(at(input).toString(), _ -> new ArrayList<>()).add(claim);
        }
      }
    }
    for (Arrived each : arrivals) {
      List<Object> all = new ArrayList<>(uses.getOrDefault(each.slot(), List.of()));
      all.addAll(refused.getOrDefault(each.slot().position(), List.of()));
      if (all.size() > 1) {
        all.addFirst(each.entry());
        breach(Kind.DOUBLED, task.name() + " used an event twice", all.toArray());
      }
    }
  }

  private List<Slot> slots(Entry snapshot) {
    List<Slot> slots = new ArrayList<>();
    try {
      Map<String, Integer> indexes = new HashMap<>();
      for (JsonNode event : Json.MAPPER.readTree(snapshot.value())) {
        String input = event.path("koaljainput").asText();
        slots.add(new Slot(input, event.path("koaljaposition").asText()));
        int index = indexes.merge(input, 1, Integer::sum) - 1;
        if (event.path("koaljaindex").asInt(-1) != index) {
          breach(Kind.WRONG_TUPLE, "an event with a wrong index of " + input, snapshot);
        }
      }
    } catch (IOException e) {
      breach(Kind.WRONG_TUPLE, "a snapshot that cannot be read: " + e, snapshot);
    }
    return slots;
  }

  /** Every snapshot was handed over, and ended, once. */
  private void invoked(Task task, Map<List<Slot>, List<Entry>> there, List<Claim> invocations) {
    Map<List<Slot>, Deque<Claim>> ended = new HashMap<>();
    for (Claim claim : invocations) {
      List<Slot> slots =
          claim.record.inputs().stream()
              // what the task remembers of the key is no event that arrived
              .filter(input -> !input.input().equals(Reader.STATE.value()))
              .map(input -> new Slot(input.input(), at(input).toString()))
              .toList();
      ended.computeIfAbsent(slots, _ -> new ArrayDeque<>()).add(claim);
    }
    there.forEach(
        (slots, snapshots) -> {
          Deque<Claim> claimants = ended.getOrDefault(slots, new ArrayDeque<>());
          for (Entry snapshot : snapshots) {
            Claim claim = claimants.poll();
            if (claim == null) {
              breach(Kind.LOST, "no outcome for a snapshot of " + task.name(), snapshot, slots);
            } else {
              claim.source = Optional.of(snapshot);
            }
          }
        });
    ended.forEach(
        (slots, claimants) -> {
          for (Claim claim : claimants) {
            breach(
                there.containsKey(slots) ? Kind.DOUBLED : Kind.WITHOUT_RECORD,
                "%s ended with %s, which is no snapshot%s"
                    .formatted(task.name(), slots, there.containsKey(slots) ? " any more" : ""),
                claim);
          }
        });
  }

  // --- what came out ---------------------------------------------------------------------------

  private record Footprint(String topic, String source, String id, String key, String sha256) {
    static Footprint of(OutputEvent output) {
      return new Footprint(
          output.topic(), output.source(), output.id(), output.key().orElse(""), output.sha256());
    }

    static Footprint of(Entry entry, boolean quarantined) {
      return new Footprint(
          entry.at().topic(),
          quarantined ? "" : entry.source(),
          quarantined ? "" : entry.id(),
          quarantined ? "" : entry.headers().getOrDefault("ce_partitionkey", ""),
          Audit.sha256(entry.value()));
    }
  }

  private void outputs(List<Sent> sent) {
    Map<Footprint, Deque<Claim>> made = new LinkedHashMap<>();
    for (Claim claim : claims) {
      for (OutputEvent output : claim.record.outputs()) {
        made.computeIfAbsent(Footprint.of(output), _ -> new ArrayDeque<>()).add(claim);
      }
    }
    Map<String, Set<String>> sentIds = new HashMap<>();
    sent.forEach(
        each -> sentIds.computeIfAbsent(link(each.link()), _ -> new HashSet<>()).add(each.id()));
    Set<String> quarantines = new HashSet<>();
    Set<String> topics = new LinkedHashSet<>();
    pipeline.links().forEach(link -> topics.add(TopicName.link(pipeline.name(), link.name())));
    for (Reader reader : pipeline.readers()) {
      topics.add(TopicName.deadLetter(reader));
      quarantines.add(TopicName.quarantine(reader));
    }
    topics.addAll(quarantines);
    for (String topic : topics) {
      OutputOrder order = new OutputOrder();
      for (Entry entry : standing.of(topic)) {
        Deque<Claim> claimants = made.get(Footprint.of(entry, quarantines.contains(topic)));
        Claim claim = claimants == null ? null : claimants.poll();
        if (claim != null) {
          order.see(entry, claim);
        } else if (!sentIds.getOrDefault(topic, Set.of()).contains(entry.id())) {
          breach(Kind.WITHOUT_JOURNAL, "no invocation made it", entry);
        }
      }
    }
    made.forEach(
        (output, claimants) -> {
          for (Claim claim : claimants) {
            breach(
                Kind.WITHOUT_RECORD,
                "journaled as an output on %s, and not there: id %s"
                    .formatted(output.topic(), output.id()),
                claim);
          }
        });
  }

  /** What came of an earlier event of a key stands before what came of a later one. */
  private final class OutputOrder {
    private record Way(String task, String from, String key, int to) {}

    private final Map<Way, Claim> last = new HashMap<>();

    void see(Entry entry, Claim claim) {
      orderKey(claim)
          .ifPresent(
              key -> {
                Way way = new Way(claim.record.task(), from(claim), key, entry.at().partition());
                inOrder(last.put(way, claim), claim, "their results on " + entry.at().topic());
              });
    }
  }

  private void journalOrder() {
    record Way(String task, String from, String key) {}
    Map<Way, Claim> last = new HashMap<>();
    if (claims.stream().mapToInt(claim -> claim.entry.at().partition()).distinct().count() > 1) {
      return; // several partitions have no order among them
    }
    for (Claim claim : claims) {
      orderKey(claim)
          .ifPresent(
              key ->
                  inOrder(
                      last.put(new Way(claim.record.task(), from(claim), key), claim),
                      claim,
                      "the journal"));
    }
  }

  private void inOrder(@org.jspecify.annotations.Nullable Claim before, Claim claim, String where) {
    if (before != null
        && before.source.isPresent()
        && claim.source.isPresent()
        && before.source.get().at().offset() > claim.source.get().at().offset()) {
      breach(
          Kind.REORDERED,
          "a later event of %s overtook an earlier one in %s".formatted(claim.record.task(), where),
          before.source.get(),
          claim.source.get());
    }
  }

  private static String from(Claim claim) {
    return claim.source.map(entry -> entry.at().topic() + "/" + entry.at().partition()).orElse("");
  }

  /**
   * What an invocation must not overtake another of; empty when it may. A filter decides while it
   * reads, so its refusals wait for nobody; what was sent back from the dead letters comes when it
   * comes.
   */
  private Optional<String> orderKey(Claim claim) {
    Outcome outcome = claim.record.outcome();
    if (outcome == Outcome.FILTERED
        || outcome == Outcome.QUARANTINED
        || outcome == Outcome.EXPIRED
        || claim.source.isEmpty()
        || claim.source.get().at().topic().startsWith("koalja-retry.")) {
      return Optional.empty();
    }
    Optional<Task> task = pipeline.task(claim.record.task());
    if (task.isEmpty() || task.get().snapshot().isPresent() && isRefusal(claim.record)) {
      return Optional.empty();
    }
    Order order =
        behaviour
            .order(claim.record.task(), claim.source.get().id())
            .orElse(task.get().delivery().order());
    return switch (order) {
      case ORDERED -> Optional.of("");
      case KEY -> claim.source.get().key();
      case UNORDERED -> Optional.empty();
    };
  }

  // --- what functions answered -----------------------------------------------------------------

  private void results() {
    for (Claim claim : claims) {
      Optional<Task> task = pipeline.task(claim.record.task());
      if (task.isEmpty()) {
        breach(Kind.WITHOUT_RECORD, "the journal names a task that is not there", claim);
        continue;
      }
      List<Given> given = new ArrayList<>();
      for (InputEvent input : claim.record.inputs()) {
        Entry entry = entries.get(at(input));
        if (entry != null) {
          given.add(new Given(input.input(), entry.id(), entry.text()));
        }
      }
      repeated(claim, given);
      if (given.size() == claim.record.inputs().size()
          && !isDuplicate(claim.record)
          && !(task.get().snapshot().isPresent() && isRefusal(claim.record))) {
        behaviour
            .of(claim.record.task(), given)
            .ifPresent(expected -> compare(claim, given, expected));
      }
    }
  }

  private static boolean isDuplicate(InvocationRecord record) {
    return record.error().filter(error -> error.code().equals("duplicate")).isPresent();
  }

  /**
   * What was taken for a repetition is one, and what is one was taken for it where it has to be.
   */
  private void repeated(Claim claim, List<Given> given) {
    for (int i = 0; i < given.size() && given.size() == claim.record.inputs().size(); i++) {
      InputEvent input = claim.record.inputs().get(i);
      Optional<Entry> before =
          Optional.ofNullable(
                  firsts().get(first(input.topic(), input.partition(), given.get(i).id())))
              .filter(first -> first.at().offset() < input.offset());
      if (isDuplicate(claim.record) && before.isEmpty()) {
        breach(Kind.LOST, "taken for a repetition, and it is the first", claim, at(input));
      }
      if (before.isPresent()
          && claim.record.outcome() != Outcome.FILTERED
          && behaviour.deduplicates(claim.record.task(), given.get(i))) {
        breach(Kind.DOUBLED, "handed over again, though it is a repetition", claim, before.get());
      }
    }
  }

  private static String first(String topic, int partition, String id) {
    return topic + "/" + partition + "/" + id;
  }

  /** Where each id stands first on each partition of a link. */
  private Map<String, Entry> firsts() {
    if (firsts.isEmpty()) {
      for (Link link : pipeline.links()) {
        for (Entry entry : standing.of(TopicName.link(pipeline.name(), link.name()))) {
          firsts.merge(
              first(entry.at().topic(), entry.at().partition(), entry.id()),
              entry,
              (one, other) -> one.at().offset() <= other.at().offset() ? one : other);
        }
      }
    }
    return firsts;
  }

  private void compare(Claim claim, List<Given> given, Expected expected) {
    if (claim.record.outcome() != expected.outcome()) {
      breach(
          Kind.WRONG_RESULT,
          "%s should be %s: %s, %s"
              .formatted(
                  claim.record.task(),
                  expected.outcome(),
                  given,
                  claim.record.error().map(Object::toString).orElse("no error")),
          claim);
      return;
    }
    List<List<String>> actual =
        claim.record.outputs().stream()
            .filter(output -> !output.link().isEmpty())
            .map(output -> List.of(output.link(), output.sha256()))
            .toList();
    List<List<String>> wanted =
        expected.made().stream().map(made -> List.of(made.link(), sha256(bytes(made)))).toList();
    if (!actual.equals(wanted)) {
      breach(
          Kind.WRONG_RESULT,
          "%s should make %s of %s".formatted(claim.record.task(), expected.made(), given),
          claim);
    }
  }

  private static byte[] bytes(Made made) {
    return made.data().getBytes(StandardCharsets.UTF_8);
  }

  static String sha256(byte[] data) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The links that no task feeds: what comes from outside comes here. */
  public static List<String> entries(Pipeline pipeline) {
    Set<String> fed =
        pipeline.tasks().stream()
            .flatMap(
                task ->
                    Stream.concat(
                        task.outputs().stream().map(Output::link),
                        task.delivery().deadLetter().stream()))
            .map(Object::toString)
            .collect(Collectors.toSet());
    return pipeline.tasks().stream()
        .flatMap(task -> task.inputs().stream())
        .map(input -> input.link().value())
        .filter(link -> !fed.contains(link))
        .distinct()
        .toList();
  }
}
