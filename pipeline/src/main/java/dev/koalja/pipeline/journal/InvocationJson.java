package dev.koalja.pipeline.journal;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.journal.InvocationRecord.Attempt;
import dev.koalja.pipeline.journal.InvocationRecord.Failure;
import dev.koalja.pipeline.journal.InvocationRecord.InputEvent;
import dev.koalja.pipeline.journal.InvocationRecord.OutputEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Writes invocation records as {@link Json#MAPPER} would, which reads them. There is one for each
 * event, and the mapper, which finds its way from field to field, takes several times as long.
 */
public final class InvocationJson {
  private static final JsonStringEncoder ENCODER = JsonStringEncoder.getInstance();

  private InvocationJson() {}

  /** The JSON of a record. */
  public static byte[] write(InvocationRecord invocation) {
    StringBuilder json = new StringBuilder(1024);
    text(json, "{\"invocation\":", invocation.invocation());
    text(json, ",\"pipeline\":", invocation.pipeline());
    json.append(",\"revision\":").append(invocation.revision());
    text(json, ",\"task\":", invocation.task());
    optional(json, ",\"codeRevision\":", invocation.codeRevision());
    text(json, ",\"outcome\":", invocation.outcome().name());
    list(json, ",\"inputs\":", invocation.inputs(), InvocationJson::input);
    list(json, ",\"outputs\":", invocation.outputs(), InvocationJson::output);
    list(json, ",\"attempts\":", invocation.attempts(), InvocationJson::attempt);
    text(json, ",\"queued\":", invocation.queued().toString());
    optional(json, ",\"coldStart\":", invocation.coldStart());
    text(json, ",\"executed\":", invocation.executed().toString());
    optional(json, ",\"instance\":", invocation.instance());
    optional(json, ",\"traceparent\":", invocation.traceparent());
    text(json, ",\"endedAt\":", invocation.endedAt().toString());
    failure(json, invocation.error());
    return json.append('}').toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void input(StringBuilder json, InputEvent input) {
    text(json, "{\"input\":", input.input());
    text(json, ",\"link\":", input.link());
    text(json, ",\"topic\":", input.topic());
    json.append(",\"partition\":").append(input.partition());
    json.append(",\"offset\":").append(input.offset());
    text(json, ",\"source\":", input.source());
    text(json, ",\"id\":", input.id());
    text(json, ",\"type\":", input.type());
    optional(json, ",\"key\":", input.key());
    json.append(",\"size\":").append(input.size()).append('}');
  }

  private static void output(StringBuilder json, OutputEvent output) {
    text(json, "{\"output\":", output.output());
    text(json, ",\"link\":", output.link());
    text(json, ",\"topic\":", output.topic());
    text(json, ",\"source\":", output.source());
    text(json, ",\"id\":", output.id());
    text(json, ",\"type\":", output.type());
    optional(json, ",\"key\":", output.key());
    json.append(",\"size\":").append(output.size());
    text(json, ",\"sha256\":", output.sha256());
    json.append('}');
  }

  private static void attempt(StringBuilder json, Attempt attempt) {
    json.append("{\"number\":").append(attempt.number());
    text(json, ",\"startedAt\":", attempt.startedAt().toString());
    text(json, ",\"took\":", attempt.took().toString());
    attempt.status().ifPresent(status -> json.append(",\"status\":").append(status.intValue()));
    failure(json, attempt.error());
    json.append('}');
  }

  private static void failure(StringBuilder json, Optional<Failure> failure) {
    if (failure.isPresent()) {
      text(json, ",\"error\":{\"code\":", failure.get().code());
      text(json, ",\"cause\":", failure.get().cause());
      json.append('}');
    }
  }

  private static <T> void list(
      StringBuilder json, String name, List<T> items, BiConsumer<StringBuilder, T> writer) {
    json.append(name).append('[');
    for (int i = 0; i < items.size(); i++) {
      if (i > 0) {
        json.append(',');
      }
      writer.accept(json, items.get(i));
    }
    json.append(']');
  }

  /** A field that is left out when it is absent. */
  private static void optional(StringBuilder json, String name, Optional<?> value) {
    if (value.isPresent()) {
      text(json, name, value.get().toString());
    }
  }

  private static void text(StringBuilder json, String name, String value) {
    json.append(name).append('"');
    if (isPlain(value)) {
      json.append(value);
    } else {
      ENCODER.quoteAsString(value, json);
    }
    json.append('"');
  }

  private static boolean isPlain(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }
}
