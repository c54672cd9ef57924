package io.quorate.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quorate run FILE}. */
@Command(
    name = "run",
    description = {
      "Run a member until SIGTERM or SIGINT, which hand over to another member first.",
      "SIGHUP reads the file again; a wrong file changes nothing."
    },
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FILE", description = "The member's configuration, YAML.")
  private Path file = Path.of("");

  @Override
  public Integer call() {
    return Main.node().run(file, spec.commandLine().getErr());
  }
}
