package dev.koalja.soak;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.launch.LaunchException;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.event.TopicName;
import dev.koalja.pipeline.yaml.InvalidPipelineException;
import dev.koalja.pipeline.yaml.PipelineReader;
import dev.koalja.pipeline.yaml.PipelineWriter;
import dev.koalja.platform.Platform;
import dev.koalja.platform.StartupCaches;
import dev.koalja.soak.Audit.Report;
import dev.koalja.soak.Audit.Sent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The process behind {@code koalja soak}. Ends with 0 when every promise was kept, 1 when one was
 * not, 64 when it was told nonsense, 69 when something it needs is not there.
 */
public final class SoakMain {
  private static final int BREACH = 1;
  private static final int USAGE = 64;
  private static final int UNAVAILABLE = 69;
  private static final int SHOWN = 20;

  /** So many rounds gain more by start-up caches than making them costs. */
  private static final int WORTH_CACHES = 3;

  private static final Duration TRAINING = Duration.ofSeconds(5);

  private final Options options;
  private final Consumer<String> out;
  private final ObjectNode json = Json.MAPPER.createObjectNode();

  private SoakMain(Options options, Consumer<String> out) {
    this.options = options;
    this.out = out;
  }

  /** The process. */
  public static void main(String... words) {
    System.exit(run(words));
  }

  private static int run(String... words) {
    try {
      return run(Options.parse(words), System.out::println);
    } catch (IllegalArgumentException | InvalidPipelineException e) {
      System.err.println("koalja: " + e.getMessage());
      return USAGE;
    } catch (LaunchException | IOException e) {
      System.err.println("koalja: " + e.getMessage());
      return UNAVAILABLE;
    } catch (InterruptedException e) {
      return UNAVAILABLE;
    }
  }

  /**
   * Soaks.
   *
   * @param out takes the lines for people
   * @return the exit status
   * @throws LaunchException when the platform does not start
   */
  public static int run(Options options, Consumer<String> out)
      throws IOException, InterruptedException {
    Path folder =
        options.folder().isPresent()
            ? Files.createDirectories(options.folder().get())
            : Files.createTempDirectory("koalja-soak");
    int status = new SoakMain(options, out).run(folder);
    if (status == 0 && options.folder().isEmpty()) {
      remove(folder);
    } else {
      out.accept("data and logs are in " + folder);
    }
    return status;
  }

  private int run(Path folder) throws IOException, InterruptedException {
    String yaml = Files.readString(options.pipeline());
    Pipeline pipeline =
        PipelineReader.read(new PipelineReader.Source(options.pipeline().toString(), yaml));
    for (Task task : pipeline.tasks()) {
      if (task.kind() instanceof TaskKind.Container) {
        throw new IllegalArgumentException(
            "task %s is a container, and nothing runs those on one machine".formatted(task.name()));
      }
    }
    boolean ours = pipeline.name().value().equals(SoakCircuit.PIPELINE);
    List<String> links = Audit.entries(pipeline);
    if (links.isEmpty()) {
      throw new IllegalArgumentException(
          "the circuit has no link that is fed from outside: nothing would ever happen");
    }
    out.accept(
        "seed %d, %d rounds of %d events on each of %s, %d routers"
            .formatted(
                options.seed(), options.rounds(), options.events(), links, options.routers()));
    if (options.rounds() >= WORTH_CACHES && !StartupCaches.fit()) {
      out.accept("making start-up caches of gateway and router, once after a build …");
      train(folder.resolve("training"), pipeline, yaml, links);
    }
    json.put("seed", options.seed()).put("routers", options.routers());
    ArrayNode rounds = json.putArray("rounds");
    List<Sent> sent = new ArrayList<>();
    boolean kept = true;
    DeliverySettings settings = new DeliverySettings(pipeline, options.seed());
    Behaviour behaviour = ours ? new SoakCircuit(settings) : Behaviour.UNKNOWN;
    try (Platform platform = new Platform(folder, false, options.apps(), options.routers())) {
      platform.apply(pipeline.name().value(), yaml);
      try (Recoveries recoveries =
          new Recoveries(
              platform.broker().bootstrapServers(), TopicName.journal(pipeline.name()))) {
        for (int number = 1; number <= options.rounds() && kept; number++) {
          Plan plan =
              Plan.of(options.seed(), number, links, options.events(), options.routers(), ours);
          Pipeline inForce = ours ? settings.of(number) : pipeline;
          if (ours) {
            platform.apply(pipeline.name().value(), PipelineWriter.yaml(inForce));
          }
          Round.Result result = new Round(platform, inForce, behaviour, plan, recoveries).run(sent);
          tell(plan, result, recoveries.news());
          rounds.add(describe(plan, result));
          write(recoveries); // whoever stops us has what is known by then
          // what stands wrong stands wrong in every round that follows
          kept = result.report().breaches().isEmpty();
        }
        recovered(recoveries);
      }
    }
    out.accept(kept ? "every promise was kept" : "NOT every promise was kept");
    return kept ? 0 : BREACH;
  }

