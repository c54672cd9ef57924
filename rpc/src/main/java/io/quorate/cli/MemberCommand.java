package io.quorate.cli;

import io.quorate.proto.admin.v1.AddMember;
import io.quorate.proto.admin.v1.ChangeMemberRequest;
import io.quorate.proto.admin.v1.MemberTable;
import io.quorate.proto.admin.v1.PromoteMember;
import io.quorate.proto.admin.v1.RemoveMember;
import io.quorate.proto.admin.v1.ReplaceMember;
import io.quorate.proto.admin.v1.StoreMember;
import io.quorate.rpc.grpc.AdminClient;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quorate member}: who belongs to the store. */
@Command(
    name = "member",
    description = "Show or change the voters of the cluster's store, one change at a time.",
    synopsisSubcommandLabel = "VERB",
    mixinStandardHelpOptions = true)
final class MemberCommand {

  private static final String UNCONFIRMED =
      "no leader of the store answers: these are the members as the member asked knows them";

  @Spec private CommandSpec spec = CommandSpec.create();

  MemberCommand() {}

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  @Command(
      name = "list",
      description = "Show the store's voters and listeners.",
      mixinStandardHelpOptions = true)
  int list(
      @Mixin ClusterOptions cluster,
      @Option(
              names = {"-f", "--format"},
              paramLabel = "FORMAT",
              defaultValue = "pretty",
              description = "pretty, json, yaml or tsv; default pretty.")
          Format format) {
    Rows rows =
        new Rows(
            List.of(
                Rows.Column.left("Member"),
                Rows.Column.left("Id"),
                Rows.Column.left("Raft"),
                Rows.Column.left("Service"),
                Rows.Column.left("Role"),
                Rows.Column.left("State")));
    MemberTable table = members(cluster);
    if (!table.getConfirmed()) {
      spec.commandLine().getErr().println("warning: " + UNCONFIRMED);
    }
    for (StoreMember member : table.getMembersList()) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      row.put("Member", member.getName());
      row.put("Id", member.getId());
      row.put("Raft", member.getRaftAddress());
      row.put("Service", member.getMemberAddress());
      row.put("Role", role(member));
      row.put("State", member.getReachable() ? "reachable" : "unreachable");
      rows.add(row);
    }
    rows.lines(format, Optional.empty()).forEach(out()::println);
    out().flush();
    return ExitStatus.DONE;
  }

  @Command(
      name = "add",
      description = {
        "Take in a member that the files of the others do not list yet, or one that was removed.",
        "Start it meanwhile; it is counted once it is up to date."
      },
      mixinStandardHelpOptions = true)
  int add(
      @Mixin ClusterOptions cluster,
      @Mixin MemberChange change,
      @Parameters(paramLabel = "NAME", description = "The new member's name.") String name,
      @Parameters(paramLabel = "RAFT", description = "Its Raft port, HOST:PORT.") String raft,
      @Parameters(paramLabel = "SERVICE", description = "Its member service, HOST:PORT.")
          String service,
      @Option(
              names = "--listener",
              description = "It is sent the store and serves it, but does not vote.")
          boolean listener) {
    return change.make(
        cluster,
        ChangeMemberRequest.newBuilder()
            .setAdd(
                AddMember.newBuilder()
                    .setName(name)
                    .setRaftAddress(raft)
                    .setMemberAddress(service)
                    .setListener(listener))
            .build(),
        out());
  }

  @Command(
      name = "promote",
      description = "Make a listener a voter; refused while it is behind.",
      mixinStandardHelpOptions = true)
  int promote(
      @Mixin ClusterOptions cluster,
      @Mixin MemberChange change,
      @Parameters(paramLabel = "NAME", description = "Whom.") String name) {
    return change.make(
        cluster,
        ChangeMemberRequest.newBuilder()
            .setPromote(PromoteMember.newBuilder().setName(name))
            .build(),
        out());
  }

  @Command(
      name = "remove",
      description = "Take a voter or a listener away; refused where that would leave no majority.",
      mixinStandardHelpOptions = true)
  int remove(
      @Mixin ClusterOptions cluster,
      @Mixin MemberChange change,
      @Parameters(paramLabel = "NAME", description = "Whom.") String name) {
    return change.make(
        cluster,
        ChangeMemberRequest.newBuilder()
            .setRemove(RemoveMember.newBuilder().setName(name).setId(id(cluster, name)))
            .build(),
        out());
  }

  @Command(
      name = "replace",
      description = {
        "Take in a member that lost its storage, in the place of its old identity.",
        "Empty its raft.data_dir, delete its identity copy, and start it meanwhile."
      },
      mixinStandardHelpOptions = true)
  int replace(
      @Mixin ClusterOptions cluster,
      @Mixin MemberChange change,
      @Parameters(paramLabel = "NAME", description = "Whom.") String name) {
    return change.make(
        cluster,
        ChangeMemberRequest.newBuilder()
            .setReplace(ReplaceMember.newBuilder().setName(name).setId(id(cluster, name)))
            .build(),
        out());
  }

  @Command(
      name = "move-leader",
      description = "Let another member lead the store; PostgreSQL's primary stays where it is.",
      mixinStandardHelpOptions = true)
  int moveLeader(
      @Mixin ClusterOptions cluster,
      @Parameters(paramLabel = "NAME", description = "Who shall lead.") String name) {
    String leader =
        cluster.ask((AdminClient client) -> client.moveLeader(name, cluster.timeout())).getLeader();
    out().println(leader + " leads the store");
    out().flush();
    return ExitStatus.DONE;
  }

  @Command(
      name = "recover-majority",
      description = {
        "Go on with this member alone when a majority of the voters is lost for good.",
        "Runs on its host, as its user, while its agent is stopped. What only the lost ones had is"
            + " lost."
      },
      mixinStandardHelpOptions = true)
  int recoverMajority(
      @Parameters(paramLabel = "FILE", description = "The member's configuration, YAML.") Path file,
      @Option(names = "--force", description = "Do not ask.") boolean force) {
    return Main.node()
        .recoverMajority(
            file,
            () -> force || new Prompt(out()).isYes("Give up the others for good?"),
            out(),
            spec.commandLine().getErr());
  }

  private static String role(StoreMember member) {
    if (member.getListener()) {
      return "listener";
    }
    return member.getLeader() ? "leader" : "voter";
  }

  private static MemberTable members(ClusterOptions cluster) {
    return cluster.ask((AdminClient client) -> client.members(cluster.timeout()));
  }

  private static String id(ClusterOptions cluster, String name) {
    List<StoreMember> members = members(cluster).getMembersList();
    return members.stream()
        .filter(member -> member.getName().equals(name))
        .findFirst()
        .map(StoreMember::getId)
        .orElseThrow(() ->
            new CliException(
                "the store has no voter named '%s', only %s"
                    .formatted(name, members.stream().map(StoreMember::getName).toList())));
  }
}
