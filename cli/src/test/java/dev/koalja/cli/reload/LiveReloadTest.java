package dev.koalja.cli.reload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.control.PipelineApply;
import dev.koalja.cli.project.AttachedApps;
import dev.koalja.cli.project.Circuits;
import dev.koalja.cli.project.FunctionProject;
import dev.koalja.cli.project.Wiring;
import dev.koalja.cli.revision.Builds;
import dev.koalja.cli.revision.Circuit;
import dev.koalja.cli.revision.Part;
import dev.koalja.cli.show.Screen;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.definition.Release;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LiveReloadTest {
  private static final Duration PATIENCE = Duration.ofMillis(300);

  @TempDir Path dir;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final List<FunctionProject> projects = new ArrayList<>();

  /** What is wrong with the code of a project. */
  private final Map<FunctionProject, List<String>> wrong = new HashMap<>();

  private FakeCircuit circuit;
  private ControlClient control;
  private Builds builds;

  @BeforeEach
  void begin() throws IOException {
    circuit = new FakeCircuit();
    control = new ControlClient(circuit.uri());
    builds = Builds.of(dir.resolve("builds"), 5);
  }

  @AfterEach
  void end() {
    control.close();
    circuit.close();
  }

  /** A project that Maven has built. */
  private FunctionProject project(String name, String pipeline, String task) throws IOException {
    Path folder = dir.resolve(name);
    write(folder.resolve("pom.xml"), "<!-- koalja-function-runtime -->");
    write(folder.resolve("target/quarkus-app/quarkus-run.jar"), "1");
    write(folder.resolve("target/koalja/pipeline.yaml"), inferred(name, pipeline, task));
    FunctionProject project = FunctionProject.in(folder);
    projects.add(project);
    return project;
  }

  private static String inferred(String app, String pipeline, String task) {
    return file(
        pipeline,
        "tasks: [{name: %s, function: {app: %s}, inputs: [{name: in, link: %s-in}]}]"
            .formatted(task, app, task));
  }

  private static String file(String pipeline, String spec) {
    return """
    apiVersion: koalja.dev/v1alpha1
    kind: Pipeline
    metadata: {name: %s}
    spec: {%s}
    """
        .formatted(pipeline, spec);
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  /** As a run begins: everything built once, and in force. */
  private LiveReload reload() throws IOException {
    Circuits read = Circuits.read(projects);
    Map<FunctionProject, List<Part>> parts = new LinkedHashMap<>();
    projects.forEach(project -> parts.put(project, List.of()));
    for (Wiring wiring : read.wirings()) {
      FunctionProject project = wiring.project();
      List<Part> its =
          builds.add(
              wiring,
              project.buildsHere()
                  ? Optional.of(new Builds.Package(project.packaged(), false))
                  : Optional.empty());
      parts.put(project, its);
      for (Part part : its) {
        if (part.build().runs()) {
          builds.use(part.name(), part.build().number());
        }
      }
    }
    SourceWatch watch = new SourceWatch(projects);
    watch.close();
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    LiveReload reload =
        new LiveReload(
            watch,
            new CopyingBuilder(),
            parts,
            List.of(),
            builds,
            control,
            new Screen(out, out, false, false, 120),
            _ -> {},
            PATIENCE);
    for (Circuit each : Circuit.of(parts.values().stream().flatMap(List::stream).toList())) {
      circuit.begin(
          each.pipeline(),
          Release.of("first", Instant.now(), Release.Cause.APPLIED, builds.home(), each.builds()));
      reload.applied(each.pipeline(), 1);
    }
    return reload;
  }

  /** Its sources are what was built. */
  private final class CopyingBuilder implements FunctionBuilder {
    private int built;

    @Override
    public List<String> warmUp(List<FunctionProject> all) {
      return List.of();
    }

    @Override
    public Outcome build(FunctionProject project) {
      List<String> problems = wrong.getOrDefault(project, List.of());
      try {
        Files.writeString(project.runnable(), "build " + ++built);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      return problems.isEmpty()
          ? new Outcome.Built(project.packaged(), project.inferred(), false, List.of())
          : new Outcome.Broken(problems);
    }

    @Override
    public void close() {}
  }

  private static SourceWatch.Change saved(FunctionProject... projects) {
    return new SourceWatch.Change(List.of(projects), Instant.now());
  }

  private String screen() {
    return said.toString(StandardCharsets.UTF_8);
  }

  private long revision(String pipeline) {
    return circuit.definitions.get(pipeline).revision();
  }

  private List<String> links(String pipeline) {
    return circuit.definitions.get(pipeline).pipeline().links().stream()
        .map(link -> link.name().value())
        .sorted()
        .toList();
  }

  /** The build of an app that the revision in force names. */
  private int inForce(String pipeline, String app) {
    return circuit.definitions.get(pipeline).release().orElseThrow().runs(app).orElseThrow();
  }

  @Test
  void shouldGiveAChangeUpThatOthersAlwaysOvertake() throws Exception {
    FunctionProject shop = project("shop", "shop", "price");
    LiveReload reload = reload();
    for (int i = 0; i < 5; i++) {
      circuit.refuse("PUT /api/pipelines/shop", 409);
    }

    reload.reload(saved(shop));

    assertThat(screen()).contains("as planned: revision 1 goes on").doesNotContain("409");
    assertThat(revision("shop")).isEqualTo(1);
    assertThat(circuit.prepared).as("what stood by").isEmpty();

    reload.reload(saved());

    assertThat(revision("shop")).isEqualTo(2);
  }

  @Test
  void shouldBringInACodeChangeAndKeepTheOldBuild() throws Exception {
    FunctionProject shop = project("shop", "shop", "price");
    LiveReload reload = reload();

    reload.reload(saved(shop));

    assertThat(screen()).contains("shop revision 2: shop rebuilt in");
    assertThat(circuit.inUse).containsEntry("shop", "2");
    assertThat(inForce("shop", "shop")).isEqualTo(2);
    assertThat(circuit.definitions.get("shop").release().orElseThrow().cause())
        .isEqualTo(Release.Cause.RELOAD);
    assertThat(builds.has("shop", 1)).as("for a rollback").isTrue();
    assertThat(builds.has("shop", 2)).isTrue();
  }

  @Test
  void shouldGoOnFromWhatSomebodyElseBroughtIntoForce() throws Exception {
    FunctionProject prices = project("prices", "shop", "price");
    FunctionProject bills = project("bills", "shop", "bill");
    LiveReload reload = reload();
    Definition first = circuit.definitions.get("shop");
    write(prices.inferred(), inferred("prices", "shop", "dear"));
    reload.reload(saved(prices));
    assertThat(inForce("shop", "prices")).isEqualTo(2);
    assertThat(links("shop")).containsExactly("bill-in", "dear-in");

    // a rollback in another window
    PipelineApply.apply(
        control,
        first.pipeline(),
        Optional.of(2L),
        Optional.of(
            Release.of(
                "back",
                Instant.now(),
                Release.Cause.ROLLBACK,
                builds.home(),
                first.release().orElseThrow().builds())));
    reload.reload(saved(bills));

    assertThat(revision("shop")).isEqualTo(4);
    assertThat(inForce("shop", "bills")).isEqualTo(2);
    assertThat(inForce("shop", "prices")).as("as it was rolled back").isEqualTo(1);
    assertThat(links("shop")).containsExactly("bill-in", "price-in");
    assertThat(screen()).contains("shop revision 4: bills rebuilt in");

    reload.reload(saved(prices)); // whose source was left as it is

    assertThat(links("shop")).containsExactly("bill-in", "dear-in");
    assertThat(inForce("shop", "bills")).isEqualTo(2);
  }

  @Test
  void shouldSayWhatHasToBeSavedTooWhenWhatIsInForceIsNotHereAnyMore() throws Exception {
    FunctionProject prices = project("prices", "shop", "price");
    FunctionProject bills = project("bills", "shop", "bill");
    LiveReload reload = reload();
    Files.delete(builds.folder("prices", 1).resolve("build.json"));

    reload.reload(saved(bills));

    assertThat(screen()).contains("what is in force of prices is not in", "revision 1 goes on");
    assertThat(revision("shop")).isEqualTo(1);

    reload.reload(saved(prices));

    assertThat(revision("shop")).isEqualTo(2);
    assertThat(links("shop")).containsExactly("bill-in", "price-in");
  }

  @Test
  void shouldMakeAChangeAnewWhenAnotherOneCameFirst() throws Exception {
    FunctionProject shop = project("shop", "shop", "price");
    LiveReload reload = reload();
    circuit.after(
        "PUT /serving/apps/shop/next",
        () ->
            PipelineApply.apply(
                control,
                circuit.definitions.get("shop").pipeline(),
                Optional.empty(),
                circuit.definitions.get("shop").release()));

    reload.reload(saved(shop));

    assertThat(revision("shop")).isEqualTo(3);
    assertThat(inForce("shop", "shop")).isEqualTo(3);
    assertThat(circuit.prepared).as("what stood by").isEmpty();
    assertThat(screen()).contains("shop revision 3: shop rebuilt").doesNotContain("first");
  }

  @Test
  void shouldFollowTheWiringOfAnAttachedAppAndBuildNothing() throws Exception {
    FunctionProject shop = attached(project("shop", "shop", "price"));
    LiveReload reload = reload();

    reload.reload(saved(shop));
    assertThat(screen()).as("the code is somebody else's").isEmpty();
    assertThat(revision("shop")).isEqualTo(1);

    write(
        shop.inferred(),
        inferred("shop", "shop", "price").replace("spec: {", "spec: {links: [{name: more}], "));
    reload.reload(saved(shop));

    assertThat(screen()).contains("shop revision 2: wired anew in");
    assertThat(links("shop")).containsExactly("more", "price-in");
    assertThat(builds.inUse("shop")).as("somebody else starts it").isEmpty();

    write(shop.inferred(), "kind: Pipelin");
    reload.reload(saved(shop));

    assertThat(screen()).contains("The wiring is wrong", "revision 2 goes on");
    assertThat(revision("shop")).isEqualTo(2);
  }

  private FunctionProject attached(FunctionProject project) {
    FunctionProject attached =
        AttachedApps.mark(List.of(project), Map.of(project.name(), 8081)).getFirst();
    projects.set(projects.indexOf(project), attached);
    return attached;
  }

  @Test
  void shouldKeepTheBuildInUseWhenTheBreadboardFailsAfterTheSwitch() throws Exception {
    FunctionProject shop = project("shop", "shop", "price");
    LiveReload reload = reload();
    circuit.after("PUT /api/pipelines/shop", () -> circuit.refuse("GET /serving/builds", 503));

    reload.reload(saved(shop));

    assertThat(screen()).contains("shop revision 2: shop rebuilt");
    assertThat(inForce("shop", "shop")).isEqualTo(2);
    assertThat(revision("shop")).as("applied once").isEqualTo(2);
  }

  @Test
  void shouldGoOnWhereItWasAfterABreadboardThatEndedBeforeTheSwitch() throws Exception {
    FunctionProject shop = project("shop", "shop", "price");
    LiveReload reload = reload();
    // it ends with what was prepared, and begins again with the build that is named
    circuit.refuse("PUT /serving/apps/shop/next", 503);

    reload.reload(saved(shop));

    assertThat(screen()).contains("shop revision 2: shop rebuilt");
    assertThat(circuit.inUse).containsEntry("shop", "2");
    assertThat(inForce("shop", "shop")).isEqualTo(2);
  }

  @Test
  void shouldKeepWhatOnePipelineTookOverWhenAnotherIsRefused() throws Exception {
    FunctionProject shop = project("shop", "shop", "price");
    FunctionProject billing = project("billing", "billing", "bill");
    LiveReload reload = reload();
    circuit.refuse("PUT /api/pipelines/billing", 422);

    reload.reload(saved(shop, billing));

    assertThat(circuit.inUse).containsEntry("shop", "2").containsEntry("billing", "1");
    assertThat(inForce("billing", "billing")).as("goes on").isEqualTo(1);
    assertThat(circuit.prepared).as("what stood by").doesNotContainKey("billing");
    assertThat(screen()).contains("as planned: what runs goes on").doesNotContain("422");

    reload.reload(saved(shop)); // what was refused is tried again

    assertThat(circuit.inUse).containsEntry("billing", "3");
    assertThat(revision("billing")).isEqualTo(2);
  }

  @Test
  void shouldNotTakeBackWhatIsInForceAlthoughTheAnswerWasAnError() throws Exception {
    FunctionProject shop = project("shop", "shop", "price");
    LiveReload reload = reload();
    circuit.failAfter("PUT /api/pipelines/shop", 500, () -> {});

    reload.reload(saved(shop));

    assertThat(circuit.inUse).containsEntry("shop", "2");
    assertThat(revision("shop")).as("applied once").isEqualTo(2);
    assertThat(screen()).contains("shop revision 2: shop rebuilt");
  }

  @Test
  void shouldAskWhatIsInForceAfterNobodyAnswered() throws Exception {
    FunctionProject wires = wires();
    String before = Files.readString(wires.handWritten());
    LiveReload reload = reload();
    circuit.failAfter("PUT /api/pipelines/wires", 500, circuit::goDown);
    Files.writeString(wires.handWritten(), file("wires", "links: [{name: wire}, {name: more}]"));

    reload.reload(saved(wires));
    assertThat(links("wires")).containsExactly("more", "wire");

    circuit.comeUp();
    Files.writeString(wires.handWritten(), before);
    reload.reload(saved(wires));

    assertThat(links("wires")).as("as it was before the edit").containsExactly("wire");
    assertThat(revision("wires")).isEqualTo(3);
  }

  @Test
  void shouldBringInWithTheNextChangeWhatNobodyAnswered() throws Exception {
    FunctionProject shop = project("shop", "shop", "price");
    FunctionProject wires = wires();
    LiveReload reload = reload();
    circuit.goDown();

    reload.reload(saved(shop));
    assertThat(screen()).doesNotContain("rebuilt");
    assertThat(builds.folder("shop", 1)).exists();
    circuit.comeUp();
    Files.writeString(wires.handWritten(), file("wires", "links: [{name: wire}, {name: more}]"));
    reload.reload(saved(wires));

    assertThat(screen()).contains("shop revision 2: shop rebuilt", "wires revision 2: wired anew");
    assertThat(circuit.inUse).containsEntry("shop", "2");
  }

  @Test
  void shouldLeaveWhatIsInForceAndNotFollowedYetAsItIs() throws Exception {
    FunctionProject shop = project("shop", "shop", "price");
    LiveReload reload = reload();
    circuit.follows = false;

    reload.reload(saved(shop));

    assertThat(screen()).contains("shop revision 2 is in force, but the router does not follow it");
    assertThat(inForce("shop", "shop")).as("a start begins with it").isEqualTo(2);
    assertThat(builds.has("shop", 1)).as("still runs").isTrue();
    assertThat(circuit.prepared).as("what stands by").containsKey("shop");
  }

  @Test
  void shouldForgetWhatDoesNotStart() throws Exception {
    FunctionProject shop = project("shop", "shop", "price");
    LiveReload reload = reload();
    circuit.refuse("PUT /serving/apps/shop/next", 400);

    reload.reload(saved(shop));

    assertThat(screen()).contains("shop does not start: revision 1 goes on");
    assertThat(revision("shop")).isEqualTo(1);
    assertThat(circuit.changes).contains("DELETE /serving/apps/shop/next");
  }

  @Test
  void shouldBringInNoHalfOfAChangeWhoseCodeIsWrong() throws Exception {
    FunctionProject shop = project("shop", "shop", "price");
    FunctionProject wires = wires();
    LiveReload reload = reload();
    write(shop.handWritten(), file("shop", "links: [{name: price-in}, {name: more}]"));
    wrong.put(shop, List.of("src/main/java/shop/Prices.java:1:1  nonsense"));

    reload.reload(saved(shop));

    assertThat(circuit.changes).isEmpty();
    assertThat(screen()).contains("nonsense", "shop is not rebuilt, 1 problem");

    wrong.clear();
    reload.reload(saved(wires)); // the other one is owed still
    assertThat(links("shop")).contains("more");
    assertThat(circuit.inUse).containsEntry("shop", "2");
  }

  @Test
  void shouldNotNeedTheTargetFolderOfAProjectThatDidNotChange() throws Exception {
    FunctionProject prices = project("prices", "shop", "price");
    FunctionProject bills = project("bills", "shop", "bill");
    LiveReload reload = reload();
    Files.delete(prices.inferred()); // mvn clean

    reload.reload(saved(bills));

    assertThat(circuit.definitions.get("shop").pipeline().tasks())
        .extracting(task -> task.name().value())
        .containsExactlyInAnyOrder("price", "bill");
  }

  @Test
  void shouldKeepOutAChangeThatAnotherAppCouldNotRead() throws Exception {
    FunctionProject prices = project("prices", "shop", "price");
    FunctionProject bills = project("bills", "shop", "bill");
    write(prices.inferred(), prices("id", "total"));
    write(bills.inferred(), bills("total"));
    LiveReload reload = reload();
    write(prices.inferred(), prices("id"));

    reload.reload(saved(prices));

    assertThat(circuit.changes).isEmpty();
    assertThat(circuit.inUse).containsEntry("prices", "1").containsEntry("bills", "1");
    assertThat(screen())
        .contains(
            "written by price (app prices), read by bill (app bills): \"total\" is required by the"
                + " consumer, and the producer does not write it: write it, or let the consumer do"
                + " without it",
            "The wiring is wrong, 1 problem: revision 1 goes on");

    write(bills.inferred(), bills("id"));
    reload.reload(saved(bills)); // the consumer follows, and both fit

    assertThat(circuit.inUse.get("prices")).isNotEqualTo("1");
    assertThat(circuit.inUse.get("bills")).isNotEqualTo("1");
    assertThat(revision("shop")).isEqualTo(2);
  }

  @Test
  void shouldNotTakeOtherDataForOtherWiring() throws Exception {
    FunctionProject prices = project("prices", "shop", "price");
    FunctionProject bills = project("bills", "shop", "bill");
    write(prices.inferred(), prices("id"));
    write(bills.inferred(), bills("id"));
    LiveReload reload = reload();
    write(prices.inferred(), prices("id", "total"));

    reload.reload(saved(prices));

    assertThat(screen()).contains("shop revision 2: prices rebuilt in").doesNotContain("wired");
    assertThat(circuit.definitions.get("shop").pipeline().task("price").orElseThrow().outputs())
        .singleElement()
        .satisfies(output -> assertThat(output.schema().toString()).contains("total"));
  }

  private static String prices(String... fields) {
    return file(
        "shop",
        "tasks: [{name: price, function: {app: prices}, inputs: [{name: in, link: order}],"
            + " outputs: [{name: result, link: priced, schema: '%s'}]}]".formatted(object(fields)));
  }

  private static String bills(String... fields) {
    return file(
        "shop",
        "tasks: [{name: bill, function: {app: bills},"
            + " inputs: [{name: in, link: priced, schema: '%s'}]}]".formatted(object(fields)));
  }

  /** Of objects that always have these fields. */
  private static String object(String... fields) {
    String required = "\"" + String.join("\",\"", fields) + "\"";
    return "{\"type\":\"object\",\"properties\":{%s},\"required\":[%s]}"
        .formatted(required.replaceAll("(\"\\w+\")", "$1:{\"type\":\"string\"}"), required);
  }

  /** A project of wiring alone. */
  private FunctionProject wires() throws IOException {
    Path folder = dir.resolve("wires");
    write(folder.resolve("pipeline.yaml"), file("wires", "links: [{name: wire}]"));
    FunctionProject project = FunctionProject.in(folder);
    projects.add(project);
    return project;
  }
}
