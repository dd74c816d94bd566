package dev.koalja.cli.revision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.cli.CliException;
import dev.koalja.cli.Exit;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.cli.control.PipelineApply;
import dev.koalja.cli.reload.FakeCircuit;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.definition.Release;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ChangeTest {
  private static final Pipeline PIPELINE =
      PipelineReader.read(
          new PipelineReader.Source(
              "test",
              """
              apiVersion: koalja.dev/v1alpha1
              kind: Pipeline
              metadata: {name: shop}
              spec: {tasks: [{name: price, function: {app: shop}, inputs: [{name: in, link: order}]}]}
              """));

  @TempDir Path dir;
  private FakeCircuit circuit;
  private ControlClient control;
  private Builds builds;
  private int made;

  @BeforeEach
  void begin() throws IOException {
    circuit = new FakeCircuit();
    control = new ControlClient(circuit.uri());
    builds = Builds.of(dir.resolve("builds"), 2);
    for (int i = 1; i <= 6; i++) {
      build("image-" + i);
    }
    circuit.begin(PIPELINE, release("first", 1));
  }

  @AfterEach
  void end() {
    control.close();
    circuit.close();
  }

  private void build(String digest) throws IOException {
    Path folder = Files.createDirectories(dir.resolve("unpacked"));
    builds.addImage(
        "shop",
        folder,
        "1",
        digest,
        new PipelineReader.Source(
            "test",
            """
            apiVersion: koalja.dev/v1alpha1
            kind: Pipeline
            metadata: {name: shop}
            """));
  }

  private Release release(String id, int number) throws IOException {
    return Release.of(
        id,
        Instant.now(),
        Release.Cause.UPGRADE,
        builds.home(),
        Map.of("shop", builds.read("shop", number).orElseThrow().build()));
  }

  private Optional<Takeover.Proposed> to(int number) throws IOException {
    made++;
    return Optional.of(
        new Takeover.Proposed(
            PIPELINE,
            Optional.of(circuit.definitions.get("shop")),
            release("change-" + made, number),
            Set.of("shop"),
            true));
  }

  private static final Patience PATIENCE = new Patience(Patience.LIMIT, () -> false, _ -> {});

  private Change change() {
    return new Change(control, Optional.of(builds), PATIENCE);
  }

  @Test
  void shouldStartTheNewBuildFirstAndThenBringItIntoForce() throws Exception {
    Optional<Change.Done> done = change().bring(() -> to(2));

    assertThat(done.map(each -> each.definition().revision())).contains(2L);
    assertThat(circuit.changes)
        .containsExactly("PUT /serving/apps/shop/next?build=2&start", "PUT /api/pipelines/shop");
    assertThat(circuit.inUse).containsEntry("shop", "2");
    assertThat(change().bring(Optional::empty)).isEmpty();
  }

  @Test
  void shouldMakeTheChangeAnewWhenAnotherCameFirst() throws Exception {
    circuit.after(
        "PUT /serving/apps/shop/next",
        () -> {
          try {
            PipelineApply.apply(
                control, PIPELINE, Optional.empty(), Optional.of(release("other", 3)));
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });

    Optional<Change.Done> done = change().bring(() -> to(2));

    assertThat(done.map(each -> each.definition().revision())).contains(3L);
    assertThat(made).isEqualTo(2);
    assertThat(circuit.inUse).containsEntry("shop", "2");
  }

  @Test
  void shouldChangeNothingWhenTheNewBuildDoesNotStart() {
    circuit.refuse("PUT /serving/apps/shop/next", 400);

    assertThatThrownBy(() -> change().bring(() -> to(2)))
        .isInstanceOfSatisfying(
            CliException.class,
            e -> {
              assertThat(e.exit()).isEqualTo(Exit.USAGE);
              assertThat(e.getMessage()).isEqualTo("shop does not start: revision 1 goes on");
              assertThat(e.details()).containsExactly("as planned");
            });
    assertThat(circuit.definitions.get("shop").revision()).isEqualTo(1);
    assertThat(circuit.inUse).containsEntry("shop", "1");
    assertThat(circuit.changes).containsExactly("DELETE /serving/apps/shop/next");
  }

  @Test
  void shouldAskAgainWhileTheBreadboardIsStartedAgain() throws Exception {
    circuit.refuse("GET /api/pipelines", 503);
    circuit.refuse("GET /api/pipelines", 503);

    assertThat(PATIENCE.ask(() -> InForce.all(control))).containsOnlyKeys("shop");

    circuit.refuse("GET /api/pipelines", 400);
    assertThatThrownBy(() -> PATIENCE.ask(() -> InForce.all(control)))
        .isInstanceOf(CliException.class);
  }

  @Test
  void shouldNotWaitForACircuitThatHasEnded() {
    AtomicInteger asked = new AtomicInteger();
    Patience patience = new Patience(Patience.LIMIT, () -> asked.get() == 3, _ -> {});

    assertThatThrownBy(
            () ->
                patience.ask(
                    () -> {
                      asked.incrementAndGet();
                      throw CliException.unavailable("nobody answers");
                    }))
        .hasMessage("the circuit ended meanwhile; koalja run starts it again");
    assertThat(asked).hasValue(3);
  }

  @Test
  void shouldNotApplyTwiceWhenTheAnswerIsLostAndTheBreadboardStartedAgain() throws Exception {
    circuit.failAfter("PUT /api/pipelines/shop", 503, circuit.prepared::clear);

    Optional<Change.Done> done = change().bring(() -> to(2));

    assertThat(done.map(each -> each.definition().revision())).contains(2L);
    assertThat(circuit.definitions.get("shop").revision()).isEqualTo(2);
    assertThat(made).isEqualTo(1);
  }

  @Test
  void shouldLetAnAppJoinTheRunOnlyWhenItsRevisionComesIntoForce() throws Exception {
    circuit.refuse("PUT /api/pipelines/shop", 422);
    assertThatThrownBy(() -> change().bring(() -> to(2))).isInstanceOf(CliException.class);
    assertThat(builds.inUse("shop")).isEmpty();

    change().bring(() -> to(2));
    assertThat(builds.inUse("shop")).contains(2);
  }

  @Test
  void shouldKeepTheBuildsOfTheLastRevisionsAndWhatRuns() throws Exception {
    builds.use("shop", 1);
    change().bring(() -> to(2));
    change().bring(() -> to(3));
    change().bring(() -> to(4));
    Files.createDirectories(builds.folder("shop", 7)); // somebody was killed
    Path left = Files.createDirectories(builds.workAlone().resolve("image"));
    circuit.inUse.put("shop", "2"); // the router has not followed yet

    assertThat(Housekeeping.tidy(builds, control)).as("it is looked at again").isEmpty();
    assertThat(builds.all()).containsExactly("shop/1", "shop/2", "shop/3", "shop/4");
    assertThat(left).as("what was half unpacked").doesNotExist();

    circuit.inUse.put("shop", "4");
    assertThat(Housekeeping.tidy(builds, control))
        .containsExactly("shop/1", "shop/3", "shop/4")
        .isEqualTo(builds.all());
  }

  @Test
  void shouldRemoveNothingWhileAChangeIsOnItsWayOrNobodyAnswers() throws Exception {
    java.util.concurrent.CountDownLatch held = new java.util.concurrent.CountDownLatch(1);
    java.util.concurrent.CountDownLatch done = new java.util.concurrent.CountDownLatch(1);
    Thread other =
        Thread.ofVirtual()
            .start(
                () -> {
                  try (ChangeLock _ = builds.lock(() -> {})) {
                    held.countDown();
                    done.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    held.await();
    assertThat(Housekeeping.tidy(builds, control)).isEmpty();
    assertThat(builds.all()).hasSize(6);
    done.countDown();
    other.join();

    circuit.goDown();
    assertThatThrownBy(() -> Housekeeping.tidy(builds, control)).isInstanceOf(CliException.class);
    assertThat(builds.all()).hasSize(6);
  }
}
