package dev.koalja.runtime.deployment;

import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.TaskName;
import io.quarkus.builder.item.SimpleBuildItem;
import java.util.List;
import java.util.Set;

/** The functions of the app, once the whole circuit has been found right. */
final class CircuitBuildItem extends SimpleBuildItem {
  private final AppName app;
  private final List<FunctionMethod> functions;
  private final Set<TaskName> snapshots;

  CircuitBuildItem(AppName app, List<FunctionMethod> functions, Set<TaskName> snapshots) {
    this.app = app;
    this.functions = List.copyOf(functions);
    this.snapshots = Set.copyOf(snapshots);
  }

  AppName app() {
    return app;
  }

  List<FunctionMethod> functions() {
    return functions;
  }

  /** Whether the function is handed snapshots, and not its events one by one. */
  boolean takesSnapshots(FunctionMethod function) {
    return snapshots.contains(function.task());
  }
}
