package dev.koalja.test;

import dev.koalja.function.ObjectStore;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.journal.InvocationRecord;
import dev.koalja.router.memory.MemoryRouter;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** A circuit in memory. */
final class MemoryCircuit extends TopicCircuit {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  private final App app;
  private final Map<Class<?>, Object> instances = new HashMap<>();
  private final CircuitClock clock = new Clock();
  private final Faults faults = new LinkAndCallFaults();
  private ObjectStore objects = ObjectStore.none();
  private @Nullable FunctionsInPlace functions;
  private final MemoryRouter router;
  private int sent;

  MemoryCircuit(App app) {
    super(app.circuit().pipeline());
    this.app = app;
    this.router = new MemoryRouter(pipeline, attempt -> functions().call(attempt), BEGIN);
  }

  private FunctionsInPlace functions() {
    FunctionsInPlace made = functions;
    if (made == null) {
      made = app.functions(instances, objects);
      made.clock(router);
      functions = made;
    }
    return made;
  }

  @Override
  public void send(String link, Object data) {
    LinkName name = names.link(link);
    GivenEvent given = new GivenEvent(functions().codec());
    sent++;
    router.send(name, given.of(data, "test-" + sent, router.instant()));
  }

  @Override
  List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    return router.read(topic);
  }

  @Override
  public List<WaitingSnapshot> waiting(String task) {
    names.joining(task);
    return router.waiting(task).stream()
        .map(
            each -> {
              Map<String, Integer> has = new LinkedHashMap<>();
              each.inputs().forEach(input -> has.put(input.input().value(), input.have()));
              return new WaitingSnapshot(
                  each.key(),
                  has,
                  each.missing().stream().map(Object::toString).toList(),
                  each.since());
            })
        .toList();
  }

  @Override
  public List<InvocationRecord> journal() {
    return List.copyOf(router.journal());
  }

  @Override
  public CircuitClock clock() {
    return clock;
  }

  @Override
  public Faults faults() {
    return faults;
  }

  @Override
  public Circuit with(Object given) {
    if (given instanceof ObjectStore store) {
      return with(store);
    }
    requireNothingSent();
    if (app.functions(given.getClass()).isEmpty()) {
      throw new IllegalArgumentException(
          "%s has no function of the circuit".formatted(given.getClass().getName()));
    }
    instances.put(given.getClass(), given);
    return this;
  }

  @Override
  public Circuit with(ObjectStore store) {
    requireNothingSent();
    objects = store;
    return this;
  }

  private void requireNothingSent() {
    if (functions != null) {
      throw new IllegalStateException("the functions are made already: say this before an event");
    }
  }

  private final class Clock implements CircuitClock {
    @Override
    public Instant now() {
      return router.instant();
    }

    @Override
    public void advance(Duration by) {
      router.advance(by);
    }
  }

  private final class LinkAndCallFaults implements Faults {
    @Override
    public Faults duplicate(String link, int nth) {
      router.duplicate(names.link(link), nth);
      return this;
    }

    @Override
    public Faults delay(String link, int nth, Duration by) {
      router.delay(names.link(link), nth, by);
      return this;
    }

    @Override
    public Faults reorder(String link, int events) {
      router.reorder(names.link(link), events);
      return this;
    }

    @Override
    public Faults fail(String task, int nth) {
      router.fail(names.task(task).name().value(), nth);
      return this;
    }
  }
}
