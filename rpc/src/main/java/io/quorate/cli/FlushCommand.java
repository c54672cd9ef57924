package io.quorate.cli;

import io.quorate.proto.admin.v1.CancelRequest;
import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.Operation;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quorate flush switchover}, {@code quorate flush restart} and so on. */
@Command(
    name = "flush",
    description = "Take back what is scheduled, or asked for and not begun.",
    mixinStandardHelpOptions = true)
final class FlushCommand implements Callable<Integer> {

  /** What can be taken back. */
  enum Event {
    SWITCHOVER,
    RESTART,
    RELOAD,
    REINIT;

    /** As an operation's kind, and as it is written on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Parameters(
      index = "0",
      paramLabel = "EVENT",
      description = "switchover, restart, reload or reinit.")
  private Event event = Event.SWITCHOVER;

  @Parameters(
      index = "1..*",
      paramLabel = "MEMBER",
      description = "All but switchover: of these members; default: all.")
  private List<String> names = new ArrayList<>();

  @Option(names = "--force", description = "Ask nothing.")
  private boolean force;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    ClusterStatus status = cluster.status();
    List<Operation> open =
        status.getOperationsList().stream()
            .filter(operation ->
                operation.getKind().equals(event.toString())
                    && (event == Event.SWITCHOVER
                        || names.isEmpty()
                        || names.contains(operation.getMember())))
            .toList();
    // What waits for a member that is gone can be taken back.
    MemberSelection.known(
        names.stream()
            .filter(name -> open.stream().noneMatch(o -> o.getMember().equals(name)))
            .toList(),
        status);
    if (open.isEmpty()) {
      throw new CliException(
          switch (event) {
            case SWITCHOVER, RESTART -> "no " + event + " is scheduled";
            case RELOAD, REINIT -> "no " + event + " waits to be begun";
          });
    }
    for (Operation operation : open) {
      String what =
          operation.getKind()
              + (operation.getMember().isEmpty() ? "" : " of " + operation.getMember())
              + (operation.getScheduledAt().isEmpty()
                  ? ""
                  : ", scheduled at " + operation.getScheduledAt());
      if (!force) {
        new Prompt(out).confirm("Take back the " + what + "?");
      }
      CancelRequest request =
          CancelRequest.newBuilder().setSlot(operation.getSlot()).setId(operation.getId()).build();
      var _ = cluster.ask(client -> client.cancel(request, cluster.timeoutOfChange()));
      out.println("Success: taken back: " + what);
      out.flush();
    }
    return ExitStatus.DONE;
  }
}
