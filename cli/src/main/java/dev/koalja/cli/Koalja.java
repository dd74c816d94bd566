package dev.koalja.cli;

import dev.koalja.cli.show.Screen;
import dev.koalja.launch.LaunchException;
import dev.koalja.pipeline.error.KoaljaException;
import dev.koalja.pipeline.yaml.InvalidPipelineException;
import dev.koalja.pipeline.yaml.Suggestion;
import java.util.List;
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
    subcommands = {
      DemoCommand.class,
      InitCommand.class,
      RunCommand.class,
      SendCommand.class,
      TailCommand.class,
      StatusCommand.class,
      TraceCommand.class,
      GraphCommand.class,
      LogsCommand.class,
      StopCommand.class,
      LinkCommand.class,
      TaskCommand.class,
      DeadLetterCommand.class,
      ImageCommand.class,
      RenderCommand.class,
      VersionCommand.class,
      CompletionCommand.class,
    },
    footer = {
      "",
      "Begin with:",
      "  koalja demo           a circuit from nothing, in a minute",
      "  koalja init shop      a project of your own",
      "  koalja COMMAND -h     help with an example",
    })
public final class Koalja implements Runnable {
  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin Shared shared = new Shared();

  /** The process. */
  public static void main(String... words) {
    System.exit(commandLine().execute(words));
  }

  /** The whole command, ready to execute. */
  static CommandLine commandLine() {
    return new CommandLine(new Koalja())
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

  private static int invalid(Screen screen, InvalidPipelineException invalid) {
    List<String> problems = invalid.problems().stream().map(Object::toString).toList();
    problems.forEach(screen::note);
    screen.note(
        screen.red(problems.size() == 1 ? "1 problem." : "%d problems.".formatted(problems.size()))
            + " Nothing was started.");
    return Exit.USAGE;
  }
}
