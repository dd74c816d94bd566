package dev.koalja.pipeline.yaml;

import dev.koalja.pipeline.Backoff;
import dev.koalja.pipeline.Correlation;
import dev.koalja.pipeline.Delivery;
import dev.koalja.pipeline.Input;
import dev.koalja.pipeline.Link;
import dev.koalja.pipeline.Output;
import dev.koalja.pipeline.Pipeline;
import dev.koalja.pipeline.Scale;
import dev.koalja.pipeline.Snapshot;
import dev.koalja.pipeline.Snapshot.Policy;
import dev.koalja.pipeline.StartPosition;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskKind;
import dev.koalja.pipeline.Trigger;
import dev.koalja.pipeline.TriggerKind;
import dev.koalja.pipeline.TypeDefinition;
import dev.koalja.pipeline.filter.FilterJson;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * Writes pipelines in the shape {@link PipelineReader} reads: stable, and only what differs from
 * the defaults.
 */
public final class PipelineWriter {
  private PipelineWriter() {}

  /** The pipeline as a YAML file. */
  public static String yaml(Pipeline pipeline) {
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    options.setSplitLines(false);
    return new Yaml(options).dump(tree(pipeline));
  }

  /** The pipeline as nested maps and lists, in the shape of the file. */
  public static Map<String, Object> tree(Pipeline pipeline) {
    Map<String, Object> spec = new LinkedHashMap<>();
    putList(spec, "triggers", pipeline.triggers().stream().map(PipelineWriter::trigger).toList());
    putList(spec, "tasks", pipeline.tasks().stream().map(PipelineWriter::task).toList());
    // what is only mentioned stays so: declared links would hide a misspelt name
    putList(
        spec,
        "links",
        pipeline.links().stream().filter(Link::declared).map(PipelineWriter::link).toList());
    putList(spec, "types", pipeline.types().stream().map(PipelineWriter::type).toList());
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("apiVersion", PipelineReader.API_VERSION);
    root.put("kind", "Pipeline");
    root.put("metadata", new LinkedHashMap<>(Map.of("name", pipeline.name().value())));
    root.put("spec", spec);
    return root;
  }

  /** Whether two pipelines say the same: the order of their elements means nothing. */
  public static boolean same(Pipeline one, Pipeline other) {
    return one.name().equals(other.name()) && elements(one).equals(elements(other));
  }

  private static Set<Object> elements(Pipeline pipeline) {
    Set<Object> elements = new HashSet<>();
    pipeline.triggers().forEach(each -> elements.add(trigger(each)));
    pipeline.tasks().forEach(each -> elements.add(task(each)));
    pipeline.links().stream().filter(Link::declared).forEach(each -> elements.add(link(each)));
    pipeline.types().forEach(each -> elements.add(type(each)));
    return elements;
  }

  private static void putList(Map<String, Object> map, String key, List<?> list) {
    if (!list.isEmpty()) {
      map.put(key, list);
    }
  }

