package dev.koalja.soak;

import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.pipeline.journal.InvocationRecord.Attempt;
import dev.koalja.pipeline.journal.InvocationRecord.InputEvent;
import dev.koalja.pipeline.journal.InvocationRecord.Outcome;
import dev.koalja.pipeline.journal.InvocationRecord.OutputEvent;
import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.soak.Audit.Report;
import dev.koalja.soak.Audit.Sent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Topics written by hand, one partition each; the first record of each is number 1. */
final class Topics {
  private final Pipeline pipeline;
  private final Map<String, List<Entry>> topics = new HashMap<>();
  private final List<Sent> sent = new ArrayList<>();
  private final List<String> undecided = new ArrayList<>();
  private int invocations;

  private Topics(Pipeline pipeline) {
    this.pipeline = pipeline;
  }

  static Topics of(String yaml) {
    return new Topics(PipelineReader.read(new PipelineReader.Source("test", yaml)));
  }

  private static String topic(String name) {
    return name.startsWith("koalja") ? name : "koalja.p." + name;
  }

  private List<Entry> entries(String name) {
    return topics.computeIfAbsent(topic(name), _ -> new ArrayList<>());
  }

  private Entry add(String name, String key, Map<String, String> headers, String value) {
    List<Entry> entries = entries(name);
    long offset = entries.isEmpty() ? 1 : entries.getLast().at().offset() + 1;
    Entry entry =
        new Entry(
            new Entry.At(topic(name), 0, offset),
            Optional.of(key).filter(text -> !text.isEmpty()),
            headers,
            value.getBytes(StandardCharsets.UTF_8));
    entries.add(entry);
    return entry;
  }

  private Entry event(String link, String key, String id, String data) {
    return add(link, key, Map.of("ce_id", id, "ce_source", "/s", "ce_partitionkey", key), data);
  }

  private Entry get(String name, long number) {
    return entries(name).stream()
        .filter(entry -> entry.at().offset() == number)
        .findFirst()
        .orElseThrow();
  }

  /** An event comes in and is acknowledged. */
  void send(String link, String key, String id) {
    event(link, key, id, "data of " + id);
    sent(link, key, id);
  }

  void sent(String link, String key, String id) {
    sent.add(new Sent(link, id, key, true));
  }

  void sentBefore(String id, String other) {
    Sent moved = sent.stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
    sent.remove(moved);
    int place = sent.stream().map(Sent::id).toList().indexOf(other);
    sent.add(place, moved);
  }

  /** A task takes an event and makes one of it. */
  void call(String task, String input, long number, String output) {
    Entry entry = get(input, number);
    journal(task, Outcome.SUCCEEDED, List.of(inputOf(input, input, entry)), entry, output);
  }

  /** A task fails. */
  void fail(String task, String input, long number, Outcome outcome) {
    Entry entry = get(input, number);
    journal(task, outcome, List.of(inputOf(input, input, entry)), entry, "");
  }

  /** A joining task takes an event in. */
  void arrive(String task, String input, String link, long number, String key) {
    Entry entry = get(link, number);
    add(
        "koalja-arrivals.p." + task,
        key,
        Map.of("koalja-input", input),
        "{\"koaljaposition\":\"%s\"}".formatted(entry.at()));
  }

  /** A snapshot is made of events, each {@code input link number}. */
  void snapshot(String task, String... events) {
    List<String> all = new ArrayList<>();
    Map<String, Integer> indexes = new HashMap<>();
    for (String each : events) {
      String[] words = each.split(" ");
      all.add(
          "{\"koaljainput\":\"%s\",\"koaljaposition\":\"%s\",\"koaljaindex\":%d}"
              .formatted(
                  words[0],
                  get(words[1], Long.parseLong(words[2])).at(),
                  indexes.merge(words[0], 1, Integer::sum) - 1));
    }
    String name = "koalja-snapshots.p." + task;
    add(name, task.equals("join") ? "k" : "", Map.of(), "[" + String.join(",", all) + "]");
  }

  /** A snapshot is handed over, and one event is made of it. */
  void end(String task, long number, String output) {
    Entry snapshot = get("koalja-snapshots.p." + task, number);
    List<InputEvent> inputs = new ArrayList<>();
    try {
      for (var event : Json.MAPPER.readTree(snapshot.value())) {
        String[] at = event.path("koaljaposition").asText().split("/");
        inputs.add(
            inputOf(
                event.path("koaljainput").asText(),
                at[0].substring("koalja.p.".length()),
                get(at[0], Long.parseLong(at[2]))));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    journal(task, Outcome.SUCCEEDED, inputs, snapshot, output);
  }

  private static InputEvent inputOf(String input, String link, Entry entry) {
    return new InputEvent(
        input,
        link,
        entry.at().topic(),
        entry.at().partition(),
        entry.at().offset(),
        entry.source(),
        entry.id(),
        "t",
        entry.key(),
        1);
  }

  private void journal(
      String task, Outcome outcome, List<InputEvent> inputs, Entry of, String output) {
    String id = "i" + ++invocations;
    List<OutputEvent> outputs = new ArrayList<>();
    if (!output.isEmpty()) {
      Entry made = event(output, of.key().orElse(""), id + ".0", task + " of " + of.text());
      outputs.add(
          new OutputEvent(
              "result",
              output,
              made.at().topic(),
              made.source(),
              made.id(),
              "t",
              made.key(),
              1,
              Audit.sha256(made.value())));
    }
    InvocationRecord record =
        new InvocationRecord(
            id,
            "p",
            1,
            task,
            Optional.empty(),
            outcome,
            inputs,
            outputs,
            List.of(
                new Attempt(1, Instant.EPOCH, Duration.ZERO, Optional.empty(), Optional.empty())),
            Duration.ZERO,
            Optional.empty(),
            Duration.ZERO,
            Optional.empty(),
            Optional.empty(),
            Instant.EPOCH,
            Optional.empty());
    try {
      add("koalja-journal.p", id, Map.of(), Json.MAPPER.writeValueAsString(record));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // --- what goes wrong -------------------------------------------------------------------------

  void drop(String name, long number) {
    entries(name).remove(get(name, number));
  }

  void dropLast(String name) {
    entries(name).removeLast();
  }

  void again(String name, long number) {
    Entry entry = get(name, number);
    add(name, entry.key().orElse(""), entry.headers(), entry.text());
  }

  void change(String name, long number, String value) {
    Entry entry = get(name, number);
    entries(name)
        .set(
            entries(name).indexOf(entry),
            new Entry(
                entry.at(), entry.key(), entry.headers(), value.getBytes(StandardCharsets.UTF_8)));
  }

  /** Two records stand each where the other did. */
  void swap(String name, long one, long other) {
    List<Entry> entries = entries(name);
    Entry first = get(name, one);
    Entry second = get(name, other);
    int place = entries.indexOf(first);
    Collections.swap(entries, place, entries.indexOf(second));
    entries.set(place, moved(second, first.at()));
    entries.set(place + 1, moved(first, second.at()));
  }

  private static Entry moved(Entry entry, Entry.At at) {
    return new Entry(at, entry.key(), entry.headers(), entry.value());
  }

  void open(String transaction) {
    undecided.add(transaction);
  }

  // --- what is found ---------------------------------------------------------------------------

  Report audit() {
    return audit(Behaviour.UNKNOWN);
  }

  Report audit(Behaviour behaviour) {
    return Audit.of(pipeline, behaviour, new Standing(topics, undecided), sent);
  }

  List<Breach.Kind> breaches() {
    return audit().breaches().stream().map(Breach::kind).toList();
  }
}
