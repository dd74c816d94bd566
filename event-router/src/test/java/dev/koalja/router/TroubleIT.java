package dev.koalja.router;

import static dev.koalja.platform.CommittedRecords.text;
import static dev.koalja.router.Breadboard.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.koalja.pipeline.definition.Definition;
import dev.koalja.router.link.ReaderStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A function gets into trouble under full load: the other tasks finish all they have meanwhile;
 * once it is well again it is not flooded; nothing is lost or doubled.
 */
class TroubleIT {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final int EVENTS = 600;
  private static final String LAST = "b" + (EVENTS - 1);
  private static final int MAX_IN_FLIGHT = 100;
  private static Breadboard board;

  @BeforeAll
  static void open(@TempDir Path folder) {
    board = new Breadboard(folder);
  }

  @AfterAll
  static void close() {
    board.close();
  }

  /** What is wrong with the function. */
  enum Trouble {
    /** Takes hundreds of milliseconds instead of a few. */
    SLOW,
    /** Answers with an error. */
    FAILING,
    /** Ends in the middle of each call. */
    DYING
  }

  private static void pause(int millis) {
    await().pollDelay(Duration.ofMillis(millis)).atMost(LIMIT).until(() -> true);
  }

  @ParameterizedTest
  @EnumSource
  void shouldLeaveOtherTasksAlone(Trouble trouble) throws Exception {
    String name = "trouble-" + trouble.ordinal();
    Definition definition =
        board.define(
            """
            apiVersion: koalja.dev/v1alpha1
            kind: Pipeline
            metadata: {name: %s}
            spec:
              tasks:
              - name: steady
                function: {app: a}
                inputs: [{name: in, link: a}]
                outputs: [{name: result, link: done}]
              - name: troubled
                function: {app: b}
                inputs: [{name: in, link: b}]
                outputs: [{name: result, link: healed}]
                delivery: {attempts: 100, maxInFlight: %d, backoff: {delay: 5ms, max: 50ms}}
            """
                .formatted(name, MAX_IN_FLIGHT));
    AtomicBoolean ill = new AtomicBoolean();
    AtomicBoolean healed = new AtomicBoolean();
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Integer> sinceHealed = Collections.synchronizedList(new ArrayList<>());
    board.function(name, "steady", (exchange, body) -> reply(exchange, body));
    board.function(
        name,
        "troubled",
        (exchange, body) -> {
          int now = running.incrementAndGet();
          most.accumulateAndGet(now, Math::max);
          try {
            boolean well = !ill.get();
            if (healed.get()) {
              sinceHealed.add(now);
            }
            if (well) {
              pause(2);
              reply(exchange, body);
            } else {
              troubled(trouble, exchange, body, ill);
            }
          } finally {
            running.decrementAndGet();
          }
        });
    for (int i = 0; i < EVENTS; i++) {
      board.send(name, "a", "k" + i % 50, "a" + i);
      board.send(name, "b", "k" + i % 200, "b" + i);
    }
    ill.set(true);
    try (EventRouter router = board.router(name)) {
      router.apply(definition);
      await().atMost(LIMIT).until(() -> out(name, "done").size() >= EVENTS);
      assertThat(out(name, "healed").size()).isLessThan(EVENTS);
      if (trouble != Trouble.SLOW) {
        await().atMost(LIMIT).until(() -> status(router).circuitOpen());
        await().atMost(LIMIT).until(() -> running.get() == 0);
      }
      healed.set(true);
      ill.set(false);
      await().atMost(LIMIT).until(() -> out(name, "healed").size() >= EVENTS);
    }
    assertThat(out(name, "done")).hasSize(EVENTS).doesNotHaveDuplicates();
    assertThat(out(name, "healed")).hasSize(EVENTS).doesNotHaveDuplicates();
    assertThat(most.get()).isLessThanOrEqualTo(MAX_IN_FLIGHT);
    if (trouble != Trouble.SLOW) {
      // one call tries it, then one more with each that is served
      for (int i = 0; i < 20; i++) {
        assertThat(sinceHealed.get(i)).isLessThanOrEqualTo(i + 1);
      }
    }
  }

  private static void troubled(
      Trouble trouble, HttpExchange exchange, String body, AtomicBoolean ill) throws IOException {
    switch (trouble) {
      case SLOW -> {
        pause(300);
        if (body.contains(LAST)) { // on a busy machine all others may be done before the other task
          await().atMost(LIMIT).until(() -> !ill.get());
        }
        reply(exchange, body);
      }
      case FAILING -> exchange.sendResponseHeaders(500, -1);
      case DYING -> throw new IOException("ended in the middle of the call");
    }
  }

  private static ReaderStatus status(EventRouter router) {
    return router.readers().stream()
        .filter(each -> each.task().equals("troubled"))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> out(String pipeline, String link) {
    return board.read("koalja." + pipeline + "." + link).stream().map(each -> text(each)).toList();
  }
}