  /** One trigger, in the shape of the file. */
  public static Map<String, Object> trigger(Trigger trigger) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", trigger.name().value());
    map.put("link", trigger.link().value());
    Map<String, Object> kind = new LinkedHashMap<>();
    switch (trigger.kind()) {
      case TriggerKind.Webhook webhook -> {
        kind.put("scheme", word(webhook.scheme()));
        webhook.secretRef().ifPresent(secret -> kind.put("secretRef", secret));
        map.put("webhook", kind);
      }
      case TriggerKind.Bucket bucket -> {
        kind.put("url", bucket.url());
        kind.put("events", bucket.events().stream().map(PipelineWriter::word).sorted().toList());
        bucket.tokenRef().ifPresent(token -> kind.put("tokenRef", token));
        map.put("bucket", kind);
      }
    }
    return map;
  }

  /** One task, in the shape of the file. */
  public static Map<String, Object> task(Task task) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", task.name().value());
    Map<String, Object> kind = new LinkedHashMap<>();
    switch (task.kind()) {
      case TaskKind.Function function -> {
        kind.put("app", function.app().value());
        if (function.isolated()) {
          kind.put("isolated", true);
        }
        scale(kind, function.scale());
        map.put("function", kind);
      }
      case TaskKind.Container container -> {
        kind.put("image", container.image());
        kind.put("port", container.port());
        scale(kind, container.scale());
        map.put("container", kind);
      }
      case TaskKind.Filter(var filters) ->
          map.put("filter", filters.stream().map(FilterJson::tree).toList());
    }
    List<Object> inputs = new ArrayList<>();
    for (Input input : task.inputs()) {
      Map<String, Object> each = new LinkedHashMap<>();
      each.put("name", input.name().value());
      each.put("link", input.link().value());
      switch (input.from()) {
        case StartPosition.Earliest _ -> {}
        case StartPosition.Latest _ -> each.put("from", "latest");
        case StartPosition.At(var time) -> each.put("from", time.toString());
      }
      input.type().ifPresent(type -> each.put("type", type));
      input.schema().ifPresent(schema -> each.put("schema", schema.json()));
      putList(each, "filters", input.filters().stream().map(FilterJson::tree).toList());
      length(each, input.length(), task);
      input.mergeInto().ifPresent(target -> each.put("mergeInto", target.value()));
      input.correlate().ifPresent(rule -> each.put("correlate", correlation(rule)));
      inputs.add(each);
    }
    putList(map, "inputs", inputs);
    List<Object> outputs = new ArrayList<>();
    for (Output output : task.outputs()) {
      Map<String, Object> each = new LinkedHashMap<>();
      each.put("name", output.name().value());
      each.put("link", output.link().value());
      output.type().ifPresent(type -> each.put("type", type));
      output.schema().ifPresent(schema -> each.put("schema", schema.json()));
      outputs.add(each);
    }
    putList(map, "outputs", outputs);
    if (!task.delivery().equals(Delivery.DEFAULT)) {
      map.put("delivery", delivery(task.delivery()));
    }
    task.snapshot().ifPresent(snapshot -> map.put("snapshot", snapshot(snapshot)));
    return map;
  }

  private static void length(Map<String, Object> map, Input.Length length, Task task) {
    boolean slides =
        task.snapshot().map(Snapshot::policy).equals(Optional.of(Policy.SLIDING_WINDOW));
    if (length.min() != length.max()) {
      map.put("min", length.min());
      map.put("max", length.max());
    } else if (length.max() > 1) {
      map.put("length", length.max());
    }
    if (slides) {
      map.put("slide", length.slide());
    }
  }

  private static Map<String, Object> snapshot(Snapshot snapshot) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("policy", snapshot.policy().word());
    map.put("correlate", correlation(snapshot.correlate()));
    snapshot
        .timeout()
        .ifPresent(
            timeout -> {
              Map<String, Object> each = new LinkedHashMap<>();
              each.put("after", Durations.format(timeout.after()));
              each.put("then", word(timeout.then()));
              map.put("timeout", each);
            });
    snapshot.minInterval().ifPresent(least -> map.put("minInterval", Durations.format(least)));
    snapshot
        .window()
        .ifPresent(
            window -> {
              Map<String, Object> each = new LinkedHashMap<>();
              each.put("size", Durations.format(window.size()));
              each.put("grace", Durations.format(window.grace()));
              map.put("window", each);
            });
    if (snapshot.maxWaiting() != Snapshot.DEFAULT_MAX_WAITING) {
      map.put("maxWaiting", snapshot.maxWaiting());
    }
    if (snapshot.keyedState()) {
      map.put("keyedState", true);
    }
    return map;
  }

  private static Object correlation(Correlation rule) {
    return switch (rule) {
      case Correlation.None _ -> "none";
      case Correlation.Key _ -> "key";
      case Correlation.Attribute(var name) -> Map.of("attribute", name);
      case Correlation.Pointer(var pointer) -> Map.of("pointer", pointer);
    };
  }

  private static void scale(Map<String, Object> kind, Scale scale) {
    if (!scale.equals(Scale.DEFAULT)) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("min", scale.min());
      map.put("max", scale.max());
      map.put("concurrency", scale.concurrency());
      map.put("idle", Durations.format(scale.idle()));
      kind.put("scale", map);
    }
  }

  private static Map<String, Object> delivery(Delivery delivery) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("order", word(delivery.order()));
    map.put("attempts", delivery.attempts());
    Backoff backoff = delivery.backoff();
    Map<String, Object> waits = new LinkedHashMap<>();
    waits.put("policy", word(backoff.policy()));
    waits.put("delay", Durations.format(backoff.delay()));
    waits.put("max", Durations.format(backoff.max()));
    map.put("backoff", waits);
    // what follows from others is left out: it has to follow when they are written differently
    if (!delivery.timeout().equals(Delivery.timeout(delivery.deadline()))) {
      map.put("timeout", Durations.format(delivery.timeout()));
    }
    delivery.deadline().ifPresent(each -> map.put("deadline", Durations.format(each)));
    if (delivery.maxInFlight() != Delivery.maxInFlight(delivery.batch())) {
      map.put("maxInFlight", delivery.maxInFlight());
    }
    if (delivery.maxInFlightBytes() != Delivery.DEFAULT.maxInFlightBytes()) {
      map.put("maxInFlightBytes", Sizes.format(delivery.maxInFlightBytes()));
    }
    delivery.rate().ifPresent(each -> map.put("rate", each.toString()));
    delivery.deduplicate().ifPresent(each -> map.put("deduplicate", Durations.format(each)));
    if (delivery.maxHops() != Delivery.DEFAULT.maxHops()) {
      map.put("maxHops", delivery.maxHops());
    }
    delivery.deadLetter().ifPresent(each -> map.put("deadLetter", each.value()));
    delivery
        .batch()
        .ifPresent(
            batch -> {
              Map<String, Object> each = new LinkedHashMap<>();
              each.put("max", batch.max());
              each.put("linger", Durations.format(batch.linger()));
              map.put("batch", each);
            });
    return map;
  }

  /** One link, in the shape of the file. */
  public static Map<String, Object> link(Link link) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", link.name().value());
    link.type().ifPresent(type -> map.put("type", type));
    if (!link.retention().equals(Link.DEFAULT_RETENTION)) {
      map.put("retention", Durations.format(link.retention()));
    }
    if (link.partitions() != Link.DEFAULT_PARTITIONS) {
      map.put("partitions", link.partitions());
    }
    return map;
  }

  /** One type, in the shape of the file. */
  public static Map<String, Object> type(TypeDefinition type) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", type.name());
    map.put("schema", type.schema());
    return map;
  }

  private static String word(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }
}
