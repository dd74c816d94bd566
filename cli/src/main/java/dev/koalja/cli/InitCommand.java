package dev.koalja.cli;

import dev.koalja.cli.project.NewProject;
import dev.koalja.cli.show.Words;
import dev.koalja.launch.KoaljaHome;
import dev.koalja.pipeline.Json;
import dev.koalja.pipeline.NameGrammar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code koalja init}. */
@Command(
    name = "init",
    description = "Make a project with two functions and a test.",
    footer = {"", "Example:", "  koalja init shop && cd shop && koalja run"})
final class InitCommand implements Runnable {
  @Mixin Shared shared = new Shared();

  @Parameters(paramLabel = "NAME", description = "The project's name, also that of its folder.")
  String name = "";

  @Override
  public void run() {
    if (!NameGrammar.matches(name)) {
      throw CliException.usage(
          "\"%s\" is no project name: lower-case letters, digits and dashes, first a letter"
              .formatted(name));
    }
    Path folder = Path.of(name).toAbsolutePath();
    try {
      NewProject.create(folder, name, Versions.load());
    } catch (IOException e) {
      throw CliException.unavailable(
          "project " + folder + " cannot be written: " + Words.reason(e));
    }
    if (shared.json) {
      shared.print(Json.MAPPER.valueToTree(Map.of("name", name, "folder", folder.toString())));
      return;
    }
    shared
        .screen()
        .line("Created %s: 2 functions, 2 tests, pipeline inferred from the code.".formatted(name));
    shared.screen().line("    cd " + name);
    String command = Shared.command();
    if (command.startsWith(".")) { // from another folder that would be another path
      command = KoaljaHome.find().root().resolve("koalja").toString();
    }
    shared.screen().line("    %-19s run it here, reload on change".formatted(command + " run"));
    shared
        .screen()
        .line("    %-19s build, test, train the start-up cache".formatted("mvn package"));
  }
}
