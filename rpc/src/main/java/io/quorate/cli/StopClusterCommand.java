package io.quorate.cli;

import io.quorate.rpc.grpc.AdminClient;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<String> failures = new ArrayList<>();
    for (String address : cluster.addresses()) {
      try (AdminClient client = cluster.client(address)) {
        var _ = client.stopCluster(cluster.timeout()).toCompletableFuture().join();
        out.println("all agents were asked to stop");
        out.flush();
        return 0;
      } catch (CompletionException e) {
        failures.add(address + ": " + Failures.text(e));
        if (e.getCause() instanceof AdminClient.Refused refused && refused.reached()) {
          break;
        }
      }
    }
    throw new CliException(
        "the cluster was not asked to stop:\n  " + String.join("\n  ", failures));
  }
}
