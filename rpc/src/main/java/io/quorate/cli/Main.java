package io.quorate.cli;

import io.quorate.rpc.grpc.AdminClient;
import java.io.PrintWriter;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of the program. What the exit status means: {@link ExitStatus}. */
@Command(
    name = "quorate",
    description = "High availability for PostgreSQL.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class Main {

  /** All verbs, in the order of the help. */
  static final List<String> VERBS =
      List.of(
          "run",
          "list",
          "status",
          "history",
          "explain",
          "journal",
          "switchover",
          "failover",
          "pause",
          "resume",
          "restart",
          "reload",
          "reinit",
          "flush",
          "show-config",
          "edit-config",
          "stop-cluster",
          "member",
          "validate-config",
          "completion",
          "version",
          "help");

  /** Columns of the help: a description's line is one of the source, and goes into one. */
  private static final int HELP_WIDTH = 110;

  /** What has to know all verbs. */
  private static final Set<String> ABOUT_VERBS = Set.of("help", "completion");

  Main() {}

  /** Runs one command and ends the process. */
  public static void main(String[] arguments) {
    if (arguments.length > 0 && arguments[0].equals("run")) {
      // Before all else: what follows takes a good part of a second.
      node().expectSignals();
    } else {
      AdminClient.logAsJavaDoes();
    }
    System.exit(commandLine(arguments).execute(arguments));
  }

  /** Runs one command in this process and returns its exit status. */
  public static int run(String[] arguments, PrintWriter out, PrintWriter err) {
    return commandLine(arguments).setOut(out).setErr(err).execute(arguments);
  }

  /** With all verbs. */
  static CommandLine commandLine() {
    return commandLine(VERBS);
  }

  /** Looking at every verb takes longer than most verbs do: only the one that is asked for. */
  private static CommandLine commandLine(String[] arguments) {
    return arguments.length > 0
            && VERBS.contains(arguments[0])
            && !ABOUT_VERBS.contains(arguments[0])
        ? commandLine(List.of(arguments[0]))
        : commandLine();
  }

  private static CommandLine commandLine(List<String> verbs) {
    CommandLine line = new CommandLine(new Main());
    verbs.forEach(verb -> line.addSubcommand(verb, command(verb)));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpWidth(HELP_WIDTH);
    line.setParameterExceptionHandler((failure, _) -> wrongUse(failure));
    line.setExecutionExceptionHandler((failure, command, _) -> {
      PrintWriter err = command.getErr();
      if (failure instanceof CliException) {
        err.println("error: " + failure.getMessage());
      } else {
        failure.printStackTrace(err);
      }
      err.flush();
      return failure instanceof CliException.WrongUse ? ExitStatus.WRONG_USE : ExitStatus.FAILED;
    });
    return line;
  }

  /** What is wrong, and where to read on: the whole help would hide it. */
  private static int wrongUse(CommandLine.ParameterException failure) {
    CommandLine command = failure.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("error: " + failure.getMessage());
    boolean suggested = CommandLine.UnmatchedArgumentException.printSuggestions(failure, err);
    if (!suggested) {
      err.println(
          "'" + command.getCommandSpec().qualifiedName() + " --help' says what can be given");
    }
    err.flush();
    return ExitStatus.WRONG_USE;
  }

  private static Class<?> command(String verb) {
    return switch (verb) {
      case "run" -> RunCommand.class;
      case "list" -> ListCommand.class;
      case "status" -> StatusCommand.class;
      case "history" -> HistoryCommand.class;
      case "explain" -> ExplainCommand.class;
      case "journal" -> JournalCommand.class;
      case "switchover" -> SwitchoverCommand.class;
      case "failover" -> FailoverCommand.class;
      case "pause" -> PauseCommand.class;
      case "resume" -> ResumeCommand.class;
      case "restart" -> RestartCommand.class;
      case "reload" -> ReloadCommand.class;
      case "reinit" -> ReinitCommand.class;
      case "flush" -> FlushCommand.class;
      case "show-config" -> ShowConfigCommand.class;
      case "edit-config" -> EditConfigCommand.class;
      case "stop-cluster" -> StopClusterCommand.class;
      case "member" -> MemberCommand.class;
      case "validate-config" -> ValidateConfigCommand.class;
      case "completion" -> CompletionCommand.class;
      case "version" -> VersionCommand.class;
      case "help" -> CommandLine.HelpCommand.class;
      default -> throw new IllegalArgumentException("no verb: " + verb);
    };
  }

  /** The node's side of the program. */
  static NodeVerbs node() {
    return ServiceLoader.load(NodeVerbs.class)
        .findFirst()
        .orElseThrow(
            () -> new CliException("this installation has no agent, only the command line"));
  }
}
