package dev.koalja.builder;

import java.time.Duration;
import java.util.List;

/** How a build ended. */
sealed interface Answer {
  /**
   * There is an app to start.
   *
   * @param compiling how long the compiler took
   * @param packaging how long Quarkus took
   * @param functions names of tasks whose classes are not what they were at the build before
   */
  record Built(Duration compiling, Duration packaging, List<String> functions) implements Answer {
    public Built {
      functions = List.copyOf(functions);
    }
  }

  /**
   * The code is wrong.
   *
   * @param problems one line each, with the place where there is one
   */
  record Broken(List<String> problems) implements Answer {
    public Broken {
      problems = List.copyOf(problems);
    }
  }

  /**
   * This project is for Maven.
   *
   * @param reason what of it cannot be done here
   */
  record ForMaven(String reason) implements Answer {}
}
