package dev.koalja.pipeline.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.definition.DefinitionAssembler.Change;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DefinitionAssemblerTest {
  private static Pipeline pipeline(String output) {
    return PipelineReader.read(
        new PipelineReader.Source(
            "test",
            """
            apiVersion: koalja.dev/v1alpha1
            kind: Pipeline
            metadata: {name: p}
            spec:
              triggers:
              - {name: t, link: in, webhook: {scheme: none}}
              tasks:
              - name: work
                function: {app: x}
                inputs: [{name: in, link: in, from: "2026-01-01T00:00:00Z"}]
                outputs: [{name: result, link: %s}]
              types:
              - {name: T, schema: t.json}
            """
                .formatted(output)));
  }

  private static Optional<Change> feed(
      DefinitionAssembler assembler, List<DefinitionRecord> records) {
    Optional<Change> last = Optional.empty();
    for (DefinitionRecord record : records) {
      last = assembler.accept(record);
    }
    return last;
  }

  @Test
  void shouldPutARevisionTogetherAgainAsItWas() {
    Definition definition = new Definition(pipeline("out"), 7);
    assertThat(feed(new DefinitionAssembler(), DefinitionCodec.encode(definition)))
        .hasValueSatisfying(
            change ->
                assertThat(change)
                    .isInstanceOfSatisfying(
                        Change.Applied.class,
                        applied -> {
                          assertThat(applied.definition().revision()).isEqualTo(7);
                          assertThat(applied.definition().pipeline().tasks())
                              .isEqualTo(definition.pipeline().tasks());
                          assertThat(applied.definition().pipeline().links())
                              .containsExactlyInAnyOrderElementsOf(definition.pipeline().links());
                        }));
  }

  @Test
  void shouldSayWhichCodeBelongsToARevision() {
    Release release =
        new Release(
            "01J",
            Instant.parse("2026-11-23T10:00:00.5Z"),
            Release.Cause.ROLLBACK,
            Optional.of(3L),
            "home",
            new TreeMap<>(
                Map.of(
                    "x",
                    new Release.Build(
                        7, true, Optional.of("1.0+ab"), Optional.of("1.0"), Optional.empty()),
                    "_notes",
                    new Release.Build(
                        1, false, Optional.empty(), Optional.empty(), Optional.empty()))));
    Definition definition = new Definition(pipeline("out"), 5, Optional.of(release));
    DefinitionAssembler assembler = new DefinitionAssembler();

    feed(assembler, DefinitionCodec.encode(definition));

    assertThat(assembler.current().get("p").release()).contains(release);
    assertThat(release.runs("x")).contains(7);
    assertThat(release.runs("_notes")).isEmpty();
  }

  @Test
  void shouldFollowAWiringWhoseCodeALaterVersionDescribes() {
    Release release = Release.of("01J", Instant.EPOCH, Release.Cause.APPLIED, "home", Map.of());
    DefinitionAssembler assembler = new DefinitionAssembler();
    for (DefinitionRecord record :
        DefinitionCodec.encode(new Definition(pipeline("out"), 1, Optional.of(release)))) {
      assembler.accept(
          record.key().contains("/release/")
              ? new DefinitionRecord(record.key(), "{\"cause\":\"moon\"}")
              : record);
    }
    assertThat(assembler.current().get("p").revision()).isEqualTo(1);
    assertThat(assembler.current().get("p").release()).isEmpty();
  }

  @Test
  void shouldNotActOnAHeadWhoseElementsAreNotAllThere() {
    List<DefinitionRecord> records = DefinitionCodec.encode(new Definition(pipeline("out"), 1));
    for (int missing = 0; missing < records.size() - 1; missing++) {
      List<DefinitionRecord> some = new java.util.ArrayList<>(records);
      some.remove(missing);
      assertThat(feed(new DefinitionAssembler(), some))
          .hasValueSatisfying(change -> assertThat(change).isInstanceOf(Change.Unreadable.class));
    }
  }

  @Test
  void shouldKeepTheLastGoodRevisionWhenTheNextIsUnreadable() {
    DefinitionAssembler assembler = new DefinitionAssembler();
    feed(assembler, DefinitionCodec.encode(new Definition(pipeline("out"), 1)));
    assembler.accept(new DefinitionRecord("p/2/task/work", "{\"name\":\"work\"}"));
    assertThat(assembler.accept(new DefinitionRecord("p/head", "{\"revision\":2,\"elements\":1}")))
        .hasValueSatisfying(change -> assertThat(change).isInstanceOf(Change.Unreadable.class));
    assertThat(assembler.current().get("p").revision()).isEqualTo(1);
  }

  @Test
  void shouldFollowChangesAndRemovals() {
    DefinitionAssembler assembler = new DefinitionAssembler();
    feed(assembler, DefinitionCodec.encode(new Definition(pipeline("out"), 1)));
    feed(assembler, DefinitionCodec.encode(new Definition(pipeline("other"), 2)));
    assertThat(assembler.current().get("p").pipeline().link("other")).isPresent();
    assertThat(assembler.current().get("p").pipeline().link("out")).isEmpty();
    assertThat(assembler.accept(DefinitionCodec.removal("p"))).hasValue(new Change.Removed("p"));
    assertThat(assembler.current()).isEmpty();
  }

  @Test
  void shouldNotWriteWhatNobodyCouldRead() {
    StringBuilder yaml =
        new StringBuilder(
            """
            apiVersion: koalja.dev/v1alpha1
            kind: Pipeline
            metadata: {name: p}
            spec:
              types:
            """);
    yaml.append("  - {name: T, schema: &s ").append("x".repeat(100_000)).append("}\n");
    for (int i = 0; i < 50; i++) {
      yaml.append("  - {name: T").append(i).append(", schema: *s}\n");
    }
    Pipeline large = PipelineReader.read(new PipelineReader.Source("test", yaml.toString()));
    assertThatThrownBy(() -> DefinitionCodec.encode(new Definition(large, 1)))
        .isInstanceOfSatisfying(
            KoaljaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PIPELINE))
        .hasMessageContaining("larger than 4 MiB");
  }

  @Test
  void shouldSayWhatItDoesNotUnderstand() {
    assertThat(new DefinitionAssembler().accept(new DefinitionRecord("nonsense", "{}")))
        .hasValueSatisfying(change -> assertThat(change).isInstanceOf(Change.Unreadable.class));
  }
}
