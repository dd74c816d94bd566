package dev.koalja.knative.serving.cluster;

import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.NameGrammar;
import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.Task;
import dev.koalja.pipeline.TaskKind;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The name of the Knative Service that runs a task: the app's name; {@code <app>-<task>} for an
 * isolated function; {@code <pipeline>-<task>} for a container. Names that would be too long for
 * Kubernetes are cut and end in a digest of the whole.
 *
 * @param value matches {@link NameGrammar}
 */
public record ServiceName(String value) implements Comparable<ServiceName> {
  /** Longest name that leaves room for the {@code -00001} of a revision. */
  private static final int LONGEST = 57;

  private static final int DIGEST_BYTES = 4;

  public ServiceName {
    NameGrammar.require("service", value);
  }

  /** The service of {@code task} in {@code pipeline}. */
  public static ServiceName of(PipelineName pipeline, Task task) {
    return switch (task.kind()) {
      case TaskKind.Function(AppName app, boolean isolated, _) ->
          fit(isolated ? app + "-" + task.name() : app.value());
      case TaskKind.Container _ -> fit(pipeline + "-" + task.name());
      case TaskKind.Filter _ ->
          throw new IllegalArgumentException("task %s runs nowhere".formatted(task.name()));
    };
  }

  private static ServiceName fit(String name) {
    if (name.length() <= LONGEST) {
      return new ServiceName(name);
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      String end = "-" + HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
      return new ServiceName(name.substring(0, LONGEST - end.length()) + end);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public int compareTo(ServiceName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
