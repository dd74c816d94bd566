package dev.koalja.knative.serving.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.koalja.knative.serving.InstanceStatus;
import dev.koalja.knative.serving.Lease;
import dev.koalja.knative.serving.local.LocalServing.Prepared;
import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.definition.Release;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which build of an app runs, told by the revision in force and by nothing else. */
class RevisionsIT {
  private static final AppName APP = new AppName("prices");
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Pipeline PIPELINE =
      PipelineReader.read(
          new PipelineReader.Source(
              "pipeline.yaml",
              """
              apiVersion: koalja.dev/v1alpha1
              kind: Pipeline
              metadata: {name: shop}
              spec:
                tasks:
                - {name: price, function: {app: prices}, inputs: [{name: o, link: order}]}
                - {name: ship, function: {app: prices, isolated: true}, inputs: [{name: o, link: order}]}
              """));

  @TempDir Path folder;
  private final AppCatalog catalog =
      new AppCatalog(
          (app, release) ->
              release
                  .runs(app.value())
                  .filter(number -> number < 9) // 9 was removed by hand
                  .map(number -> build(number)));
  private LocalServing serving;

  @BeforeEach
  void open() {
    serving = new LocalServing(catalog, folder.resolve("logs"));
  }

  @AfterEach
  void close() {
    serving.close();
  }

  /** Number 3 does not start. */
  private static AppBuild build(int number) {
    return LocalServingIT.build("" + number, number == 3 ? Map.of("EXIT_AT_START", "4") : Map.of());
  }

  private void apply(long revision, int number) {
    Release.Build build =
        new Release.Build(number, true, Optional.empty(), Optional.empty(), Optional.empty());
    serving.apply(
        new Definition(
            PIPELINE,
            revision,
            Optional.of(
                Release.of(
                    "id" + revision,
                    Instant.now(),
                    Release.Cause.UPGRADE,
                    "home",
                    Map.of("prices", build)))));
  }

  private String answeredBy() throws Exception {
    try (Lease lease =
        serving.acquire(new PipelineName("shop"), PIPELINE.task("price").orElseThrow(), LIMIT)) {
      return instances().stream()
          .filter(each -> lease.instance().contains("" + each.pid()))
          .map(InstanceStatus::revision)
          .findFirst()
          .orElseThrow();
    }
  }

  private List<InstanceStatus> instances() {
    return serving.status().stream().flatMap(each -> each.instances().stream()).toList();
  }

  private List<String> running() {
    return instances().stream().map(InstanceStatus::revision).sorted().toList();
  }

  @Test
  void shouldRunWhatTheRevisionNamesAlsoWhenAnotherBuildStandsBy() throws Exception {
    apply(1, 1);
    assertThat(answeredBy()).isEqualTo("1");
    assertThat(serving.prepare(build(2), false)).isEqualTo(new Prepared.Ready(1));

    apply(2, 1); // somebody else's change came first
    assertThat(answeredBy()).isEqualTo("1");
    assertThat(running()).contains("2");

    apply(3, 2);
    assertThat(answeredBy()).isEqualTo("2");
    await().atMost(LIMIT).until(() -> running().equals(List.of("2")));

    apply(4, 1); // what nobody prepared is started from zero
    assertThat(answeredBy()).isEqualTo("1");
    assertThat(serving.revisions()).containsEntry(APP, "1");
  }

  @Test
  void shouldGoOnWithWhatRunsWhenTheBuildOfARevisionIsNotHere() throws Exception {
    apply(1, 1);
    assertThat(answeredBy()).isEqualTo("1");
    apply(2, 9);
    assertThat(answeredBy()).isEqualTo("1");
    serving.apply(new Definition(PIPELINE, 3));
    assertThat(answeredBy()).as("nothing was said of the code").isEqualTo("1");
  }

  @Test
  void shouldFindAtZeroThatABuildDoesNotStart() throws Exception {
    assertThat(serving.prepare(build(3), true))
        .as("before there is a pipeline")
        .isInstanceOf(Prepared.DoesNotStart.class);
    assertThat(serving.prepare(build(1), true)).isEqualTo(new Prepared.Ready(0));
    apply(1, 1);

    assertThat(serving.prepare(build(3), true))
        .isInstanceOfSatisfying(
            Prepared.DoesNotStart.class,
            refused -> assertThat(refused.why()).contains("cannot reach the price list"));
    assertThat(serving.prepare(build(2), true))
        .as("one process, though there are two groups")
        .isEqualTo(new Prepared.Ready(1));

    apply(2, 2);
    long pid = instances().getFirst().pid();
    assertThat(answeredBy()).isEqualTo("2");
    assertThat(instances()).as("it is used").extracting(InstanceStatus::pid).contains(pid);
  }

  @Test
  void shouldGiveUpTheNextBuildWhenNobodyTakesItOver() throws Exception {
    serving.close();
    serving =
        new LocalServing(
            catalog,
            folder.resolve("logs"),
            LocalSettings.DEFAULT.withStandBy(Duration.ofMillis(100)));
    apply(1, 1);
    assertThat(answeredBy()).isEqualTo("1");
    serving.prepare(build(2), false);

    await().atMost(LIMIT).until(() -> running().equals(List.of("1")));
    assertThat(answeredBy()).isEqualTo("1");
  }
}
