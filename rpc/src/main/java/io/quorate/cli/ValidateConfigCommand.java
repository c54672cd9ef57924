package io.quorate.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quorate validate-config FILE}. */
@Command(
    name = "validate-config",
    description = "Check a member's file, and say what in it has no effect.",
    mixinStandardHelpOptions = true)
final class ValidateConfigCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FILE", description = "The member's configuration, YAML.")
  private Path file = Path.of("");

  @Override
  public Integer call() {
    return Main.node().validate(file, spec.commandLine().getOut(), spec.commandLine().getErr());
  }
}
