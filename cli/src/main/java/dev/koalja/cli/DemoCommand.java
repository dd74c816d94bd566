package dev.koalja.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.cli.breadboard.Breadboard;
import dev.koalja.cli.breadboard.CtrlC;
import dev.koalja.cli.breadboard.Plan;
import dev.koalja.cli.control.Announcement;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.control.PipelineApply;
import dev.koalja.cli.control.RunningCircuit;
import dev.koalja.cli.control.StateLock;
import dev.koalja.cli.demo.DemoView;
import dev.koalja.cli.demo.GitHistory;
import dev.koalja.cli.demo.PushWebhook;
import dev.koalja.cli.project.Circuits;
import dev.koalja.cli.project.FunctionProject;
import dev.koalja.cli.show.CircuitText;
import dev.koalja.cli.show.Screen;
import dev.koalja.cli.show.TraceTree;
import dev.koalja.cli.show.Words;
import dev.koalja.launch.KoaljaHome;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Trigger;
import dev.koalja.pipeline.TriggerKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code koalja demo}. */
@Command(
    name = "demo",
    description = {
      "Run the circuit github-digest from nothing: a signed push webhook with your latest commits"
          + " goes in, a digest comes out.",
    },
    footer = {"", "Examples:", "  koalja demo", "  koalja demo --stay"})
final class DemoCommand implements Callable<Integer> {
  private static final int COMMITS = 12;
  @Mixin Shared shared = new Shared();

  @Option(names = "--stay", description = "Keep it running until Ctrl-C, for the other commands.")
  boolean stay;

  @Override
  public Integer call() throws IOException {
    Screen screen = shared.screen();
    if (shared.json) {
      screen.resultsOnly();
    }
    if (!stay) {
      return show(screen);
    }
    try (StateLock _ =
        StateLock.take(RunningCircuit.here())
            .orElseThrow(
                () -> CliException.usage("a circuit runs here already: koalja stop ends it"))) {
      return show(screen);
    }
  }

  private int show(Screen screen) throws IOException {
    Path state = RunningCircuit.here();
    FunctionProject project =
        FunctionProject.in(KoaljaHome.find().root().resolve("examples/github-digest"));
    Circuits circuits = Circuits.build(List.of(project), screen);
    Pipeline pipeline = circuits.pipelines().getFirst();
    Trigger trigger = pipeline.triggers().getFirst();
    String secret = randomSecret();
    Path kept = stay ? state.resolve("demo") : Files.createTempDirectory("koalja-demo-");
    Files.createDirectories(kept);
    Plan plan =
        new Plan(
            kept,
            !stay,
            Plan.freePort(Plan.INGRESS),
            Plan.freePort(Plan.CONTROL),
            Plan.freePort(Plan.KAFKA),
            java.util.Optional.empty(),
            circuits.apps(),
            secretEnvironment(trigger, secret),
            java.util.Optional.empty(),
            Map.of(),
            Map.of());
    boolean complete;
    try (Breadboard breadboard = Breadboard.start(plan, screen);
        ControlClient control = new ControlClient(breadboard.control())) {
      long revision = PipelineApply.apply(control, pipeline);
      screen.fact("Circuit %s, revision %d".formatted(pipeline.name(), revision));
      CircuitText.lines(pipeline).forEach(line -> screen.fact("    " + line));
      screen.fact("All functions are at zero.");
      screen.fact("");
      complete = push(breadboard, control, pipeline, trigger, secret);
      if (stay) {
        stay(breadboard, kept, state);
      } else {
        breadboard.kill();
      }
    }
    screen.fact(stay ? "Stopped." : "Stopped everything. Kept nothing.");
    return complete ? Exit.OK : Exit.UNAVAILABLE;
  }

  private boolean push(
      Breadboard breadboard,
      ControlClient control,
      Pipeline pipeline,
      Trigger trigger,
      String secret) {
    Screen screen = shared.screen();
    GitHistory history = GitHistory.latest(Path.of("").toAbsolutePath(), COMMITS);
    PushWebhook webhook = PushWebhook.of(history, secret, Instant.now());
    int commits = history.commits().size();
    DemoView view = new DemoView(screen, control, pipeline, commits);
    JsonNode accepted;
    Instant posted = Instant.now();
    try (ControlClient ingress = ControlClient.ofIngress(breadboard.ingress(), _ -> {})) {
      accepted =
          ingress.send(
              "POST",
              "/webhooks/" + pipeline.name() + "/" + trigger.name(),
              webhook.headers(),
              webhook.body());
    }
    screen.fact(
        "Posting a signed push with %s …        202  accepted as %s on %s"
            .formatted(
                history.bundled()
                    ? commits + " commits of ours (no git repository here)"
                    : "your last " + Words.count(commits, "commit"),
                Words.count(accepted.path("accepted").size(), "event"),
                accepted.path("link").asText()));
    screen.fact(
        "  %-11s %s    %s… %s → %s"
            .formatted(
                accepted.path("link").asText(),
                Words.count(accepted.path("accepted").size(), "event"),
                history.commits().getLast().id().substring(0, 4),
                history.branch(),
                Words.count(commits, "commit")));
    DemoView.Outcome outcome = view.watch(posted);
    if (!outcome.complete()) {
      screen.note(
          screen.red("Not everything came out in time: koalja demo --stay, then koalja status"));
      return false;
    }
    screen.fact("");
    screen.fact(
        String.format(
            Locale.ROOT,
            "First result %.2f s after the webhook; %.2f s of it starting the function process.",
            outcome.first().toMillis() / 1000.0,
            outcome.coldStart().toMillis() / 1000.0));
    trace(control, outcome.reportId());
    if (shared.json) {
      ObjectNode facts = Json.MAPPER.createObjectNode();
      facts.put("commits", commits);
      facts.put("firstResultMs", outcome.first().toMillis());
      facts.put("coldStartMs", outcome.coldStart().toMillis());
      facts.put("report", outcome.report());
      facts.put("reportId", outcome.reportId());
      shared.print(facts);
    }
    return true;
  }

  private void trace(ControlClient control, String id) {
    Screen screen = shared.screen();
    screen.fact(
        "Trace of the report:   %s trace %s%s"
            .formatted(Shared.command(), id, stay ? "" : "   (it stays with --stay)"));
    JsonNode trace = control.get("/api/trace/" + ControlClient.encode(id));
    TraceTree.lines(screen, trace).forEach(line -> screen.fact("    " + line));
    screen.fact("Try next:              " + Shared.command() + " init shop");
  }

  private void stay(Breadboard breadboard, Path kept, Path state) throws IOException {
    RunningCircuit running = breadboard.running(state, kept, false, Map.of());
    try (Announcement _ = Announcement.make(running, shared.screen())) {
      shared.screen().fact("It goes on until Ctrl-C or koalja stop.");
      CompletableFuture<String> end = new CompletableFuture<>();
      CtrlC.handle(
          () -> {
            if (!end.complete("Ctrl-C")) {
              breadboard.kill();
              Runtime.getRuntime().halt(Exit.INTERRUPTED);
            }
          });
      breadboard.ended().thenAccept(end::complete);
      end.join();
      breadboard.close();
      breadboard
          .killed()
          .forEach(name -> shared.screen().note(name + " did not end in time and was killed."));
    }
  }

  private static Map<String, String> secretEnvironment(Trigger trigger, String secret) {
    if (trigger.kind() instanceof TriggerKind.Webhook webhook && webhook.secretRef().isPresent()) {
      String name =
          webhook.secretRef().get().toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
      return Map.of("KOALJA_SECRET_" + name, secret);
    }
    return Map.of();
  }

  private static String randomSecret() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
