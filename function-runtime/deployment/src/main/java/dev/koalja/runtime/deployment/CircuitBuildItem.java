package dev.koalja.runtime.deployment;

import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.TaskName;
import dev.koalja.runtime.registry.FunctionDescriptor.Takes;
import io.quarkus.builder.item.SimpleBuildItem;
import java.util.List;
import java.util.Map;

/** The functions of the app, once the whole circuit has been found right. */
final class CircuitBuildItem extends SimpleBuildItem {
  private final AppName app;
  private final List<FunctionMethod> functions;
  private final Map<String, String> formats;
  private final Map<TaskName, Takes> takes;

  CircuitBuildItem(
      AppName app,
      List<FunctionMethod> functions,
      Map<String, String> formats,
      Map<TaskName, Takes> takes) {
    this.app = app;
    this.functions = List.copyOf(functions);
    this.formats = Map.copyOf(formats);
    this.takes = Map.copyOf(takes);
  }

  AppName app() {
    return app;
  }

  List<FunctionMethod> functions() {
    return functions;
  }

  /** Classes that read and write more formats, by content type. */
  Map<String, String> formats() {
    return formats;
  }

  /** How the function is handed its events. */
  Takes takes(FunctionMethod function) {
    return takes.getOrDefault(function.task(), Takes.ONE);
  }
}
