package dev.koalja.pipeline.yaml;

import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.Backoff;
import dev.koalja.pipeline.Correlation;
import dev.koalja.pipeline.Delivery;
import dev.koalja.pipeline.Input;
import dev.koalja.pipeline.Link;
import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.Order;
import dev.koalja.pipeline.Output;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.PortName;
import dev.koalja.pipeline.Rate;
import dev.koalja.pipeline.Scale;
import dev.koalja.pipeline.Snapshot;
import dev.koalja.pipeline.StartPosition;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.TaskName;
import dev.koalja.pipeline.Trigger;
import dev.koalja.pipeline.TriggerKind;
import dev.koalja.pipeline.TriggerName;
import dev.koalja.pipeline.TypeDefinition;
import dev.koalja.pipeline.filter.Filter;
import dev.koalja.pipeline.schema.DataSchema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads pipeline files. Reports every problem at once, each with its place; what passes here is
 * safe to run.
 */
public final class PipelineReader {
  /** The version of the file format. */
  public static final String API_VERSION = "koalja.dev/v1alpha1";

  private static final Pipeline NOTHING =
      new Pipeline(new PipelineName("none"), List.of(), List.of(), List.of(), List.of());

  private final Problems problems = new Problems();
  private final Map<String, Location> places = new HashMap<>();

  /** Whether what is only a likely slip of the author is a problem. */
  private final boolean slips;

  private PipelineReader(boolean slips) {
    this.slips = slips;
  }

  /**
   * A file to read.
   *
   * @param name what problems call it
   * @param text its YAML
   */
  public record Source(String name, String text) {}

  /**
   * Reads one pipeline out of one or more files; each later one adds to the earlier or overrides.
   *
   * @throws InvalidPipelineException with every problem
   */
  public static Pipeline read(Source... sources) {
    return read(true, sources);
  }

  /**
   * Reads one pipeline that was accepted before and stored since. What is only a likely slip of the
   * author is no reason to refuse it now.
   *
   * @throws InvalidPipelineException with every problem
   */
  public static Pipeline readAccepted(Source source) {
    return read(false, source);
  }

  private static Pipeline read(boolean slips, Source... sources) {
    PipelineReader reader = new PipelineReader(slips);
    Pipeline pipeline = NOTHING;
    try {
      pipeline = reader.pipeline(List.of(sources));
    } catch (Problems.Enough _) {
      // the problems found so far are told
    }
    if (!reader.problems.isEmpty()) {
      throw new InvalidPipelineException(reader.problems.sorted());
    }
    return pipeline;
  }

  private Pipeline pipeline(List<Source> sources) {
    YamlNode merged = null;
    for (Source source : sources) {
      Optional<YamlNode> document = YamlParser.parse(source.name(), source.text(), problems);
      if (document.isPresent()) {
        merged = merged == null ? document.get() : YamlMerge.merge(merged, document.get());
      }
    }
    if (!(merged instanceof YamlNode.Mapping mapping)) {
      if (problems.isEmpty() && merged != null) {
        problems.add(merged.location(), "", "must be a mapping with apiVersion, kind, spec");
      }
      return NOTHING;
    }
    try (YamlObject root = new YamlObject(mapping, "", problems)) {
      exactly(root, "apiVersion", API_VERSION);
      exactly(root, "kind", "Pipeline");
      PipelineName name =
          require(root, "metadata").flatMap(this::metadata).orElse(new PipelineName("none"));
      Optional<YamlObject> spec = require(root, "spec");
      if (spec.isEmpty()) {
        return NOTHING;
      }
      Pipeline pipeline = spec(name, spec.get());
      new GraphCheck(pipeline, places, problems).check(slips);
      return pipeline;
    }
  }

  private Optional<YamlObject> require(YamlObject parent, String field) {
    if (!parent.has(field)) {
      problems.add(parent.location(), "", "\"" + field + "\" is missing");
    }
    return parent.object(field);
  }

  private void exactly(YamlObject object, String field, String expected) {
    object
        .required(field)
        .filter(text -> !text.equals(expected))
        .ifPresent(
            text -> object.problem(field, "is \"%s\", must be %s".formatted(text, expected)));
  }

