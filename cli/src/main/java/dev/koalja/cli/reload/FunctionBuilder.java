package dev.koalja.cli.reload;

import dev.koalja.cli.project.FunctionProject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Builds a project that changed. */
interface FunctionBuilder extends AutoCloseable {
  /** What a project was built to. */
  sealed interface Outcome {
    /**
     * It can be started.
     *
     * @param packaged the folder with the functions
     * @param inferred the pipeline their code means
     * @param move whether the folder may be taken away; it is copied otherwise
     * @param functions those whose classes changed, as far as is known
     */
    record Built(Path packaged, Path inferred, boolean move, List<String> functions)
        implements Outcome {
      public Built {
        functions = List.copyOf(functions);
      }
    }

    /**
     * Its code is wrong.
     *
     * @param problems one line each
     */
    record Broken(List<String> problems) implements Outcome {
      public Broken {
        problems = List.copyOf(problems);
      }
    }
  }

  /** Builds once for nothing: the first build takes ten times as long as those that follow. */
  List<String> warmUp(List<FunctionProject> projects);

  /** Builds it as it is now. */
  Outcome build(FunctionProject project) throws IOException;

  @Override
  void close();
}
