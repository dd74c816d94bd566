package dev.koalja.knative.serving.local;

import dev.koalja.pipeline.AppName;
import dev.koalja.pipeline.definition.Release;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Which build of each app is the one to run on this machine. A new build put here is started in
 * place of the old, which is drained once the new one is ready. Safe for use by several threads.
 */
public final class AppCatalog {
  private final Map<AppName, AppBuild> builds = new ConcurrentHashMap<>();
  private final BiFunction<AppName, Release, Optional<AppBuild>> released;
  private final List<Consumer<AppName>> listeners = new CopyOnWriteArrayList<>();

  /** One whose builds change by {@link #put} alone. */
  public AppCatalog() {
    this((_, _) -> Optional.empty());
  }

  /**
   * One that follows what is in force.
   *
   * @param released the build of an app that belongs to a release; empty when it is not here, and
   *     then the app goes on with the one it has
   */
  public AppCatalog(BiFunction<AppName, Release, Optional<AppBuild>> released) {
    this.released = released;
  }

  /** The build of an app that belongs to a release, if it is here. */
  Optional<AppBuild> released(AppName app, Release release) {
    return released.apply(app, release);
  }

  /** Makes {@code build} the one to run. */
  public void put(AppBuild build) {
    if (!build.equals(builds.put(build.app(), build))) {
      listeners.forEach(listener -> listener.accept(build.app()));
    }
  }

  /** Makes it the one to run without a word to anybody: whoever calls this sees to the rest. */
  void replace(AppBuild build) {
    builds.put(build.app(), build);
  }

  /** The build to run, if the app is known here. */
  public Optional<AppBuild> find(AppName app) {
    return Optional.ofNullable(builds.get(app));
  }

  /** The names of all known apps, sorted. */
  public List<AppName> apps() {
    return builds.keySet().stream().sorted().toList();
  }

  void onChange(Consumer<AppName> listener) {
    listeners.add(listener);
  }

  void offChange(Consumer<AppName> listener) {
    listeners.remove(listener);
  }
}
