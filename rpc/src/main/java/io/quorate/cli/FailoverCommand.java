package io.quorate.cli;

import io.quorate.proto.admin.v1.ExplainRequest;
import io.quorate.proto.admin.v1.Explanation;
import io.quorate.proto.admin.v1.FailoverRequest;
import io.quorate.proto.admin.v1.Operation;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quorate failover}. */
@Command(
    name = "failover",
    description = {
      "Make a named member the primary, whether there is one now or not.",
      "Says first what may be lost, and asks."
    },
    mixinStandardHelpOptions = true)
final class FailoverCommand implements Callable<Integer> {

  private static final String NOTHING = "nothing";

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(names = "--candidate", paramLabel = "MEMBER", description = "Who is to be primary.")
  private Optional<String> candidate = Optional.empty();

  @Option(
      names = "--accept-data-loss",
      description = "Also where commits may be missing there; asked for otherwise.")
  private boolean acceptDataLoss;

  @Option(names = "--force", description = "Ask nothing.")
  private boolean force;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    CliException.WrongUse.unlessBlank("--candidate", candidate);
    if (force && candidate.isEmpty()) {
      throw new CliException.WrongUse(
          "a failover needs a candidate: name it with --candidate MEMBER");
    }
    Explanation.Present present =
        cluster
            .ask(client -> client.explain(ExplainRequest.getDefaultInstance(), cluster.timeout()))
            .getPresent();
    String to = candidate.orElse("");
    boolean accepted = acceptDataLoss;
    if (!force) {
      new MemberList(cluster.status()).lines(Format.PRETTY, false).forEach(out::println);
      Prompt prompt = new Prompt(out);
      if (to.isEmpty()) {
        List<String> names =
            present.getStandingsList().stream().map(Explanation.Standing::getMember).toList();
        to = prompt.text("Candidate, one of " + String.join(", ", names), "");
      }
      if (to.isEmpty()) {
        throw new CliException("a failover needs a candidate");
      }
      String loss = loss(present, to);
      out.println("May be lost: " + loss);
      prompt.confirm(
          loss.startsWith(NOTHING)
              ? "Are you sure you want to fail over to " + to + "?"
              : "Are you sure you want to fail over to " + to + " and lose that?");
      accepted |= !loss.startsWith(NOTHING);
    } else {
      stated(present, to).ifPresent(loss -> out.println("May be lost: " + loss));
    }
    out.flush();
    FailoverRequest request =
        FailoverRequest.newBuilder().setCandidate(to).setAcceptDataLoss(accepted).build();
    Operation asked = cluster.ask(client -> client.failover(request, cluster.timeoutOfChange()));
    Progress progress = new Progress(cluster, spec.commandLine());
    Operation end = progress.follow(asked);
    boolean done = progress.end(end, "Successfully failed over to \"" + end.getCandidate() + '"');
    new MemberList(cluster.statusAfter(end)).lines(Format.PRETTY, false).forEach(out::println);
    out.flush();
    return done ? ExitStatus.DONE : ExitStatus.FAILED;
  }

  private static String loss(Explanation.Present present, String candidate) {
    return stated(present, candidate)
        .orElseThrow(() ->
            new CliException(
                candidate
                    + " cannot take over; could: "
                    + String.join(
                        ", ",
                        present.getStandingsList().stream()
                            .filter(standing -> standing.getRefusal().isEmpty())
                            .map(Explanation.Standing::getMember)
                            .toList())));
  }

  /** What a failover to {@code candidate} may lose; empty where it is the primary, or unknown. */
  private static Optional<String> stated(Explanation.Present present, String candidate) {
    return present.getStandingsList().stream()
        .filter(standing -> standing.getMember().equals(candidate))
        .map(Explanation.Standing::getLoss)
        .findFirst();
  }
}
