package dev.koalja.runtime.deployment;

import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.Trigger;
import dev.koalja.pipeline.TriggerKind;
import dev.koalja.pipeline.TriggerName;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationTarget;
import org.jboss.jandex.AnnotationValue;
import org.jboss.jandex.DotName;
import org.jboss.jandex.IndexView;

/** Reads {@code @Webhook} and {@code @Bucket}, wherever they stand. */
final class TriggerReader {
  private final IndexView index;
  private final List<BuildProblem> problems;
  private final Map<String, String> places = new LinkedHashMap<>();
  private final List<Trigger> triggers = new ArrayList<>();

  TriggerReader(IndexView index, List<BuildProblem> problems) {
    this.index = index;
    this.problems = problems;
  }

  List<Trigger> read() {
    for (AnnotationInstance webhook : repeatable(Annotations.WEBHOOK)) {
      webhook(webhook, where(webhook, "@Webhook"));
    }
    for (AnnotationInstance bucket : repeatable(Annotations.BUCKET)) {
      bucket(bucket, where(bucket, "@Bucket"));
    }
    return triggers;
  }

  private List<AnnotationInstance> repeatable(DotName name) {
    List<AnnotationInstance> found = new ArrayList<>(index.getAnnotations(name));
    for (AnnotationInstance all : index.getAnnotations(DotName.createSimple(name + "$All"))) {
      for (AnnotationInstance each : all.value().asNestedArray()) {
        found.add(AnnotationInstance.create(each.name(), all.target(), each.values()));
      }
    }
    // the index has no order of its own, and the pipeline file must be stable
    found.sort(
        (one, other) -> where(one, one.toString()).compareTo(where(other, other.toString())));
    return found;
  }

  private static String where(AnnotationInstance annotation, String what) {
    AnnotationTarget target = annotation.target();
    return what
        + " on "
        + (target.kind() == AnnotationTarget.Kind.METHOD
            ? JavaNames.method(target.asMethod())
            : JavaNames.canonical(target.asClass().name()));
  }

  private void webhook(AnnotationInstance annotation, String where) {
    TriggerKind.Scheme scheme = TriggerKind.Scheme.valueOf(annotation.value("scheme").asEnum());
    Optional<String> secret = secret(annotation, "secret", where);
    boolean open = scheme == TriggerKind.Scheme.NONE;
    if (open && Annotations.text(annotation, "secret").isPresent()) {
      problem(
          where,
          "scheme NONE verifies nothing, so the secret would be unused",
          "Remove the secret, or name the scheme that signs with it");
    }
    if (!open && Annotations.text(annotation, "secret").isEmpty()) {
      problem(
          where,
          "there is no secret, so no signature can be verified",
          "Add secret = \"name-of-the-secret\"");
    }
    String word = scheme.name().toLowerCase(Locale.ROOT);
    add(
        annotation,
        where,
        open ? annotation.value("link").asString() : word,
        new TriggerKind.Webhook(scheme, open ? Optional.empty() : secret));
  }

  private void bucket(AnnotationInstance annotation, String where) {
    String url = annotation.value("url").asString();
    Matcher bucket = TriggerKind.BUCKET_URL.matcher(url);
    if (!bucket.matches()) {
      problem(where, "\"" + url + "\" is no bucket", "Write s3://bucket or s3://bucket/prefix");
      return;
    }
    Set<TriggerKind.Change> events = EnumSet.noneOf(TriggerKind.Change.class);
    Optional<AnnotationValue> written = Annotations.value(annotation, "events");
    if (written.isEmpty()) {
      events.addAll(EnumSet.allOf(TriggerKind.Change.class));
    } else {
      for (String change : written.get().asEnumArray()) {
        events.add(TriggerKind.Change.valueOf(change));
      }
      if (events.isEmpty()) {
        problem(where, "events is empty, so nothing would ever come", "Name CREATED or REMOVED");
      }
    }
    String name = bucket.group("bucket").replace('.', '-');
    add(
        annotation,
        where,
        name,
        new TriggerKind.Bucket(url, events, secret(annotation, "token", where)));
  }

  private Optional<String> secret(AnnotationInstance annotation, String member, String where) {
    Optional<String> name = Annotations.text(annotation, member);
    if (name.isPresent() && !TriggerKind.SECRET_NAME.matcher(name.get()).matches()) {
      // the value may be the secret itself, which belongs in no log
      problem(
          where,
          member + " is no name of a secret",
          "Write the name (lower-case letters, digits, dashes), and keep the secret out of the code");
      return Optional.empty();
    }
    return name;
  }

  private void add(
      AnnotationInstance annotation, String where, String defaultName, TriggerKind kind) {
    String name = Annotations.text(annotation, "name").orElse(defaultName);
    TriggerName trigger;
    LinkName link;
    try {
      trigger = new TriggerName(name);
      link = new LinkName(annotation.value("link").asString());
    } catch (IllegalArgumentException e) {
      problem(where, String.valueOf(e.getMessage()), "Choose such a name");
      return;
    }
    String other = places.putIfAbsent(name, where);
    if (other != null) {
      problem(
          other + " and " + where,
          "both triggers are called \"%s\"".formatted(name),
          "Give one of them another name = \"...\"");
      return;
    }
    triggers.add(new Trigger(trigger, link, kind));
  }

  private void problem(String where, String reason, String mend) {
    problems.add(new BuildProblem(where, reason, mend));
  }
}
