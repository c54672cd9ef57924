package io.quorate.cli;

import io.quorate.ha.model.Lsn;
import io.quorate.proto.admin.v1.ExplainRequest;
import io.quorate.proto.admin.v1.Explanation;
import io.quorate.proto.admin.v1.Failover;
import io.quorate.proto.admin.v1.JournalEntry;
import io.quorate.proto.admin.v1.MemberStatus;
import io.quorate.proto.admin.v1.Role;
import io.quorate.rpc.grpc.AdminClient;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quorate explain}. */
@Command(
    name = "explain",
    description = {
      "Say why each member is what it is, why nobody takes over, and what would change that;",
      "with a number, what happened in a past failover."
    },
    mixinStandardHelpOptions = true)
final class ExplainCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Parameters(
      arity = "0..1",
      paramLabel = "N",
      description = "A past failover: 1 is the latest, 2 the one before.")
  private Optional<Integer> number = Optional.empty();

  @Option(
      names = "--epoch",
      paramLabel = "EPOCH",
      description = "A past failover, by the epoch that it began.")
  private Optional<Long> epoch = Optional.empty();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (number.isPresent() && epoch.isPresent()) {
      throw new CliException.WrongUse("a number and --epoch name the same thing: give one of them");
    }
    if (number.filter(n -> n < 1).isPresent()) {
      throw new CliException.WrongUse(
          "failovers are counted from 1, the latest; is " + number.get());
    }
    ExplainRequest.Builder request = ExplainRequest.newBuilder();
    number.ifPresent(request::setFailover);
    epoch.ifPresent(request::setEpoch);
    Explanation first = cluster.ask(client -> client.explain(request.build(), cluster.timeout()));
    (first.hasPast() ? past(first.getPast()) : present(first)).forEach(out::println);
    out.flush();
    return ExitStatus.DONE;
  }

  private List<String> present(Explanation first) {
    List<String> lines = new ArrayList<>();
    // The primary knows most of its own lease.
    Explanation.Present present = first.getPresent();
    String explainer = first.getMember();
    for (MemberStatus member : cluster.status().getMembersList()) {
      lines.add(member.getName() + ":");
      Optional<Explanation> own =
          member.getName().equals(first.getMember()) ? Optional.of(first) : ask(member);
      if (own.isEmpty()) {
        lines.add("  its agent does not answer at " + member.getGrpcAddress());
        continue;
      }
      if (member.getRole() == Role.ROLE_PRIMARY) {
        present = own.get().getPresent();
        explainer = member.getName();
      }
      own.get().getPresent().getRoleList().forEach(line -> lines.add("  " + line));
      lines.add(
          "  "
              + own.get().getPresent().getReason()
              + " ("
              + own.get().getPresent().getSituation()
              + ")");
    }
    lines.add("Why no failover now, as " + explainer + " sees it:");
    present.getFailoverList().forEach(line -> lines.add("  " + line));
    lines.add("What would change that:");
    present.getWouldChangeList().forEach(line -> lines.add("  " + line));
    lines.add("Who could take over:");
    for (Explanation.Standing standing : present.getStandingsList()) {
      lines.add(
          "  "
              + standing.getMember()
              + ": "
              + (standing.getRefusal().isEmpty()
                  ? "could" + (standing.hasLag() ? ", " + standing.getLag() + " bytes behind" : "")
                  : "could not: " + standing.getWhy()));
    }
    return lines;
  }

  private Optional<Explanation> ask(MemberStatus member) {
    try (AdminClient client = cluster.client(member.getGrpcAddress())) {
      return Optional.of(
          client
              .explain(ExplainRequest.getDefaultInstance(), cluster.timeout())
              .toCompletableFuture()
              .join());
    } catch (CompletionException e) {
      return Optional.empty();
    }
  }

  static List<String> past(Explanation.Past past) {
    Failover failover = past.getFailover();
    List<String> lines = new ArrayList<>();
    lines.add(
        "Epoch "
            + failover.getEpoch()
            + ": "
            + (failover.getOldPrimary().isEmpty() ? "?" : failover.getOldPrimary())
            + " -> "
            + failover.getNewPrimary()
            + " at "
            + failover.getAt());
    lines.add("Cause: " + failover.getCause());
    lines.add(
        "Timeline: "
            + failover.getOldTimeline()
            + " -> "
            + failover.getNewTimeline()
            + ", forked at "
            + new Lsn(failover.getPromotedAt()));
    lines.add("Lost: " + failover.getLoss());
    lines.add("Steps, from the moment the new primary saw the lease vanish:");
    failover.getStepsMsMap().entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(step -> lines.add("  " + step.getValue() + " ms " + step.getKey()));
    lines.add("Evidence, the ends of WAL that were pledged and counted:");
    if (past.getCountedCount() == 0) {
      lines.add("  none: there was no election");
    }
    past.getCountedList()
        .forEach(pledge ->
            lines.add(
                "  "
                    + pledge.getMember()
                    + ": "
                    + new Lsn(pledge.getLsn())
                    + " on timeline "
                    + pledge.getTimeline()));
    lines.add("Journal around it:");
    if (past.getJournalCount() == 0) {
      lines.add("  nothing is kept any more");
    }
    past.getJournalList().forEach(entry -> lines.add("  " + line(entry)));
    return lines;
  }

  static String line(JournalEntry entry) {
    return entry.getAt()
        + " "
        + entry.getMember()
        + " "
        + entry.getKind()
        + " "
        + entry.getCode()
        + ": "
        + entry.getText();
  }
}
