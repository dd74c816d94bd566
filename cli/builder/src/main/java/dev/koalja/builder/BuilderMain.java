package dev.koalja.builder;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads what to build from standard input, a line each, and answers on standard output; whatever
 * else is printed goes to standard error. Ends when its input does: so it never outlives whoever
 * started it.
 *
 * <p>A request is the folder of a project and a folder to work in, with a tab between. The answer
 * is any number of lines {@code problem}, then one of {@code built}, {@code broken} and {@code
 * maven}; words of a line have tabs between them.
 */
public final class BuilderMain {
  /** How every line of an answer begins. */
  private static final String MARK = "koalja-builder\t";

  private final Map<Path, WarmProject> projects = new HashMap<>();
  private final PrintStream answers;

  private BuilderMain(PrintStream answers) {
    this.answers = answers;
  }

  /** Runs until its input ends. */
  public static void main(String... arguments) throws IOException {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err); // what Quarkus prints is no answer
    BuilderMain main = new BuilderMain(answers);
    answers.println(MARK + "ready");
    try (BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = requests.readLine(); line != null; line = requests.readLine()) {
        String[] words = line.split("\t");
        main.answer(main.build(Path.of(words[0]), Path.of(words[1])));
      }
    }
    System.exit(0); // whatever threads an extension left behind
  }

  private Answer build(Path folder, Path work) {
    try {
      WarmProject project = projects.get(folder);
      if (project == null) {
        project = new WarmProject(folder, work);
        projects.put(folder, project);
      }
      return project.build();
    } catch (ForMavenException e) {
      if (e.getCause() != null) {
        e.printStackTrace(System.err);
      }
      return new Answer.ForMaven(String.valueOf(e.getMessage()));
    } catch (IOException | RuntimeException | LinkageError e) {
      // whatever went wrong here, Maven may still do it, and says better why not
      e.printStackTrace(System.err);
      return new Answer.ForMaven(e.toString());
    }
  }

  private void answer(Answer answer) {
    switch (answer) {
      case Answer.Built(var compiling, var packaging, var functions) ->
          say("built", compiling.toMillis(), packaging.toMillis(), String.join(",", functions));
      case Answer.Broken(var problems) -> {
        problems.forEach(problem -> say("problem", problem));
        say("broken");
      }
      case Answer.ForMaven(var reason) -> say("maven", reason);
    }
  }

  private void say(Object... words) {
    StringBuilder line = new StringBuilder(MARK);
    for (int i = 0; i < words.length; i++) {
      String word = String.valueOf(words[i]).replace('\n', ' ').replace('\r', ' ');
      line.append(i == 0 ? "" : "\t").append(word.replace('\t', ' '));
    }
    answers.println(line);
  }
}
