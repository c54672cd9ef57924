package io.quorate.cli;

import io.quorate.proto.admin.v1.ClusterStatus;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quorate stop-cluster}. */
@Command(
    name = "stop-cluster",
    description = {
      "Stop PostgreSQL and the agent of every member, standbys first, without a failover.",
      "Returns once the wish is written to the store; the agents end after."
    },
    mixinStandardHelpOptions = true)
final class StopClusterCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(names = "--force", description = "Ask nothing.")
  private boolean force;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (!force) {
      ClusterStatus status = cluster.status();
      new MemberList(status).lines(Format.PRETTY, false).forEach(out::println);
      new Prompt(out)
          .confirm(
              "Are you sure you want to stop every PostgreSQL and every agent of cluster "
                  + status.getScope()
                  + "?");
    }
    var _ = cluster.ask(client -> client.stopCluster(cluster.timeoutOfChange()));
    out.println("all agents were asked to stop");
    out.flush();
    return ExitStatus.DONE;
  }
}
