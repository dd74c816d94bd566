package dev.koalja.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A noun whose verbs are commands of their own; alone it is a mistake that lists them. */
@Command
abstract class Group implements Runnable {
  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin Shared shared = new Shared();

  @Override
  public void run() {
    CommandLine command = spec.commandLine();
    throw new ParameterException(
        command,
        "%s needs a verb: %s"
            .formatted(spec.qualifiedName(), String.join(", ", command.getSubcommands().keySet())));
  }
}
