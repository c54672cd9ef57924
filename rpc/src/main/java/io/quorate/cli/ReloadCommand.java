package io.quorate.cli;

import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.MemberStatus;
import io.quorate.proto.admin.v1.Operation;
import io.quorate.proto.admin.v1.ReloadRequest;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quorate reload}. */
@Command(
    name = "reload",
    description = {
      "Let agents read their file again, and give PostgreSQL its settings.",
      "Says what changed and what waits for a restart."
    },
    mixinStandardHelpOptions = true)
final class ReloadCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private MemberSelection selection = new MemberSelection();

  @Option(names = "--force", description = "Ask nothing.")
  private boolean force;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    ClusterStatus status = cluster.status();
    List<MemberStatus> members = selection.of(status);
    if (!force) {
      new MemberList(status).lines(Format.PRETTY, false).forEach(out::println);
      new Prompt(out)
          .confirm(
              "Are you sure you want to reload members " + RestartCommand.names(members) + "?");
    }
    Progress progress = new Progress(cluster, spec.commandLine());
    boolean all = true;
    for (MemberStatus member : members) {
      ReloadRequest request = ReloadRequest.newBuilder().setMember(member.getName()).build();
      Operation asked = cluster.ask(client -> client.reload(request, cluster.timeoutOfChange()));
      Operation ended = progress.follow(asked);
      all &=
          progress.end(
              ended, "Success: reload on member " + member.getName() + ": " + what(ended, member));
    }
    return all ? ExitStatus.DONE : ExitStatus.FAILED;
  }

  /** What came of it, without the beginning that names the member. */
  private static String what(Operation ended, MemberStatus member) {
    String reason = ended.getReason();
    int after = reason.indexOf(": ");
    return after > 0 && reason.lastIndexOf(member.getName(), after) >= 0
        ? reason.substring(after + 2)
        : reason;
  }
}