  private Optional<PipelineName> metadata(YamlObject object) {
    try (object) {
      return object.requiredValue("name", PipelineName::new);
    }
  }

  private Pipeline spec(PipelineName name, YamlObject spec) {
    try (spec) {
      List<Trigger> triggers = new ArrayList<>();
      List<Task> tasks = new ArrayList<>();
      List<Link> links = new ArrayList<>();
      List<TypeDefinition> types = new ArrayList<>();
      int elements = Stream.of("triggers", "tasks", "links", "types").mapToInt(spec::size).sum();
      if (elements > GraphCheck.MAX_ELEMENTS) {
        problems.add(spec.location(), "spec", GraphCheck.TOO_MANY);
        return new Pipeline(name, triggers, tasks, links, types);
      }
      for (YamlObject each : spec.objects("triggers")) {
        trigger(each)
            .ifPresent(trigger -> addNamed(triggers, trigger, "triggers." + trigger.name(), each));
      }
      for (YamlObject each : spec.objects("tasks")) {
        task(each).ifPresent(task -> addNamed(tasks, task, "tasks." + task.name(), each));
      }
      for (YamlObject each : spec.objects("links")) {
        link(each).ifPresent(link -> addNamed(links, link, "links." + link.name(), each));
      }
      for (YamlObject each : spec.objects("types")) {
        type(each).ifPresent(type -> addNamed(types, type, "types." + type.name(), each));
      }
      return new Pipeline(name, triggers, tasks, links, types);
    }
  }

  private <T> void addNamed(List<T> list, T element, String path, YamlObject object) {
    Location first = places.putIfAbsent(path, object.location("name"));
    if (first == null) {
      list.add(element);
    } else {
      problems.add(
          object.location("name"),
          path,
          "is defined twice, first at line " + first.line() + " of " + first.file());
    }
  }

  private Optional<Trigger> trigger(YamlObject object) {
    try (object) {
      Optional<TriggerName> name = object.requiredValue("name", TriggerName::new);
      Optional<LinkName> link = object.requiredValue("link", LinkName::new);
      link.ifPresent(each -> places.putIfAbsent("writes." + each, object.location("link")));
      Optional<TriggerKind> webhook = object.object("webhook").flatMap(this::webhook);
      Optional<TriggerKind> bucket = object.object("bucket").flatMap(this::bucket);
      if (!object.has("webhook") && !object.has("bucket")) {
        problems.add(object.location(), object.join(""), "needs a kind: one of webhook, bucket");
      }
      if (object.has("webhook") && object.has("bucket")) {
        object.problem("bucket", "a trigger has one kind, and this one is a webhook already");
      }
      Optional<TriggerKind> kind = webhook.or(() -> bucket);
      return name.isPresent() && link.isPresent() && kind.isPresent()
          ? Optional.of(new Trigger(name.get(), link.get(), kind.get()))
          : Optional.empty();
    }
  }

  private Optional<TriggerKind> webhook(YamlObject object) {
    try (object) {
      Optional<TriggerKind.Scheme> scheme =
          object.requiredValue("scheme", text -> YamlObject.choose(TriggerKind.Scheme.class, text));
      Optional<String> secret = secretName(object, "secretRef");
      if (scheme.isEmpty()) {
        return Optional.empty();
      }
      boolean open = scheme.get() == TriggerKind.Scheme.NONE;
      if (open && secret.isPresent()) {
        object.problem("secretRef", "scheme none verifies nothing, so the secret would be unused");
      }
      if (!open && !object.has("secretRef")) {
        problems.add(
            object.location(),
            object.join("secretRef"),
            "is missing: without it no signature can be verified");
      }
      return Optional.of(new TriggerKind.Webhook(scheme.get(), secret));
    }
  }

