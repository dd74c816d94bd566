package dev.koalja.cli.revision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.pipeline.definition.Release;
import dev.koalja.pipeline.yaml.PipelineReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class HistoryTest {
  private final List<Definition> revisions = new ArrayList<>();

  private static Pipeline pipeline(String link) {
    return PipelineReader.read(
        new PipelineReader.Source(
            "test",
            """
            apiVersion: koalja.dev/v1alpha1
            kind: Pipeline
            metadata: {name: shop}
            spec: {tasks: [{name: price, function: {app: shop}, inputs: [{name: in, link: %s}]}]}
            """
                .formatted(link)));
  }

  private static Release.Build build(int number, String code) {
    return new Release.Build(number, true, Optional.of(code), Optional.empty(), Optional.empty());
  }

  private void add(String link, Optional<Long> restores, Map<String, Release.Build> builds) {
    long revision = revisions.size() + 1L;
    revisions.addFirst(
        new Definition(
            pipeline(link),
            revision,
            Optional.of(
                new Release(
                    "id" + revision,
                    Instant.EPOCH,
                    restores.isPresent() ? Release.Cause.ROLLBACK : Release.Cause.UPGRADE,
                    restores,
                    "home",
                    new TreeMap<>(builds)))));
  }

  private void upgrade(int code) {
    add("order", Optional.empty(), Map.of("shop", build(code, "v" + code)));
  }

  /** As the command does it. */
  private void rollback() {
    Definition target = new History(revisions).before().orElseThrow();
    add(
        "order",
        Optional.of(target.release().flatMap(Release::restores).orElse(target.revision())),
        target.release().orElseThrow().builds());
  }

  private String inForce() {
    return History.code(revisions.getFirst()).toString();
  }

  @Test
  void shouldGoFurtherBackWithEachRollback() {
    upgrade(1);
    upgrade(2);
    upgrade(3);
    rollback();
    assertThat(inForce()).isEqualTo("{shop=v2}");
    rollback();
    assertThat(inForce()).isEqualTo("{shop=v1}");
    assertThat(new History(revisions).before()).isEmpty();
  }

  @Test
  void shouldReturnToWhatStoodBeforeAnUpgradeThatCameAfterARollback() {
    upgrade(1);
    upgrade(2);
    upgrade(3);
    rollback();
    upgrade(4);
    rollback();
    assertThat(inForce()).as("and not 3, which was left behind").isEqualTo("{shop=v2}");
    assertThat(History.restored(revisions.getFirst())).contains(2L);
    rollback();
    assertThat(inForce()).isEqualTo("{shop=v1}");
  }

  @Test
  void shouldPassOverWhatIsNoDifference() {
    upgrade(1);
    add("order", Optional.empty(), Map.of("shop", build(2, "v2")));
    add("order", Optional.empty(), Map.of("shop", build(3, "v2"))); // built again
    rollback();
    assertThat(inForce()).isEqualTo("{shop=v1}");
  }

  @Test
  void shouldTakeOtherWiringForADifference() {
    upgrade(1);
    add("parcel", Optional.empty(), Map.of("shop", build(1, "v1")));
    assertThat(new History(revisions).before().map(Definition::revision)).contains(1L);
    assertThat(History.changes(revisions.get(1), revisions.get(0))).isEmpty();
  }

  @Test
  void shouldNotGuessWhatStoodBeforeWhatIsNotRememberedAnyMore() {
    upgrade(1);
    upgrade(2);
    upgrade(3);
    rollback(); // to 2
    List<Definition> remembered = revisions.subList(0, 2); // 4 and 3
    assertThat(new History(remembered).before()).isEmpty();
  }

  @Test
  void shouldSayWhatRunsInPlaceOfWhat() {
    add("order", Optional.empty(), Map.of("shop", build(1, "1.0+a"), "old", build(1, "x")));
    add(
        "order",
        Optional.empty(),
        Map.of(
            "shop",
            new Release.Build(
                2, true, Optional.of("1.4+b"), Optional.of("1.4.0"), Optional.of("sha256:1")),
            "bill",
            new Release.Build(1, true, Optional.empty(), Optional.empty(), Optional.empty()),
            "_wires",
            new Release.Build(7, false, Optional.empty(), Optional.empty(), Optional.empty())));
    assertThat(History.changes(revisions.get(1), revisions.get(0)))
        .containsExactly("bill build 1, new", "without old", "shop 1.0+a → 1.4.0");
    assertThat(new History(revisions).find(1).map(Definition::revision)).contains(1L);
    assertThat(new History(revisions).find(3)).isEmpty();
  }

  @Test
  void shouldTellTheRunWhatOthersBroughtIn() {
    upgrade(1);
    upgrade(2);
    Definition first = revisions.get(1);
    Definition second = revisions.get(0);
    rollback();
    Definition third = revisions.getFirst();
    add("bought", Optional.empty(), Map.of("shop", build(1, "v1")));

    assertThat(ChangesOfOthers.words(first, second))
        .contains("shop revision 2, upgrade: shop v1 → v2");
    assertThat(ChangesOfOthers.words(second, third))
        .contains("shop revision 3, rollback to 1: shop v2 → v1");
    assertThat(ChangesOfOthers.words(third, revisions.getFirst()))
        .contains("shop revision 4, upgrade, wired anew");
    assertThat(ChangesOfOthers.words(third, third)).isEmpty();
    assertThat(ChangesOfOthers.words(first, new Definition(second.pipeline(), 9, Optional.empty())))
        .as("applied by somebody who says nothing of code")
        .isEmpty();
  }

  @Test
  void shouldTellImagesOfOneVersionApart() {
    for (int i = 1; i <= 2; i++) {
      add(
          "order",
          Optional.empty(),
          Map.of("shop", image(i, "1.3.0", "sha256:" + "ab12".repeat(i))));
    }
    add("order", Optional.empty(), Map.of("shop", image(3, "1.4.0", "sha256:cd34")));

    assertThat(History.changes(revisions.get(2), revisions.get(1)))
        .containsExactly("shop 1.3.0 (sha256:ab12) → 1.3.0 (sha256:ab12ab12)");
    assertThat(History.changes(revisions.get(1), revisions.get(0)))
        .containsExactly("shop 1.3.0 → 1.4.0");
    History history = new History(revisions);
    assertThat(revisions.stream().map(each -> history.codeAmongThese(each).get("shop")))
        .containsExactly("1.4.0", "1.3.0 (sha256:ab12ab12)", "1.3.0 (sha256:ab12)");
  }

  private static Release.Build image(int number, String version, String digest) {
    return new Release.Build(
        number, true, Optional.of("code"), Optional.of(version), Optional.of(digest));
  }
}
