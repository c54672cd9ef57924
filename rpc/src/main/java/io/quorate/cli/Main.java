package io.quorate.cli;

import java.io.PrintWriter;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of the program. What the exit status means: {@link ExitStatus}. */
@Command(
    name = "quorate",
    description = "High availability for PostgreSQL.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      RunCommand.class,
      ListCommand.class,
      StatusCommand.class,
      HistoryCommand.class,
      ExplainCommand.class,
      JournalCommand.class,
      SwitchoverCommand.class,
      FailoverCommand.class,
      PauseCommand.class,
      ResumeCommand.class,
      RestartCommand.class,
      ReloadCommand.class,
      ReinitCommand.class,
      FlushCommand.class,
      ShowConfigCommand.class,
      EditConfigCommand.class,
      StopClusterCommand.class,
      MemberCommand.class,
      ValidateConfigCommand.class,
      CompletionCommand.class,
      VersionCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Main {

  Main() {}

  /** Runs one command and ends the process. */
  public static void main(String[] arguments) {
    if (arguments.length > 0 && arguments[0].equals("run")) {
      // Before all else: what follows takes a good part of a second.
      node().expectSignals();
    }
    System.exit(commandLine().execute(arguments));
  }

  /** Runs one command in this process and returns its exit status. */
  public static int run(String[] arguments, PrintWriter out, PrintWriter err) {
    return commandLine().setOut(out).setErr(err).execute(arguments);
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler((failure, command, _) -> {
      PrintWriter err = command.getErr();
      if (failure instanceof CliException) {
        err.println("error: " + failure.getMessage());
      } else {
        failure.printStackTrace(err);
      }
      err.flush();
      return ExitStatus.FAILED;
    });
    return line;
  }

  /** The node's side of the program. */
  static NodeVerbs node() {
    return ServiceLoader.load(NodeVerbs.class)
        .findFirst()
        .orElseThrow(
            () -> new CliException("this installation has no agent, only the command line"));
  }
}