  private Optional<TriggerKind> bucket(YamlObject object) {
    try (object) {
      Optional<String> url =
          object.requiredValue(
              "url",
              text -> {
                if (!TriggerKind.BUCKET_URL.matcher(text).matches()) {
                  throw new IllegalArgumentException(
                      "\"" + text + "\" is no bucket: write s3://bucket or s3://bucket/prefix");
                }
                return text;
              });
      Set<TriggerKind.Change> events = EnumSet.noneOf(TriggerKind.Change.class);
      for (String text : object.texts("events")) {
        try {
          events.add(YamlObject.choose(TriggerKind.Change.class, text));
        } catch (IllegalArgumentException e) {
          object.problem("events", String.valueOf(e.getMessage()));
        }
      }
      if (object.hasEmptyList("events")) {
        object.problem("events", "is empty, so nothing would ever come");
      }
      if (!object.has("events")) {
        events.addAll(EnumSet.allOf(TriggerKind.Change.class));
      }
      Optional<String> token = secretName(object, "tokenRef");
      return url.map(each -> new TriggerKind.Bucket(each, events, token));
    }
  }

  private static Optional<String> secretName(YamlObject object, String field) {
    return object.value(
        field,
        text -> {
          if (!TriggerKind.SECRET_NAME.matcher(text).matches()) {
            throw new IllegalArgumentException(
                "must be the name of a secret (lower-case letters, digits, dashes), not the secret");
          }
          return text;
        });
  }

  private Optional<Task> task(YamlObject object) {
    try (object) {
      Optional<TaskName> name = object.requiredValue("name", TaskName::new);
      Optional<TaskKind> function = object.object("function").flatMap(this::function);
      Optional<TaskKind> container = object.object("container").flatMap(this::container);
      Optional<TaskKind> filter =
          object.has("filter")
              ? Optional.of(new TaskKind.Filter(SnapshotReader.filters(object, "filter")))
              : Optional.empty();
      List<String> kinds =
          Stream.of("function", "container", "filter").filter(object::has).toList();
      if (kinds.size() != 1) {
        problems.add(
            object.location(),
            object.join(""),
            kinds.isEmpty()
                ? "needs a kind: one of function, container, filter"
                : "has %d kinds, %s: keep one"
                    .formatted(kinds.size(), String.join(" and ", kinds)));
      } else if (object.hasEmptyList("filter")) {
        object.problem("filter", "is empty: everything would pass");
      }
      List<Input> inputs = new ArrayList<>();
      boolean slides = false;
      Set<PortName> ports = new HashSet<>();
      for (YamlObject each : object.objects("inputs")) {
        slides |= each.has("slide");
        input(each)
            .ifPresent(
                input -> {
                  if (!ports.add(input.name())) {
                    each.problem("name", "the task has an input \"" + input.name() + "\" already");
                  } else {
                    inputs.add(input);
                  }
                });
      }
      List<Output> outputs = new ArrayList<>();
      ports.clear();
      for (YamlObject each : object.objects("outputs")) {
        output(each)
            .ifPresent(
                output -> {
                  if (!ports.add(output.name())) {
                    each.problem(
                        "name", "the task has an output \"" + output.name() + "\" already");
                  } else {
                    outputs.add(output);
                  }
                });
      }
      if (!object.has("inputs")) {
        problems.add(
            object.location(),
            object.join("inputs"),
            "is missing: nothing would ever start this task");
      } else if (object.hasEmptyList("inputs")) {
        object.problem("inputs", "is empty: nothing would ever start this task");
      }
      Optional<Snapshot> snapshot = SnapshotReader.of(object, inputs, slides);
      Delivery delivery = object.object("delivery").map(this::delivery).orElse(Delivery.DEFAULT);
      if (snapshot.isPresent()
          && snapshot.get().keyedState()
          && delivery.order() == Order.UNORDERED) {
        object.problem("snapshot", "keyedState needs events of a key in order: not unordered");
      }
      if (delivery.batch().isPresent() && (filter.isPresent() || snapshot.isPresent())) {
        object.problem(
            "delivery",
            "batch is for a function with one input that takes events as they come: no filter, no snapshot");
      }
      if (slips && filter.isPresent() && calls(delivery)) {
        object.problem(
            "delivery",
            "deadline, timeout, attempts and backoff are for a function: a filter calls none");
      }
      if (filter.isPresent() && (snapshot.isPresent() || outputs.size() > 1)) {
        object.problem("filter", "takes one input, event by event, and has one output");
      }
      Optional<TaskKind> kind = function.or(() -> container).or(() -> filter);
      return name.isPresent() && kind.isPresent()
          ? Optional.of(new Task(name.get(), kind.get(), inputs, outputs, delivery, snapshot))
          : Optional.empty();
    }
  }

