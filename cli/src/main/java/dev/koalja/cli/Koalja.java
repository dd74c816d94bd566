package dev.koalja.cli;

import dev.koalja.cli.show.Screen;
import dev.koalja.cli.show.Words;
import dev.koalja.launch.LaunchException;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.error.Suggestion;
import dev.koalja.pipeline.yaml.InvalidPipelineException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The command {@code koalja}: reads the words, runs the command, turns every ending into a status.
 */
@Command(
    name = "koalja",
    description = "Event-driven functions, wired like parts on a breadboard.",
    footer = {
      "",
      "Begin with:",
      "  koalja demo           a circuit from nothing, in a minute",
      "  koalja init shop      a project of your own",
      "  koalja COMMAND -h     help with an example",
    })
public final class Koalja implements Runnable {
  /** In the order of the help: first what one types all day. */
  private static final Map<String, Supplier<Object>> COMMANDS = commands();

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin Shared shared = new Shared();

  private static Map<String, Supplier<Object>> commands() {
    Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    commands.put("demo", DemoCommand::new);
    commands.put("init", InitCommand::new);
    commands.put("run", RunCommand::new);
    commands.put("send", SendCommand::new);
    commands.put("tail", TailCommand::new);
    commands.put("capture", CaptureCommand::new);
    commands.put("status", StatusCommand::new);
    commands.put("trace", TraceCommand::new);
    commands.put("explain", ExplainCommand::new);
    commands.put("graph", GraphCommand::new);
    commands.put("logs", LogsCommand::new);
    commands.put("stop", StopCommand::new);
    commands.put("link", LinkCommand::new);
    commands.put("task", TaskCommand::new);
    commands.put("snapshot", SnapshotCommand::new);
    commands.put("deadletter", DeadLetterCommand::new);
    commands.put("revisions", RevisionsCommand::new);
    commands.put("upgrade", UpgradeCommand::new);
    commands.put("rollback", RollbackCommand::new);
    commands.put("image", ImageCommand::new);
    commands.put("render", RenderCommand::new);
    commands.put("soak", SoakCommand::new);
    commands.put("version", VersionCommand::new);
    commands.put("completion", CompletionCommand::new);
    return commands;
  }

  /** The process. */
  public static void main(String... words) {
    System.exit(execute(words));
  }

  /** Executes a command line and returns the exit status. */
  static int execute(String... words) {
    // to build all commands takes longer than most of them: build the one that is meant
    boolean known = words.length > 0 && COMMANDS.containsKey(words[0]);
    return (known ? commandLine(Set.of(words[0])) : commandLine()).execute(words);
  }

  /** The whole command, ready to execute. */
  static CommandLine commandLine() {
    return commandLine(COMMANDS.keySet());
  }

  private static CommandLine commandLine(Set<String> names) {
    CommandLine koalja = new CommandLine(new Koalja());
    COMMANDS.forEach(
        (name, command) -> {
          if (names.contains(name)) {
            koalja.addSubcommand(name, command.get());
          }
        });
    return koalja
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(false)
        .setUsageHelpWidth(100)
        .setExitCodeExceptionMapper(_ -> Exit.BUG)
        .setParameterExceptionHandler(Koalja::misused)
        .setExecutionExceptionHandler(Koalja::failed);
  }

  /** Without a command: the help. */
  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }

  private static int misused(CommandLine.ParameterException e, String[] words) {
    Screen screen = Screen.ofProcess(System.getenv());
    String meant =
        e instanceof CommandLine.UnmatchedArgumentException unmatched
            ? Suggestion.didYouMean(
                unmatched.getUnmatched().getFirst(), e.getCommandLine().getSubcommands().keySet())
            : "";
    screen.note(screen.red(e.getMessage() + meant));
    screen.note("Help: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
    return Exit.USAGE;
  }

  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult words) {
    Screen screen = Screen.ofProcess(System.getenv());
    return switch (e) {
      case CliException told -> {
        told.details().forEach(screen::note);
        screen.note(screen.red(String.valueOf(told.getMessage())));
        yield told.exit();
      }
      case InvalidPipelineException invalid -> invalid(screen, invalid);
      case KoaljaException known -> {
        screen.note(screen.red(String.valueOf(known.getMessage())));
        yield switch (known.code().type()) {
          case USER, FUNCTION -> Exit.USAGE;
          case RESOURCES -> Exit.UNAVAILABLE;
          case PLATFORM -> Exit.BUG;
        };
      }
      case LaunchException launch -> {
        screen.note(screen.red(String.valueOf(launch.getMessage())));
        yield exit(launch);
      }
      case IOException file -> {
        screen.note(screen.red("a file cannot be read or written: " + Words.reason(file)));
        yield Exit.UNAVAILABLE;
      }
      default -> {
        String file = BugReport.write(command.getCommandSpec().qualifiedName(), e);
        screen.note(
            screen.red(
                "this is a bug of Koalja's: %s: %s"
                    .formatted(e.getClass().getSimpleName(), e.getMessage())));
        screen.note("Please send us the file " + file);
        yield Exit.BUG;
      }
    };
  }

  /** A process of ours says by its status whose fault it was; killed by a signal, nobody's. */
  static int exit(LaunchException launch) {
    return switch (launch.exitCode().orElse(Exit.UNAVAILABLE)) {
      case Exit.USAGE -> Exit.USAGE;
      case 1, Exit.BUG -> Exit.BUG;
      default -> Exit.UNAVAILABLE;
    };
  }

  private static int invalid(Screen screen, InvalidPipelineException invalid) {
    List<String> problems = invalid.problems().stream().map(Object::toString).toList();
    problems.forEach(screen::note);
    screen.note(
        screen.red(problems.size() == 1 ? "1 problem." : "%d problems.".formatted(problems.size()))
            + " Nothing was started.");
    return Exit.USAGE;
  }
}
