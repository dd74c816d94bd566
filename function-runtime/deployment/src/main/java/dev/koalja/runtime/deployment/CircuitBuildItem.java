package dev.koalja.runtime.deployment;

import dev.koalja.pipeline.AppName;
import io.quarkus.builder.item.SimpleBuildItem;
import java.util.List;

/** The functions of the app, once the whole circuit has been found right. */
final class CircuitBuildItem extends SimpleBuildItem {
  private final AppName app;
  private final List<FunctionMethod> functions;

  CircuitBuildItem(AppName app, List<FunctionMethod> functions) {
    this.app = app;
    this.functions = List.copyOf(functions);
  }

  AppName app() {
    return app;
  }

  List<FunctionMethod> functions() {
    return functions;
  }
}
