package io.quorate.cli;

import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.MemberStatus;
import io.quorate.proto.admin.v1.Operation;
import io.quorate.proto.admin.v1.Role;
import io.quorate.proto.admin.v1.SwitchoverRequest;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quorate switchover}. */
@Command(
    name = "switchover",
    description = "Let the primary hand over to a standby in good order, without loss.",
    mixinStandardHelpOptions = true)
final class SwitchoverCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = {"--leader", "--primary"},
      paramLabel = "MEMBER",
      description = "Refuse unless this is the primary.")
  private Optional<String> leader = Optional.empty();

  @Option(
      names = "--candidate",
      paramLabel = "MEMBER",
      description = "Who is to be primary; default: the best.")
  private Optional<String> candidate = Optional.empty();

  @Option(
      names = "--scheduled",
      paramLabel = "TIME",
      description = "When, such as 2030-01-31T22:00; default: now.")
  private Optional<String> scheduled = Optional.empty();

  @Option(names = "--force", description = "Ask nothing.")
  private boolean force;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    CliException.WrongUse.unlessBlank("--leader", leader);
    CliException.WrongUse.unlessBlank("--candidate", candidate);
    CliException.WrongUse.unlessBlank("--scheduled", scheduled);
    Optional<String> _ = Times.scheduled(scheduled.orElse("now"));
    ClusterStatus status = cluster.status();
    if (status.getPrimary().isEmpty()) {
      throw new CliException(
          "cluster "
              + status.getScope()
              + " has no primary to switch over from: see 'quorate"
              + " explain', or use 'quorate failover'");
    }
    SwitchoverRequest request = request(status, out);
    Operation asked = cluster.ask(client -> client.switchover(request, cluster.timeoutOfChange()));
    if (!asked.getScheduledAt().isEmpty()) {
      out.println("Switchover scheduled at " + asked.getScheduledAt());
      out.flush();
      return ExitStatus.DONE;
    }
    Progress progress = new Progress(cluster, spec.commandLine());
    Operation end = progress.follow(asked);
    boolean done = progress.end(end, "Successfully switched over to \"" + end.getCandidate() + '"');
    new MemberList(cluster.statusAfter(end)).lines(Format.PRETTY, false).forEach(out::println);
    out.flush();
    return done ? ExitStatus.DONE : ExitStatus.FAILED;
  }

  private SwitchoverRequest request(ClusterStatus status, PrintWriter out) {
    String from = leader.orElse(status.getPrimary());
    String to = candidate.orElse("");
    String when = scheduled.orElse("now");
    if (!force) {
      new MemberList(status).lines(Format.PRETTY, false).forEach(out::println);
      Prompt prompt = new Prompt(out);
      if (leader.isEmpty()) {
        from = prompt.text("Primary", from);
      }
      if (candidate.isEmpty()) {
        String any = "any of " + String.join(", ", standbys(status));
        String given = prompt.text("Candidate", any);
        to = given.equals(any) ? "" : given;
      }
      if (scheduled.isEmpty()) {
        when = prompt.text("When should the switchover take place", "now");
      }
      prompt.confirm(
          "Are you sure you want to switch over cluster "
              + status.getScope()
              + ", demoting current leader "
              + from
              + "?");
    }
    return SwitchoverRequest.newBuilder()
        .setLeader(from)
        .setCandidate(to)
        .setScheduledAt(Times.scheduled(when).orElse(""))
        .build();
  }

  private static List<String> standbys(ClusterStatus status) {
    return status.getMembersList().stream()
        .filter(member -> member.getRole() == Role.ROLE_STANDBY)
        .map(MemberStatus::getName)
        .toList();
  }
}