  /** One event on each link that is fed from outside, and what comes of it. */
  private void train(Path folder, Pipeline pipeline, String yaml, List<String> links)
      throws IOException, InterruptedException {
    String name = pipeline.name().value();
    boolean made =
        StartupCaches.make(
            folder,
            options.apps(),
            platform -> {
              platform.apply(name, yaml);
              for (String link : links) {
                platform.post(name, link, "training-" + link, "k", "{}");
              }
              platform.functions(0); // what a soak asks a router
              Thread.sleep(TRAINING.toMillis()); // calls, joins and commits belong to it
            });
    if (!made) {
      out.accept("no start-up caches: each recovery takes longer, nothing else");
    }
  }

  private void tell(Plan plan, Round.Result result, List<String> recovered) {
    Report report = result.report();
    out.accept(
        "round %d/%d  plan %s  %s  %d requests repeated  recovered: %s  %,d records, %,d snapshots, %,d outcomes audited  %s  %s"
            .formatted(
                plan.round(),
                options.rounds(),
                plan.digest(),
                plan.faults().stream().map(Object::toString).collect(Collectors.joining(", ")),
                result.repeated(),
                String.join(", ", recovered),
                report.events(),
                report.snapshots(),
                report.invocations(),
                seconds(result.took()),
                report.breaches().isEmpty() ? "all kept" : report.breaches().size() + " BREACHES"));
    report.breaches().stream().limit(SHOWN).forEach(breach -> out.accept("  " + breach));
    if (report.breaches().size() > SHOWN) {
      out.accept("  and %d more".formatted(report.breaches().size() - SHOWN));
    }
  }

  private static ObjectNode describe(Plan plan, Round.Result result) {
    ObjectNode round = Json.MAPPER.createObjectNode();
    round.put("round", plan.round()).put("plan", plan.digest());
    ArrayNode faults = round.putArray("faults");
    plan.faults().forEach(fault -> faults.add(fault.toString()));
    round.put("events", plan.events().size());
    round.put("repeatedRequests", result.repeated());
    round.put("tookMs", result.took().toMillis());
    Report report = result.report();
    round.put("records", report.events()).put("snapshots", report.snapshots());
    ObjectNode outcomes = round.putObject("outcomes");
    report.outcomes().forEach((outcome, count) -> outcomes.put(outcome.name(), count));
    ArrayNode breaches = round.putArray("breaches");
    for (Breach breach : report.breaches()) {
      ObjectNode each = breaches.addObject();
      each.put("kind", breach.kind().name()).put("what", breach.what());
      ArrayNode records = each.putArray("records");
      breach.records().forEach(records::add);
    }
    return round;
  }

  private void recovered(Recoveries recoveries) {
    for (Recoveries.Times each : recoveries.times()) {
      out.accept(
          "recovered after a kill of %s: median %s, max %s, of %d"
              .formatted(
                  Recoveries.word(each.kind()),
                  seconds(each.median()),
                  seconds(each.max()),
                  each.count()));
    }
  }

  private void write(Recoveries recoveries) throws IOException {
    if (options.json().isEmpty()) {
      return;
    }
    ArrayNode times = json.putArray("recoveries");
    for (Recoveries.Times each : recoveries.times()) {
      times
          .addObject()
          .put("killed", Recoveries.word(each.kind()))
          .put("count", each.count())
          .put("medianMs", each.median().toMillis())
          .put("maxMs", each.max().toMillis());
    }
    Files.writeString(
        options.json().get(),
        Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json));
  }

  private static String seconds(Duration duration) {
    return "%.1f s".formatted(duration.toMillis() / 1000.0);
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }
}
