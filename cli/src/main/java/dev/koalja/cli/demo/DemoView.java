package dev.koalja.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.koalja.cli.CliException;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.show.EventLine;
import dev.koalja.cli.show.Screen;
import dev.koalja.cli.show.Words;
import dev.koalja.pipeline.Pipeline;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** Follows the demo's events through its tasks and shows each task's line once it is done. */
public final class DemoView {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Screen screen;
  private final ControlClient control;
  private final Pipeline pipeline;
  private final Map<String, Integer> expected = new LinkedHashMap<>();
  private final Map<String, Tally> tallies = new LinkedHashMap<>();
  private final Set<String> seen = new HashSet<>();
  private final CompletableFuture<Boolean> done = new CompletableFuture<>();
  private Instant first = Instant.MAX;
  private Duration coldStart = Duration.ZERO;
  private String reportId = "";

  private static final class Tally {
    int in;
    int out;
    String start = "";
  }

  /**
   * What came of it.
   *
   * @param complete whether everything came out in time
   * @param first from the webhook to the first result
   * @param coldStart how much of that was a process starting
   * @param reportId the id of the report
   * @param report its text
   */
  public record Outcome(
      boolean complete, Duration first, Duration coldStart, String reportId, String report) {}

  /** Follows {@code commits} commits through {@code github-digest}. */
  public DemoView(Screen screen, ControlClient control, Pipeline pipeline, int commits) {
    this.screen = screen;
    this.control = control;
    this.pipeline = pipeline;
    expected.put("split", 1);
    expected.put("classify", commits);
    expected.put("digest", commits);
  }

  /** Shows what travels until every task is done or a minute is over. */
  public Outcome watch(Instant posted) {
    Thread reader = Thread.startVirtualThread(() -> follow(posted));
    boolean complete;
    try {
      complete = done.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | java.util.concurrent.ExecutionException e) {
      complete = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      complete = false;
    }
    reader.interrupt();
    synchronized (this) {
      String report = complete ? report() : "";
      Duration took = first.equals(Instant.MAX) ? LIMIT : Duration.between(posted, first);
      return new Outcome(complete, took, coldStart, reportId, report);
    }
  }

  private void follow(Instant posted) {
    try {
      control.follow(
          "/api/invocations?pipeline=" + pipeline.name() + "&follow=true&last=1000",
          record -> {
            // what an earlier demo left in the journal is none of ours
            if (!Instant.parse(record.path("endedAt").asText()).isBefore(posted)) {
              add(record);
            }
            return !done.isDone();
          });
    } catch (CliException e) {
      done.complete(false);
    }
  }

  private synchronized void add(JsonNode record) {
    String task = record.path("task").asText();
    if (!expected.containsKey(task) || !seen.add(record.path("invocation").asText())) {
      return;
    }
    Tally tally = tallies.computeIfAbsent(task, _ -> new Tally());
    tally.in++;
    tally.out += record.path("outputs").size();
    Instant at = Instant.parse(record.path("endedAt").asText());
    first = at.isBefore(first) ? at : first;
    if (record.hasNonNull("coldStart")) {
      Duration waited = Duration.parse(record.path("coldStart").asText());
      coldStart = waited.compareTo(coldStart) > 0 ? waited : coldStart;
      tally.start =
          "started from zero in %s (%s), "
              .formatted(Words.duration(waited), record.path("instance").asText("process"));
    }
    if (task.equals("digest") && !record.path("outputs").isEmpty()) {
      reportId = record.path("outputs").path(0).path("id").asText();
    }
    if (tally.in == expected.getOrDefault(task, 0)) {
      String kinds = task.equals("classify") ? kinds(tally.out) : "";
      screen.fact(
          "  %-11s %s%d in → %d out%s".formatted(task, tally.start, tally.in, tally.out, kinds));
    }
    if (expected.entrySet().stream()
        .allMatch(
            each ->
                tallies.containsKey(each.getKey())
                    && tallies.get(each.getKey()).in >= each.getValue())) {
      done.complete(true);
    }
  }

  private String kinds(int count) {
    Map<String, Integer> kinds = new TreeMap<>();
    control.follow(
        "/api/pipelines/%s/links/classified/events?last=%d&follow=false"
            .formatted(pipeline.name(), count),
        event -> {
          kinds.merge(event.path("data").path("kind").asText("other"), 1, Integer::sum);
          return kinds.values().stream().mapToInt(Integer::intValue).sum() < count;
        });
    return kinds.entrySet().stream()
        .sorted((a, b) -> b.getValue() - a.getValue())
        .map(each -> each.getKey() + " " + each.getValue())
        .collect(Collectors.joining(" · ", "   ", ""));
  }

  private String report() {
    String[] text = {""};
    control.follow(
        "/api/pipelines/%s/links/report/events?last=1&follow=false".formatted(pipeline.name()),
        event -> {
          text[0] = EventLine.data(event);
          return false;
        });
    text[0]
        .lines()
        .filter(line -> !line.isBlank())
        .limit(4)
        .forEach(
            line ->
                screen.fact(
                    "  %-11s %s"
                        .formatted(line.startsWith("#") ? "report" : "", Words.clip(line, 100))));
    return text[0];
  }
}
