package dev.koalja.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.pipeline.Backoff;
import dev.koalja.pipeline.Delivery;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.Rate;
import dev.koalja.pipeline.TriggerKind;
import dev.koalja.pipeline.yaml.Durations;
import dev.koalja.pipeline.yaml.Sizes;
import java.util.EnumSet;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What an annotation says by default is what the pipeline file means when it says nothing. */
class DefaultsTest {
  @Function
  void plain() {}

  @Bucket(link = "l", url = "s3://bucket")
  void bucket() {}

  @Test
  void functionHasTheDefaultsOfDelivery() throws Exception {
    Function function = DefaultsTest.class.getDeclaredMethod("plain").getAnnotation(Function.class);

    assertThat(
            new Delivery(
                function.order(),
                function.attempts(),
                new Backoff(
                    function.backoff(),
                    Durations.parse(function.delay()),
                    Durations.parse(function.maxDelay())),
                Durations.parse(function.timeout()),
                written(function.deadline(), Durations::parse),
                function.maxInFlight(),
                Sizes.parse(function.maxInFlightBytes()),
                written(function.rate(), Rate::parse),
                written(function.deduplicate(), Durations::parse),
                function.maxHops(),
                written(function.deadLetter(), LinkName::new),
                Optional.of(function.batch())
                    .filter(batch -> batch > 0)
                    .map(batch -> new Delivery.Batch(batch, Durations.parse(function.linger())))))
        .isEqualTo(Delivery.DEFAULT);
    assertThat(Durations.parse(function.linger())).isZero();
    assertThat(function.isolated()).isFalse();
  }

  /** An empty text is what nobody wrote. */
  private static <T> Optional<T> written(
      String text, java.util.function.Function<String, T> parse) {
    return Optional.of(text).filter(each -> !each.isEmpty()).map(parse);
  }

  @Test
  void scaleHasTheDefaultsOfScale() throws Exception {
    Scale scale =
        DefaultsTest.class.getDeclaredMethod("plain").getAnnotation(Function.class).scale();

    assertThat(
            new dev.koalja.pipeline.Scale(
                scale.min(), scale.max(), scale.concurrency(), Durations.parse(scale.idle())))
        .isEqualTo(dev.koalja.pipeline.Scale.DEFAULT);
  }

  @Test
  void bucketListensToEveryChange() throws Exception {
    Bucket bucket = DefaultsTest.class.getDeclaredMethod("bucket").getAnnotation(Bucket.class);

    assertThat(bucket.events())
        .containsExactlyInAnyOrderElementsOf(EnumSet.allOf(TriggerKind.Change.class));
  }
}