  /** Whether something is set that only calls have. */
  private static boolean calls(Delivery delivery) {
    Delivery defaults = Delivery.DEFAULT;
    return delivery.deadline().isPresent()
        || !delivery.timeout().equals(defaults.timeout())
        || delivery.attempts() != defaults.attempts()
        || !delivery.backoff().equals(defaults.backoff());
  }

  private Optional<TaskKind> function(YamlObject object) {
    try (object) {
      Optional<AppName> app = object.requiredValue("app", AppName::new);
      boolean isolated = object.flag("isolated", false);
      Scale scale = object.object("scale").map(this::scale).orElse(Scale.DEFAULT);
      return app.map(each -> new TaskKind.Function(each, isolated, scale));
    }
  }

  private Optional<TaskKind> container(YamlObject object) {
    try (object) {
      Optional<String> image = object.required("image");
      int port = object.number("port", 8080, 1, 65535);
      Scale scale = object.object("scale").map(this::scale).orElse(Scale.DEFAULT);
      return image.map(each -> new TaskKind.Container(each, port, scale));
    }
  }

  private Scale scale(YamlObject object) {
    try (object) {
      Scale defaults = Scale.DEFAULT;
      int min = object.number("min", defaults.min(), 0, Scale.LIMIT);
      int max = object.number("max", Math.max(min, defaults.max()), 1, Scale.LIMIT);
      if (max < min) {
        object.problem("max", "is %d, less than min, which is %d".formatted(max, min));
      }
      return new Scale(
          min,
          max,
          object.number("concurrency", defaults.concurrency(), 1, Scale.LIMIT),
          object.duration("idle", defaults.idle(), Scale.MIN_IDLE, Scale.MAX_IDLE));
    }
  }

  private Optional<Input> input(YamlObject object) {
    try (object) {
      Optional<PortName> name = object.requiredValue("name", PortName::new);
      Optional<LinkName> link = object.requiredValue("link", LinkName::new);
      StartPosition from =
          object
              .value(
                  "from",
                  text ->
                      switch (text) {
                        case "earliest" -> new StartPosition.Earliest();
                        case "latest" -> new StartPosition.Latest();
                        default -> new StartPosition.At(YamlObject.instant(text));
                      })
              .orElse(new StartPosition.Earliest());
      Optional<String> type = object.text("type");
      Optional<DataSchema> schema = object.value("schema", DataSchema::parse);
      link.ifPresent(each -> places.putIfAbsent("reads." + each, object.location("link")));
      List<Filter> filters = SnapshotReader.filters(object, "filters");
      Input.Length length = SnapshotReader.length(object);
      Optional<PortName> mergeInto = object.value("mergeInto", PortName::new);
      Optional<Correlation> correlate = SnapshotReader.correlation(object, "correlate");
      return name.isPresent() && link.isPresent()
          ? Optional.of(
              new Input(
                  name.get(),
                  link.get(),
                  from,
                  type,
                  filters,
                  length,
                  mergeInto,
                  correlate,
                  schema))
          : Optional.empty();
    }
  }

  private Optional<Output> output(YamlObject object) {
    try (object) {
      Optional<PortName> name = object.requiredValue("name", PortName::new);
      Optional<LinkName> link = object.requiredValue("link", LinkName::new);
      Optional<String> type = object.text("type");
      Optional<DataSchema> schema = object.value("schema", DataSchema::parse);
      link.ifPresent(each -> places.putIfAbsent("writes." + each, object.location("link")));
      return name.isPresent() && link.isPresent()
          ? Optional.of(new Output(name.get(), link.get(), type, schema))
          : Optional.empty();
    }
  }

