package dev.koalja.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class FunctionContextTest {
  private static final CloudEvent EVENT =
      CloudEventBuilder.v1().withId("1").withSource(URI.create("/s")).withType("t").build();
  private static final Exception CAUSE = new IllegalStateException("disk full");

  private final BatchFailures failures = new BatchFailures(1000);
  private final FunctionContext batch =
      new FunctionContext(
          "store",
          "i",
          1,
          Optional.empty(),
          Optional.empty(),
          List.of(EVENT),
          ObjectStore.none(),
          Optional.of(failures));

  @Test
  void failsSingleEventsOfABatch() {
    TerminalException other = new TerminalException("no");

    batch.fail(999, other);
    batch.fail(0, CAUSE);

    assertThat(failures.end()).containsExactly(Map.entry(0, CAUSE), Map.entry(999, other));
  }

  @Test
  void theFirstCauseIsTheCause() {
    batch.fail(7, CAUSE);
    batch.fail(7, new TerminalException("later"));

    assertThat(failures.end()).containsExactly(Map.entry(7, CAUSE));
  }

  @Test
  void anEventThatIsNotThereCannotFail() {
    assertThatThrownBy(() -> batch.fail(1000, CAUSE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the batch has no event 1000, only 0 to 999");
    assertThatThrownBy(() -> batch.fail(-1, CAUSE)).isInstanceOf(IllegalArgumentException.class);
    assertThat(failures.end()).isEmpty();
  }

  @Test
  void nothingFailsOnceTheCallHasEnded() {
    failures.end();

    assertThatThrownBy(() -> batch.fail(3, CAUSE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the call of the batch has ended, so event 3 can no longer fail");
  }

  @Test
  void oneEventFailsByWhatIsThrown() {
    FunctionContext alone =
        new FunctionContext(
            "price",
            "i",
            1,
            Optional.empty(),
            Optional.empty(),
            List.of(EVENT),
            ObjectStore.none());

    assertThatThrownBy(() -> alone.fail(0, CAUSE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "price is handed no batch, of which one event could fail: throw the cause, or write @Function(batch = 100)");
  }

  @Test
  void manyThreadsMayFailEventsSideBySide() {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 1000; i++) {
        int index = i;
        threads.execute(() -> batch.fail(index, CAUSE));
      }
    }

    assertThat(failures.end()).hasSize(1000);
  }

  @Test
  void logsWhichCallItIs() {
    List<String> lines = new CopyOnWriteArrayList<>();
    Handler handler = new Lines(lines);
    Logger logger = Logger.getLogger("koalja.function.price");
    logger.addHandler(handler);
    FunctionContext context =
        new FunctionContext(
            "price",
            "01J8",
            2,
            Optional.empty(),
            Optional.of("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            List.of(EVENT),
            ObjectStore.none());
    try {
      context.logger().log(System.Logger.Level.INFO, "{0} costs {1}", "o-1", 20);
      context.logger().log(System.Logger.Level.WARNING, "a {brace}", CAUSE);
      context.logger().log(System.Logger.Level.TRACE, "nothing");
      context.logger().log(System.Logger.Level.INFO, "as others do: {}", "o-1", 20);
    } finally {
      logger.removeHandler(handler);
    }

    String call = " [invocation 01J8, attempt 2, trace 0af7651916cd43dd8448eb211c80319c]";
    assertThat(context.traceId()).contains("0af7651916cd43dd8448eb211c80319c");
    assertThat(lines)
        .containsExactly(
            "INFO o-1 costs 20" + call,
            "WARN a {brace}" + call + " disk full",
            "INFO as others do: {} [o-1, 20]" + call);
  }

  private static final class Lines extends Handler {
    private final List<String> lines;

    Lines(List<String> lines) {
      this.lines = lines;
    }

    @Override
    public void publish(LogRecord line) {
      Throwable thrown = line.getThrown();
      String cause = thrown == null ? "" : " " + thrown.getMessage();
      lines.add(line.getLevel() + " " + line.getMessage() + cause);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
