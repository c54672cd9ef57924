package io.quorate.cli;

import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.MemberStatus;
import io.quorate.proto.admin.v1.Operation;
import io.quorate.proto.admin.v1.RestartRequest;
import io.quorate.proto.admin.v1.Role;
import io.quorate.time.BootTime;
import io.quorate.time.SystemTime;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quorate restart}. */
@Command(
    name = "restart",
    description = {
      "Restart PostgreSQL: one member after the other, standbys first, the primary last.",
      "Where a setting is lowered that standbys must not have less of, the primary goes first.",
      "Waits until a standby receives again. Stops at the first one that does not come back."
    },
    mixinStandardHelpOptions = true)
final class RestartCommand implements Callable<Integer> {

  private static final Duration LEARNING = Duration.ofSeconds(5);
  private static final Duration BETWEEN = Duration.ofMillis(200);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private MemberSelection selection = new MemberSelection();

  @Option(names = "--any", description = "Only one of the members that fit.")
  private boolean any;

  @Option(
      names = "--scheduled",
      paramLabel = "TIME",
      description = "When, such as 2030-01-31T22:00; default: now.")
  private Optional<String> scheduled = Optional.empty();

  @Option(
      names = "--pg-version",
      paramLabel = "VERSION",
      description = "Only where PostgreSQL runs a lower version, such as 15.4.")
  private Optional<String> version = Optional.empty();

  @Option(names = "--pending", description = "Only where a setting waits for a restart.")
  private boolean pending;

  @Option(
      names = "--restart-timeout",
      paramLabel = "SECONDS",
      description = "Bound on stop and start, each.")
  private Optional<Double> bound = Optional.empty();

  @Option(names = "--force", description = "Ask nothing.")
  private boolean force;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    CliException.WrongUse.unlessBlank("--scheduled", scheduled);
    CliException.WrongUse.unlessBlank("--pg-version", version);
    Optional<String> at = Times.scheduled(scheduled.orElse("now"));
    if (bound.filter(s -> !(s > 0 && s <= 86_400)).isPresent()) {
      throw new CliException.WrongUse(
          "--restart-timeout must be more than 0 and at most 86400 seconds, is " + bound.get());
    }
    ClusterStatus status = cluster.status();
    List<MemberStatus> members = chosen(status, at.isPresent());
    if (members.isEmpty()) {
      out.println("No member waits for a restart");
      out.flush();
      return ExitStatus.DONE;
    }
    if (!force) {
      new MemberList(status).lines(Format.PRETTY, false).forEach(out::println);
      Prompt prompt = new Prompt(out);
      if (scheduled.isEmpty()) {
        at = Times.scheduled(prompt.text("When should the restart take place", "now"));
      }
      prompt.confirm("Are you sure you want to restart members " + names(members) + "?");
    }
    boolean primaryFirst = RestartOrder.primaryFirst(members) && at.isEmpty();
    for (MemberStatus member : members) {
      boolean late =
          primaryFirst && member.getRole() == Role.ROLE_STANDBY && !awaitsRestart(member.getName());
      if (!(late && pending) && !restart(member, at, out)) {
        return ExitStatus.FAILED;
      }
    }
    return ExitStatus.DONE;
  }

  private List<MemberStatus> chosen(ClusterStatus status, boolean later) {
    List<MemberStatus> members = selection.of(status);
    if (pending && !later) {
      // Nothing waits on standbys yet for what the primary is to have less of first.
      boolean primaryFirst = RestartOrder.primaryFirst(members);
      members =
          members.stream().filter(m -> primaryFirst || m.getPendingRestartCount() > 0).toList();
    }
    members = RestartOrder.of(members);
    return any && !members.isEmpty() ? members.subList(0, 1) : members;
  }

  /**
   * Waits until a standby has learned from the WAL that its primary has less by now: started
   * before, it would keep as much as it has.
   */
  private boolean awaitsRestart(String standby) throws InterruptedException {
    BlockingQueue<Boolean> never = new LinkedBlockingQueue<>();
    try (SystemTime time = SystemTime.start()) {
      BootTime until = time.now().plus(LEARNING);
      while (cluster.status().getMembersList().stream()
          .noneMatch(m -> m.getName().equals(standby) && m.getPendingRestartCount() > 0)) {
        if (!time.now().isBefore(until)) {
          return false;
        }
        var _ = never.poll(BETWEEN.toMillis(), TimeUnit.MILLISECONDS);
      }
      return true;
    }
  }

  private boolean restart(MemberStatus member, Optional<String> at, PrintWriter out)
      throws InterruptedException {
    RestartRequest request =
        RestartRequest.newBuilder()
            .setMember(member.getName())
            .setScheduledAt(at.orElse(""))
            .setRole(selection.role())
            .setPostgresVersion(version.orElse(""))
            .setPending(pending)
            .setTimeoutMs(bound.map(s -> Math.round(s * 1000)).orElse(0L))
            .build();
    Operation asked = cluster.ask(client -> client.restart(request, cluster.timeoutOfChange()));
    if (at.isPresent()) {
      out.println("Success: restart scheduled on member " + member.getName());
      out.flush();
      return true;
    }
    Progress progress = new Progress(cluster, spec.commandLine());
    return progress.end(progress.follow(asked), "Success: restart on member " + member.getName());
  }

  static String names(List<MemberStatus> members) {
    return members.stream().map(MemberStatus::getName).collect(Collectors.joining(", "));
  }
}
