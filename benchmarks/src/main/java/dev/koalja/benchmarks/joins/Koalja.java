package dev.koalja.benchmarks.joins;

import dev.koalja.platform.Platform;

/** The pipeline that joins two links, one for each number of open keys. */
final class Koalja {
  /** The function that is called joins two texts, as the soak test uses it. */
  static final String APP = "koalja-soak-circuit";

  private static final String JOIN =
      """
      apiVersion: koalja.dev/v1alpha1
      kind: Pipeline
      metadata: {name: %s}
      spec:
        tasks:
        - name: join
          function: {app: %s}
          snapshot: {policy: AllNew, correlate: key}
          inputs: [{name: relayed, link: left}, {name: right, link: right}]
          outputs: [{name: result, link: joined}]
      """;

  /** A pipeline in which nothing of the join is left running; what waits in it stays. */
  private static final String REST =
      """
      apiVersion: koalja.dev/v1alpha1
      kind: Pipeline
      metadata: {name: %s}
      spec:
        tasks:
        - name: rest
          filter: [{exact: {type: none}}]
          inputs: [{name: event, link: rest}]
          outputs: [{name: passed, link: nothing}]
      """;

  private Koalja() {}

  static void join(Platform platform, String pipeline) throws Exception {
    platform.apply(pipeline, JOIN.formatted(pipeline, APP));
  }

  static void rest(Platform platform, String pipeline) throws Exception {
    platform.apply(pipeline, REST.formatted(pipeline));
  }

  static String links(String pipeline) {
    return "koalja." + pipeline + ".";
  }

  static String arrivals(String pipeline) {
    return "koalja-arrivals." + pipeline + ".join";
  }

  static String state(String pipeline) {
    return "koalja-state." + pipeline + ".join";
  }

  static String snapshots(String pipeline) {
    return "koalja-snapshots." + pipeline + ".join";
  }
}
