package dev.koalja.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code koalja completion}. */
@Command(
    name = "completion",
    description = "Print a script that completes commands in bash and zsh.",
    footer = {"", "Example:", "  source <(koalja completion)"})
final class CompletionCommand implements Runnable {
  @Mixin Shared shared = new Shared();

  @Override
  public void run() {
    shared.screen().line(AutoComplete.bash("koalja", Koalja.commandLine()).stripTrailing());
  }
}
