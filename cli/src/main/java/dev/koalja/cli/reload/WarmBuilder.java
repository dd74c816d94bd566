package dev.koalja.cli.reload;

import dev.koalja.cli.CliException;
import dev.koalja.cli.project.FunctionProject;
import dev.koalja.cli.project.ProjectBuild;
import dev.koalja.cli.revision.Builds;
import dev.koalja.cli.show.Screen;
import dev.koalja.launch.BuilderProcess;
import dev.koalja.launch.LaunchException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds in a process that stays warm, and with Maven what that process cannot build. */
final class WarmBuilder implements FunctionBuilder {
  private final Builds builds;
  private final Screen screen;
  private final Path log;
  private final Map<Path, String> forMaven = new HashMap<>();
  private volatile boolean closed;
  private @Nullable BuilderProcess process;

  /**
   * @param log where the process that builds writes its log
   */
  WarmBuilder(Builds builds, Screen screen, Path log) {
    this.builds = builds;
    this.screen = screen;
    this.log = log;
  }

  @Override
  public List<String> warmUp(List<FunctionProject> projects) {
    List<String> changed = new ArrayList<>();
    for (FunctionProject project : projects) {
      if (project.buildsHere() && !closed) {
        try {
          switch (warm().build(project.folder(), builds.work(project))) {
            case BuilderProcess.Answer.ForMaven(var reason) -> useMaven(project, reason);
            case BuilderProcess.Answer.Built(var functions) -> changed.addAll(functions);
            case BuilderProcess.Answer.Broken _ -> {
              // somebody was quick: it comes as a change
            }
          }
        } catch (IOException | LaunchException | CliException e) {
          useMaven(project, String.valueOf(e.getMessage()));
        }
      }
    }
    return changed;
  }

  private void useMaven(FunctionProject project, String reason) {
    if (!reason.equals(forMaven.put(project.folder(), reason)) && !closed) {
      screen.note(
          "Changes of %s are built by Maven, which takes longer: %s"
              .formatted(project.name(), reason));
    }
  }

  private synchronized BuilderProcess warm() {
    if (closed) {
      throw CliException.unavailable("the run ends");
    }
    BuilderProcess now = process;
    if (now == null || !now.alive()) {
      now = BuilderProcess.start(log);
      process = now;
    }
    return now;
  }

  @Override
  public Outcome build(FunctionProject project) throws IOException {
    screen.doing("Building " + project.name() + " …");
    Path work = builds.work(project);
    switch (answer(project, work)) {
      case BuilderProcess.Answer.Built(var functions) -> {
        return new Outcome.Built(
            work.resolve("target/quarkus-app"),
            work.resolve("target/koalja/pipeline.yaml"),
            true,
            functions);
      }
      case BuilderProcess.Answer.Broken(var problems) -> {
        return new Outcome.Broken(problems);
      }
      case BuilderProcess.Answer.ForMaven(var reason) -> useMaven(project, reason);
    }
    List<String> problems = ProjectBuild.again(project);
    return problems.isEmpty()
        ? new Outcome.Built(project.packaged(), project.inferred(), false, List.of())
        : new Outcome.Broken(problems);
  }

  private BuilderProcess.Answer answer(FunctionProject project, Path work) {
    try {
      return warm().build(project.folder(), work);
    } catch (LaunchException | CliException e) {
      return new BuilderProcess.Answer.ForMaven(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() {
    closed = true;
    synchronized (this) {
      if (process != null) {
        process.close();
      }
    }
  }
}
