package dev.koalja.test;

import dev.koalja.function.ObjectStore;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Reader;
import dev.koalja.pipeline.event.TopicName;
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
final class MemoryCircuit implements Circuit {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  private final App app;
  private final Pipeline pipeline;
  private final Names names;
  private final Map<Class<?>, Object> instances = new HashMap<>();
  private final CircuitClock clock = new Clock();
  private final Faults faults = new LinkAndCallFaults();
  private ObjectStore objects = ObjectStore.none();
  private @Nullable FunctionsInPlace functions;
  private final MemoryRouter router;
  private int sent;

  MemoryCircuit(App app) {
    this.app = app;
    this.pipeline = app.circuit().pipeline();
    this.names = new Names(pipeline);
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
    functions(); // a class that cannot be made is noticed at once
    sent++;
    router.send(name, Event.from(data, "test-" + sent, router.instant()));
  }

  @Override
  public LinkContents link(String name) {
    return new LinkContents(
        name,
        read(TopicName.link(pipeline.name(), names.link(name))).stream()
            .map(Records::event)
            .toList(),
        () -> names.circumstances(this));
  }

  private List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    return router.read(topic);
  }

  @Override
  public List<DeadLetter> deadLetters(String task) {
    names.task(task);
    return pipeline.readers().stream()
        .filter(reader -> reader.task().name().value().equals(task))
        .flatMap(reader -> letters(reader).stream())
        .toList();
  }

  private List<DeadLetter> letters(Reader reader) {
    return read(TopicName.deadLetter(reader)).stream()
        .map(Records::event)
        .map(event -> Records.letter(reader.input().name().value(), event))
        .toList();
  }

  @Override
  public void expectNoDeadLetters() {
    names.expectNoDeadLetters(this);
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
    boolean known =
        app.circuit().functions().stream()
            .anyMatch(each -> each.invoker().startsWith(given.getClass().getName() + "_Koalja_"));
    if (!known) {
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