  private Delivery delivery(YamlObject object) {
    try (object) {
      Delivery defaults = Delivery.DEFAULT;
      var deadline = object.duration("deadline", Delivery.MIN_TIMEOUT, Delivery.MAX_DEADLINE);
      var timeout =
          object.duration(
              "timeout", Delivery.timeout(deadline), Delivery.MIN_TIMEOUT, Delivery.MAX_TIMEOUT);
      if (deadline.filter(all -> all.compareTo(timeout) < 0).isPresent()) {
        object.problem(
            "deadline",
            "is %s, less than timeout, which is %s"
                .formatted(Durations.format(deadline.get()), Durations.format(timeout)));
      }
      Order order = object.choice("order", Order.class, defaults.order());
      if (order == Order.ORDERED && object.has("batch")) {
        object.problem(
            "batch", "cannot keep order: ordered, as events of a batch are tried again one by one");
      }
      Optional<Delivery.Batch> batch = object.object("batch").map(this::batch);
      int most =
          object.number("maxInFlight", Delivery.maxInFlight(batch), 1, Delivery.MAX_MAX_IN_FLIGHT);
      if (batch.filter(each -> each.max() > most).isPresent()) {
        object.problem(
            "maxInFlight",
            "is %d, less than batch.max, which is %d".formatted(most, batch.get().max()));
      }
      return new Delivery(
          order,
          object.number("attempts", defaults.attempts(), 1, Delivery.MAX_ATTEMPTS),
          object.object("backoff").map(this::backoff).orElse(defaults.backoff()),
          timeout,
          deadline,
          most,
          object.size(
              "maxInFlightBytes",
              defaults.maxInFlightBytes(),
              Delivery.MIN_IN_FLIGHT_BYTES,
              Delivery.MAX_IN_FLIGHT_BYTES),
          object.value("rate", Rate::parse),
          object.duration("deduplicate", Delivery.MIN_TIMEOUT, Delivery.MAX_DEDUPLICATE),
          object.number("maxHops", defaults.maxHops(), 1, Delivery.MAX_MAX_HOPS),
          object.value("deadLetter", LinkName::new),
          batch);
    }
  }

  private Delivery.Batch batch(YamlObject object) {
    try (object) {
      return new Delivery.Batch(
          object.number("max", Delivery.Batch.DEFAULT_MAX, 2, Delivery.Batch.MAX),
          object.duration("linger", Duration.ZERO, Duration.ZERO, Delivery.Batch.MAX_LINGER));
    }
  }

  private Backoff backoff(YamlObject object) {
    try (object) {
      Backoff defaults = Backoff.DEFAULT;
      Backoff backoff =
          new Backoff(
              object.choice("policy", Backoff.Policy.class, defaults.policy()),
              object.duration("delay", defaults.delay(), Backoff.MIN_DELAY, Backoff.MAX_DELAY),
              object.duration("max", defaults.max(), Backoff.MIN_DELAY, Backoff.MAX_MAX));
      if (backoff.max().compareTo(backoff.delay()) < 0) {
        String message =
            "max is %s, less than delay, which is %s"
                .formatted(Durations.format(backoff.max()), Durations.format(backoff.delay()));
        object.problem(object.has("max") ? "max" : "delay", message);
      }
      return backoff;
    }
  }

  private Optional<Link> link(YamlObject object) {
    try (object) {
      Optional<LinkName> name = object.requiredValue("name", LinkName::new);
      Optional<String> type = object.text("type");
      var retention =
          object.duration(
              "retention", Link.DEFAULT_RETENTION, Link.MIN_RETENTION, Link.MAX_RETENTION);
      int partitions = object.number("partitions", Link.DEFAULT_PARTITIONS, 1, Link.MAX_PARTITIONS);
      return name.map(each -> new Link(each, type, retention, partitions, true));
    }
  }

  private Optional<TypeDefinition> type(YamlObject object) {
    try (object) {
      Optional<String> name = object.required("name");
      Optional<String> schema = object.required("schema");
      return name.isPresent() && schema.isPresent()
          ? Optional.of(new TypeDefinition(name.get(), schema.get()))
          : Optional.empty();
    }
  }
}
