package io.quorate.cli;

import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.MemberStatus;
import io.quorate.proto.admin.v1.Operation;
import io.quorate.proto.admin.v1.ReinitializeRequest;
import io.quorate.proto.admin.v1.Role;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quorate reinit}. */
@Command(
    name = "reinit",
    description = "Put a standby's data directory aside and copy it anew from the primary.",
    mixinStandardHelpOptions = true)
final class ReinitCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private MemberSelection selection = new MemberSelection();

  @Option(names = "--wait", description = "Until the copy is done, showing how far it is.")
  private boolean wait;

  @Option(
      names = "--from-leader",
      description = "As without: it is copied from the primary in any case.")
  private boolean fromLeader;

  @Option(names = "--force", description = "Ask nothing.")
  private boolean force;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    ClusterStatus status = cluster.status();
    if (!selection.isNamed()) {
      throw new CliException.WrongUse(
          "which member? There are "
              + String.join(
                  ", ",
                  status.getMembersList().stream()
                      .filter(m -> m.getRole() == Role.ROLE_STANDBY)
                      .map(MemberStatus::getName)
                      .toList()));
    }
    List<MemberStatus> members = selection.of(status);
    members.stream()
        .filter(member -> member.getRole() == Role.ROLE_PRIMARY)
        .findFirst()
        .ifPresent(primary -> {
          throw new CliException(
              primary.getName() + " is the primary: its data is the cluster's; switch over first");
        });
    if (!force) {
      new MemberList(status).lines(Format.PRETTY, false).forEach(out::println);
      new Prompt(out)
          .confirm(
              "Are you sure you want to reinitialize members "
                  + RestartCommand.names(members)
                  + (fromLeader ? " from the primary?" : "?"));
    }
    List<Operation> asked = new ArrayList<>();
    for (MemberStatus member : members) {
      ReinitializeRequest request =
          ReinitializeRequest.newBuilder().setMember(member.getName()).build();
      asked.add(cluster.ask(client -> client.reinitialize(request, cluster.timeoutOfChange())));
      out.println("Success: reinitialize for member " + member.getName());
      out.flush();
    }
    boolean all = true;
    if (wait) {
      Progress progress = new Progress(cluster, spec.commandLine());
      for (Operation operation : asked) {
        all &=
            progress.end(
                progress.follow(operation),
                "Reinitialize is completed on: " + operation.getMember());
      }
    }
    return all ? ExitStatus.DONE : ExitStatus.FAILED;
  }
}
